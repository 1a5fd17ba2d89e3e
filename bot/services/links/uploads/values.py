"""Which files a guest may send, and what is told of one that was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.services.files.kinds import KINDS, MEGABYTE, PDF, PICTURE, TEXT, Ref
from bot.services.limits.refusals import refused
from storage.tables import GuestFile, Link

ENDINGS: Mapping[str, tuple[str, ...]] = {
    PICTURE: (".png", ".jpg", ".jpeg", ".webp", ".gif"),
    PDF: (".pdf",),
    TEXT: (".txt", ".csv", ".md"),
}
"""As a browser offers them to choose from; what is taken is decided by what is in them."""
MOST_FILES, MOST_MEGABYTES = 20, 10
AT_ONCE = 4
"""With one message."""


@dataclass(frozen=True)
class FileTerms:
    """What this installation allows; no files at all where ``most`` is 0."""

    most: int = 10
    """Of each guest, in one chat."""
    megabytes: int = 5
    """Of each file."""
    kinds: tuple[str, ...] = KINDS
    day_megabytes: int = 500
    """Of all guests of a workspace together, in a day; one guest may send a tenth of it."""


USUAL_FILES = FileTerms()


@dataclass(frozen=True)
class Allowed:
    """On one link."""

    count: int
    megabytes: int
    kinds: tuple[str, ...]

    @property
    def bytes(self) -> int:
        return self.megabytes * MEGABYTE

    @property
    def accept(self) -> str:
        return ",".join(ending for kind in self.kinds for ending in ENDINGS[kind])

    def told(self) -> dict[str, Any]:
        """For a sentence in a catalogue."""
        return {"count": self.count, "most": self.megabytes, **{kind: kind in self.kinds for kind in KINDS}}

    def check(self, kind: str) -> None:
        """Raises `Refused`."""
        if kind not in self.kinds:
            raise refused("file_kind", **self.told())


def allowed(link: Link, terms: FileTerms) -> Allowed | None:
    """What its creator chose, as far as the installation still allows it; None: no files."""
    chosen = link.limits.get("files") or {}
    kinds = tuple(kind for kind in KINDS if kind in chosen.get("kinds", ()) and kind in terms.kinds)
    count = min(int(chosen.get("count", 0)), terms.most)
    if count <= 0 or not kinds:
        return None
    return Allowed(count, min(int(chosen.get("megabytes") or terms.megabytes), terms.megabytes), kinds)


def ref(file: GuestFile) -> Ref:
    told = {name: getattr(file, name) for name in ("id", "name", "kind", "mime", "size", "tokens")}
    return told | ({"width": file.width, "height": file.height} if file.kind == PICTURE else {})
