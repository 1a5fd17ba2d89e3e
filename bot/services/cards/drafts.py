"""A workspace's card as an administrator fills it in, and what may be wrong with it, field by field."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mcp_runtime.specs import StdioSpec, as_json, from_json, pin
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
    program: StdioSpec | None = None
    """What was confirmed, in place of an address."""
    seconds: int | None = None
    """That one call of it may take; None: what holds for all."""

    def complaints(self, taken: Iterable[str]) -> dict[str, str]:
        """By field; ``taken`` are the names and titles of the other cards."""
        found = {
            "title": _title(self.title, taken),
            "about": _line(self.about, MOST_LINE),
            "url": None if self.program else web_address(self.url),
            "signs_in": None if self.signs_in in self._ways else "Choose what is offered here.",
            "header": _header(self.header) if self.signs_in in ("token", "shared") else None,
            "reads": _tools(self.reads),
            "icon": None if self.icon in ICONS else "Choose what is offered here.",
            "questions": _questions(self.questions),
            "audience": f"At most {MOST_AUDIENCE} members." if len(self.audience) > MOST_AUDIENCE else None,
        }
        return {field: complaint for field, complaint in found.items() if complaint}

    @property
    def _ways(self) -> Collection[str]:
        return SIGN_IN if self.program is None else (way_of(self.program),)

    @property
    def leads_to(self) -> tuple[str | None, ...]:
        """All of it that decides which server is used, and how."""
        return self.url.strip(), self.signs_in, self.header.strip(), pin(self.program) if self.program else None

    @property
    def columns(self) -> dict[str, Any]:
        """As a workspace's card is kept."""
        listed = {"reads": list(self.reads), "questions": list(self.questions), "audience": list(self.audience)}
        lines = {name: getattr(self, name).strip() for name in ("title", "about", "url", "signs_in", "header", "icon")}
        spec = (as_json(self.program), pin(self.program)) if self.program else (None, None)
        return {**lines, **listed, "spec": spec[0], "pin": spec[1], "seconds": self.seconds}

    @property
    def told(self) -> dict[str, Any]:
        """For the audit: what runs, word by word, and no value of a variable."""
        about = {"title": self.title, "for": len(self.audience) or "everybody"}
        if (spec := self.program) is None or spec.command is None:
            return about | {"url": self.url}
        names = {"variables": [name for name, _ in spec.command.variables], "secrets": list(spec.secret_fields)}
        run = {"command": list(spec.command.words), "files": dict(spec.command.files), "hosts": list(spec.network)}
        return about | run | names | {"pin": pin(spec)}

    @property
    def payload(self) -> dict[str, Any]:
        """To be kept with a page, and read by `draft_from`."""
        return {**asdict(self), "program": as_json(self.program) if self.program else None}


def draft_from(kept: Mapping[str, Any]) -> Draft:
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    said["program"] = from_json(kept["program"]) if kept.get("program") else None
    return Draft(**said)


def way_of(program: StdioSpec) -> str:
    """How members of a program's card sign in: its secrets are entered once, for all."""
    return "shared" if program.secret_fields else "none"


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
