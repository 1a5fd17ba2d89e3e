"""Does what somebody typed look like a password or token? Names of things, with digits and dates in them, do not.

Known tokens are known by how they begin. Of the rest, a name falls apart into words and numbers, a random string into
bits of one or two characters: the average length of these pieces tells them apart.
"""

import re
from collections.abc import Iterator

from bot.services.watch.content.beginnings import Beginnings

_KNOWN = re.compile(
    r"\bxox[a-z](?:\.xox[a-z])?-[\w.-]{6,}|\bxapp-\d[\w-]{6,}|\bgh[pousr]_\w{6,}|\bgithub_pat_\w{6,}|\bglpat-[\w.-]{6,}"
    r"|\bsbp_\w{16,}|\bsb_(?:secret|publishable)_[\w-]{6,}|\bAIza[\w-]{12,}|\b(?:AKIA|ASIA)[0-9A-Z]{12,}"
    r"|\beyJ[\w-]{6,}|\bya29\.[\w-]{6,}|\bsk-(?:ant|proj|or|svcacct)-[\w-]{12,}|\b[sr]k_(?:live|test)_\w{6,}"
    r"|\bwhsec_\w{12,}|\bSG\.[\w-]{12,}|\bshp(?:at|ca|pa|ss)_\w{12,}|\bdop_v1_\w{12,}|\blin_api_\w{12,}|\bdckr_pat_[\w-]{12,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY(?:(?!-----END)[\s\S]){0,8000}"
)
_GLUED = re.compile(
    r"(?<=\w)(?:xox[a-z]-\d[\w.-]{20,}|xapp-\d-[\w-]{20,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|sbp_[0-9a-f]{20,}|sb_(?:secret|publishable)_[\w-]{20,}|AIza[\w-]{30,}|(?:AKIA|ASIA)[0-9A-Z]{16}|ya29\.[\w-]{20,}"
    r"|eyJ[\w-]{10,}\.[\w-]{10,}|sk-(?:ant|proj|or|svcacct)-(?=[a-z-]{0,20}[A-Z0-9])[\w-]{20,}|[sr]k_(?:live|test)_\w{16,}"
    r"|whsec_\w{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|shp(?:at|ca|pa|ss)_[0-9a-f]{20,}|dop_v1_[0-9a-f]{20,}|lin_api_\w{20,}"
    r"|dckr_pat_[\w-]{20,})"
)
"""The same right behind a letter or digit, where only their real length tells them from a word."""
BEGINNINGS = (
    *("xox", "xapp-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sbp_", "sb_secret_"),
    *("sb_publishable_", "AIza", "AKIA", "ASIA", "eyJ", "ya29.", "sk-ant-", "sk-proj-", "sk-or-", "sk-svcacct-"),
    *("sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", "SG.", "shpat_", "shpca_", "shppa_", "shpss_"),
    *("dop_v1_", "lin_api_", "dckr_pat_", "-----BEGIN "),
)
"""Of all that is known by how it begins."""
_KEY_BEGINS = re.compile(r"-----BEGIN (?:[A-Z ]{0,40}\Z|[A-Z ]*PRIVATE KEY(?:(?!-----END)[\s\S]){0,8000}\Z)")
_LONGEST_KEY = 8_050
_BEGUN = re.compile("|".join(map(re.escape, BEGINNINGS)))
_SHORTER = Beginnings(BEGINNINGS)
_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")
"""Of the words that a beginning could be the end of; others are written without spaces."""
_OF_TOKENS = re.compile(r"[\w.-]*")
_ANNOUNCED = re.compile(
    r"\bbearer\s+(?=\S*\d)\S{6,}|\bbasic\s+[A-Za-z0-9+/]{8,}={1,2}"
    r"|(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key)\s*[:=]\s*\S{6,}"
    r"|://[^/\s:@]+:[^/\s@]+@",
    re.I,
)
_PREFIXED = re.compile(
    r"\b(?:sk|pk|rk|hf|npm|tk|ts|tc|ntn|figd|pypi|secret|pat|key|tok|token|api)[-_]([\w-]{10,})", re.I
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
"""A name: services call projects and documents by them, and few give them out as keys."""
_UNSEEN = re.compile(r"[\u200b-\u200d\u2060\ufeff]")
_RUN = re.compile(r"[A-Za-z0-9]+")
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")

LONG_RUN, LONG_WORD, LONG_LETTERS, AFTER_PREFIX = 16, 20, 20, 10
"""Characters: of a run without a mark in it, of all runs of a word, of a run of letters alone, and after «sk-»."""
_LONG = re.compile(rf"[A-Za-z0-9_+/=.~-]{{{min(LONG_RUN, LONG_WORD)},}}")
"""A word that may be random at all."""

# A shape is looked for only where the text holds what every match of it has in it: nearly no text does, and to look for
# a word is quicker by far than to try all shapes at each of its letters. Each piece of an answer is looked at.
_BY_MARK = {mark: tuple(each for each in BEGINNINGS if mark in each) for mark in "_-."}
_UNMARKED = tuple(each for each in BEGINNINGS if not any(mark in each for mark in _BY_MARK))
_PREFIX_ENDS = re.compile(rf"[-_][\w-]{{{AFTER_PREFIX}}}")


def known_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where something stands that is a token or a private key beyond doubt."""
    shapes = (_KNOWN, _GLUED) if _holds_a_beginning(text) else ()
    return (found.span() for shape in shapes for found in shape.finditer(text))


def unfinished(text: str) -> int:
    """How many characters at the end of the text may be one that `known_spans` finds once there is more of it."""
    end = text[-_LONGEST_KEY:]
    if key := _KEY_BEGINS.search(end):
        return len(end) - key.start()
    if text[-1:].isspace():
        return 0
    backwards = _OF_TOKENS.match(text[::-1])
    unbroken = text[len(text) - backwards.end() :] if backwards else ""
    if begun := _BEGUN.search(unbroken):
        return len(unbroken) - begun.start()
    return next((size for size in _SHORTER.all_at_the_end_of(text) if _may_begin_one(text, size)), 0)


def _may_begin_one(text: str, size: int) -> bool:
    """Right behind a letter only by what no word has in it, or the last letter of every word would wait.

    Of a token that is glued to a word and cut in its first letters the rest is so shown until the answer is whole.
    """
    beginning, before = text[-size:], text[-size - 1 : -size]
    plain = size == 1 or (beginning.isalpha() and beginning.islower())
    return not (plain and _LETTER.match(before))


def looks_secret(text: str) -> bool:
    return any(True for _ in secret_spans(_UNSEEN.sub("", text)))


def secret_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where something stands that looks like one, each from start to end; they may overlap."""
    if "-" in text:
        text = _UUID.sub(lambda found: " " * len(found[0]), text)
    yield from known_spans(text)
    if ":" in text or "=" in text or "bearer" in text.lower():
        for found in _ANNOUNCED.finditer(text):
            yield found.span()
    if _PREFIX_ENDS.search(text):
        for found in _PREFIXED.finditer(text):
            if any(_random_run(run, AFTER_PREFIX) for run in _RUN.findall(found[1])):
                yield found.span()
    for found in _LONG.finditer(text):
        if _random(found[0]):
            yield found.span()


def _holds_a_beginning(text: str) -> bool:
    possible = _UNMARKED
    for mark, beginnings in _BY_MARK.items():
        if mark in text:
            possible += beginnings
    return any(each in text for each in possible)


def _random(word: str) -> bool:
    runs = _RUN.findall(word)
    if any(_random_run(run, LONG_RUN) for run in runs):
        return True
    # Keys that come in short groups, or with / and + among them.
    whole = "".join(runs)
    return len(whole) >= LONG_WORD and _mixed(whole) and _average(runs) < 2.2


def _random_run(run: str, least: int) -> bool:
    if len(run) < least:
        return False
    if _mixed(run):
        return _average([run]) < 4
    return len(run) >= LONG_LETTERS and _average([run]) < 3.4


def _average(runs: list[str]) -> float:
    """Characters of a piece: «customer», «2026» and «v», «2» are pieces."""
    pieces = [piece for run in runs for piece in _PIECE.findall(run)]
    return sum(map(len, pieces)) / max(1, len(pieces))


def _mixed(word: str) -> bool:
    return any(each.isdigit() for each in word) and any(each.isalpha() for each in word)
