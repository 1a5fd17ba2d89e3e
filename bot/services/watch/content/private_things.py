"""Passwords, tokens, card and account numbers: noted where they are said, and taken out of what goes to Slack.

What is a token beyond doubt is taken out of what the agent says, too: it may well come from the host's side.

Addresses of mail and telephone numbers stay: hosts ask their guests for these.
"""

import re
from collections.abc import Iterator

from bot.services.watch.content.secret_shapes import known_spans, secret_spans, unfinished
from bot.services.watch.content.values import Direction, Passed, Said, Verdict

# Each bounded in length, so that the time they take grows with the text's length and no faster.
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_SOCIAL = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
# What each match of the others has in it, and hardly another text: found quicker than they are.
_NUMBER = re.compile(r"\d(?:[ -]?\d){8}")
_IBAN_BEGINS = re.compile(r"[A-Z]{2}\d{2}")

LEFT_OUT = "•••"
"""In any language."""
Span = tuple[int, int, str]


class PrivateThings:
    name = "private"
    directions = frozenset(Direction)
    longest = 8_100

    def __call__(self, said: Said) -> Passed:
        spans = sorted(_spans(said.text))
        if not spans:
            return Passed(said.text)
        found = tuple(dict.fromkeys(kind for *_, kind in spans))
        if said.direction is Direction.AGENT:
            spans = sorted((*span, "") for span in known_spans(said.text))
        if said.direction is Direction.GUEST or not spans:
            return Passed(said.text, Verdict.FLAG, found)
        return Passed(_without(said.text, spans), Verdict.REDACT, found)

    def held(self, said: Said) -> int:
        return unfinished(said.text)


def _spans(text: str) -> Iterator[Span]:
    for start, end in secret_spans(text):
        yield start, end, "secret"
    if _NUMBER.search(text):
        for found in _CARD.finditer(text):
            if _luhn(re.sub(r"\D", "", found[0])):
                yield *found.span(), "card number"
        for found in _SOCIAL.finditer(text):
            yield *found.span(), "social security number"
    if _IBAN_BEGINS.search(text):
        for found in _IBAN.finditer(text):
            if _mod_97(found[0].replace(" ", "")):
                yield *found.span(), "account number"


def _without(text: str, spans: list[Span]) -> str:
    parts, done = [], 0
    for start, end, kind in spans:
        if end <= done:
            continue
        if start >= done:
            parts += [text[done:start], f"[{kind} left out]" if kind else LEFT_OUT]
        done = end
    return "".join([*parts, text[done:]])


def _luhn(digits: str) -> bool:
    doubled = [int(each) * (2 if place % 2 else 1) for place, each in enumerate(reversed(digits))]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0 and len(set(digits)) > 1


def _mod_97(account: str) -> bool:
    return int("".join(str(int(each, 36)) for each in account[4:] + account[:4])) % 97 == 1
