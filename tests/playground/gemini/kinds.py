"""How the tables of openings are written: what is said, what is called for it, what the answer has and never has."""

from dataclasses import dataclass, field
from typing import Any

Calls = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Said:
    """One turn: ``says`` are all in the answer, ``never`` are not; ``calls`` are exactly those made, in order."""

    words: str
    calls: Calls = field(default_factory=list)
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    allow: bool = True


def said(words: str, *calls: tuple[str, dict[str, Any]], says: str | tuple[str, ...] = (), **others: Any) -> Said:
    return Said(words, list(calls), (says,) if isinstance(says, str) else says, **others)


def now(zone: str) -> tuple[str, dict[str, Any]]:
    return "time__get_current_time", {"timezone": zone}


def convert(time: str, source: str, target: str) -> tuple[str, dict[str, Any]]:
    return "time__convert_time", {"time": time, "source_timezone": source, "target_timezone": target}


def add(text: str, **title: str) -> tuple[str, dict[str, Any]]:
    return "notes__add_note", {"text": text, **title}


def read(title: str) -> tuple[str, dict[str, Any]]:
    return "notes__read_note", {"title": title}


def delete(title: str) -> tuple[str, dict[str, Any]]:
    return "notes__delete_note", {"title": title}


def link(title: str, **others: Any) -> tuple[str, dict[str, Any]]:
    return "usher__create_temporary_chat_link", {"title": title, **others}


def revoke(title: str) -> tuple[str, dict[str, Any]]:
    return "usher__revoke_temporary_chat_link", {"title": title}


NOTES: tuple[str, dict[str, Any]] = ("notes__list_notes", {})
LINKS: tuple[str, dict[str, Any]] = ("usher__list_temporary_chat_links", {})
