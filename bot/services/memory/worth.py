"""What is not remembered: secrets, what is huge, and what is no text."""

import re

MOST = 200_000
"""Characters of one result; of a longer one the beginning is remembered, and said to be one."""

# Formats that providers publish, and names that give a value away. A secret missed is worse than a word lost.
_SECRET = re.compile(
    r"(?:xox[abeprs]-|xapp-|gh[pousr]_|github_pat_|glpat-|sk-(?:ant-|proj-)?|sbp_|AIza|AKIA|ASIA|ya29\.|npg_|rk_live_|sk_live_)"
    r"[A-Za-z0-9_\-.]{10,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_NAMED = re.compile(
    r"(?i)([\"']?\b[\w.-]*(?:password|passwd|secret|token|api[_-]?key|authorization|credential)s?[\"']?\s*[:=]\s*)"
    r"(\"[^\"]{4,}\"|'[^']{4,}'|(?:bearer|basic)\s+\S+|[^\s,;}\]]{6,})"
)
_IN_URL = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@:]+:[^\s/@]+@")
HIDDEN = "[secret left out]"


def without_secrets(text: str) -> str:
    text = _SECRET.sub(HIDDEN, text)
    text = _NAMED.sub(lambda found: found[1] + HIDDEN, text)
    return _IN_URL.sub(lambda found: f"{found[1]}{HIDDEN}@", text)


def is_text(text: str) -> bool:
    """Base64, minified code and dumps have hardly a blank; scripts without blanks have letters beyond ASCII."""
    some = text[:4_000]
    if not some.strip() or "\0" in some:
        return False
    if len(some) < 200 or not some.isascii():
        return True
    return sum(c.isspace() or c in ",:;{}" for c in some) / len(some) > 0.04


def remembered(text: str) -> str:
    """What may be kept of a text; empty when nothing."""
    return without_secrets(text[:MOST]) if is_text(text) else ""
