"""A workspace's card as an administrator fills it in, and what may be wrong with it, field by field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from run_cards.checks import looks_like_usher, web_address
from run_cards.icons import ICONS

MOST_TITLE, MOST_LINE, MOST_TOOLS, MOST_QUESTIONS, MOST_AUDIENCE = 24, 150, 200, 3, 100
SIGN_IN: Mapping[str, str] = {
    "none": "Nothing: it is open to whoever reaches it",
    "token": "Each member's own token",
    "oauth": "Each member signs in there (OAuth)",
    "shared": "One token for all, which you enter next",
}
TAKEN = "There is a card of that name already. Choose another."
NO_ICON = "electric_plug"
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
# What the protocol or the connection itself needs, and what would carry a member's token to somebody else.
NOT_OURS = re.compile(
    r"(host|connection|cookie|te|trailer|upgrade|expect|origin|accept|forwarded|via)"
    r"|(content|transfer|proxy|sec|mcp|x-forwarded)-.*"
)
TOOL = re.compile(r"[A-Za-z0-9_./-]{1,128}")


@dataclass(frozen=True)
class Draft:
    title: str
    about: str
    url: str
    signs_in: str
    header: str = "Authorization"
    reads: tuple[str, ...] = ()
    icon: str = NO_ICON
    questions: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    """Ids of members; empty: everybody."""

    def complaints(self, taken: Iterable[str]) -> dict[str, str]:
        """By field; ``taken`` are the names and titles of the other cards."""
        found = {
            "title": _title(self.title, taken),
            "about": _line(self.about, MOST_LINE),
            "url": web_address(self.url),
            "signs_in": None if self.signs_in in SIGN_IN else "Choose what is offered here.",
            "header": _header(self.header) if self.signs_in in ("token", "shared") else None,
            "reads": _tools(self.reads),
            "icon": None if self.icon in ICONS else "Choose what is offered here.",
            "questions": _questions(self.questions),
            "audience": f"At most {MOST_AUDIENCE} members." if len(self.audience) > MOST_AUDIENCE else None,
        }
        return {field: complaint for field, complaint in found.items() if complaint}


def _title(value: str, taken: Iterable[str]) -> str | None:
    if complaint := _line(value, MOST_TITLE):
        return complaint
    if looks_like_usher(value):
        return "That is my own name, and its tools would look like mine. Choose another."
    return TAKEN if value.strip().casefold() in {each.casefold() for each in taken} else None


def _line(value: str, most: int) -> str | None:
    fits = 0 < len(value.strip()) <= most and value.strip().isprintable()
    return None if fits else f"This is one line of 1 to {most} characters."


def _header(value: str) -> str | None:
    if not HEADER.fullmatch(value):
        return "A header's name is one word, such as Authorization or X-API-Key."
    if NOT_OURS.fullmatch(value.casefold()):
        return "That header is needed for the connection itself. Most services take Authorization or X-API-Key."
    return None


def _tools(names: tuple[str, ...]) -> str | None:
    if len(names) > MOST_TOOLS:
        return f"At most {MOST_TOOLS} tools."
    odd = next((name for name in names if not TOOL.fullmatch(name)), None)
    return f"Names of tools as the server tells them, one a line. “{odd[:40]}” is none." if odd else None


def _questions(questions: tuple[str, ...]) -> str | None:
    if len(questions) > MOST_QUESTIONS:
        return f"At most {MOST_QUESTIONS} questions, one a line."
    return next((complaint for each in questions if (complaint := _line(each, MOST_LINE))), None)
