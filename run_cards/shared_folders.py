"""Folders of this machine that an operator lets members connect: what a form offers of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from run_cards.fields import Field, Kind, Option, needed

READS, CHANGES = "Can only be read.", "Can be read and changed; each change asks you first."


@dataclass(frozen=True)
class SharedFolder:
    name: str
    place: str
    """Its path as its programs see it."""
    writable: bool = False


def asked(folders: Sequence[SharedFolder], kind: Kind, hint: str) -> Field:
    """Which of them: one, or any."""
    name, label = ("folder", "Folder") if kind is Kind.CHOICE else ("folders", "Folders")
    return Field(name, label, hint=hint, check=needed, kind=kind, options=options(folders), default=only(folders))


def options(folders: Sequence[SharedFolder]) -> tuple[Option, ...]:
    return tuple(Option(each.name, each.name, CHANGES if each.writable else READS) for each in folders)


def only(folders: Sequence[SharedFolder]) -> str:
    """What a form holds at first: the one that there is, or none where there is a choice."""
    return folders[0].name if len(folders) == 1 else ""


def places(folders: Sequence[SharedFolder]) -> dict[str, str]:
    return {each.name: each.place for each in folders}
