"""A stranger's text, made fit to be repeated: no secrets, no orders to a model, nothing hidden."""

import re
import unicodedata

from playground.gemini.demo.telling.moments import without_stamps

ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|all|earlier"
    r"|your)\b.{0,20}\b(?:instructions?|rules?|prompts?|messages?)"
    r"|\bdo not (?:make|invent|repeat|reveal|mention|tell|call|show|try)\b|\bdon't (?:tell|mention|reveal)\b"
    r"|\byou (?:do not|don't) know (?:it|this|that)\b|\byou (?:are now|must (?:now|always|call"
    r"|not)|should (?:now|always|call))\b"
    r"|\bsystem (?:prompt|message|instruction)|</?(?:system|assistant|instructions?|user)>|^\s*(?:system|assistant)\s*:"
    r"|\b(?:as an|dear|attention|hey|note to(?: the)?) (?:ai|llm|assistant|language model"
    r"|model|agent)\b|\bthe (?:assistant|model|agent|ai) (?:must|should|will)\b"
    r"|\blook before you try again\b|\bdo without it\b|\bdata, not instructions\b",
    re.IGNORECASE | re.MULTILINE,
)
SECRET = re.compile(r"\b(?:gh[pousr]_|github_pat_|sbp_|sk-|xox[abpros]-|xapp-|AIza|glpat-|AKIA|eyJ[\w-]+\.)[\w.-]{8,}")
IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
NOT_FOLLOWED = "I leave those out and do not follow them."
LEFT_OUT = f"It also holds words addressed to AI models. {NOT_FOLLOWED}"
MASKED = "(a secret, left out)"


def fit(text: str) -> str:
    """What may be repeated of it."""
    seen = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    kept = [_without_orders(line) for line in seen.splitlines()]
    lines = [line for line, before in zip(kept, seen.splitlines(), strict=True) if line or not before.strip()]
    return without_stamps(SECRET.sub(MASKED, IMAGE.sub(r"\1", "\n".join(lines)))).strip()


def orders(text: str) -> bool:
    """Whether something in it is meant for a model."""
    return bool(ORDERS.search(text))


def _without_orders(line: str) -> str:
    if not orders(line):
        return line
    return " ".join(sentence for sentence in SENTENCE.split(line) if not orders(sentence))


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…”" else f"{text}."


def clipped(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    cut = text[:most].rsplit(" ", 1)[0] or text[:most]
    return f"{cut}…"
