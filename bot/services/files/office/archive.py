"""What is in a zipped office file, and its XML element by element; both bounded.

A zip says how large its members are before they are unpacked, and may lie: what comes out is counted too. XML with a
DTD is refused, so that no entity grows or fetches anything.
"""

import re
from collections.abc import Callable
from xml.parsers import expat
from zipfile import ZipFile

from ..unfit import Unfit

MOST_MEMBERS, MOST_UNPACKED = 5_000, 60_000_000
DEEPEST = 200

Attributes = dict[str, str]


class Enough(Exception):
    """More words are not taken: what was read until then is the beginning."""


class Words:
    """At most so many characters."""

    def __init__(self, most: int) -> None:
        self._pieces: list[str] = []
        self._left = most

    def add(self, text: str) -> None:
        self._pieces.append(text[: self._left])
        self._left -= len(text)
        if self._left < 0:
            raise Enough

    def __str__(self) -> str:
        return "".join(self._pieces)


class Archive:
    """Its members, as much as may be unpacked of all of them together."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive, self._left = archive, MOST_UNPACKED
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise Unfit("file_broken")
        self.names = [member.filename for member in members]

    def read(self, name: str) -> bytes:
        """Empty where there is none. What a member says of its size is looked at first, and not believed."""
        if name not in self.names:
            return b""
        if self._archive.getinfo(name).file_size > self._left:
            raise Unfit("file_broken")
        with self._archive.open(name) as member:
            found = member.read(self._left + 1)
        self._left -= len(found)
        if self._left < 0:
            raise Unfit("file_broken")
        return found

    def numbered(self, beginning: str) -> list[str]:
        """``xl/worksheets/sheet2.xml`` before ``sheet10.xml``."""
        number = re.compile(re.escape(beginning) + r"(\d{1,6})\.xml")
        found = [(int(match[1]), name) for name in self.names if (match := number.fullmatch(name))]
        return [name for _, name in sorted(found)]


def elements(
    xml: bytes,
    started: Callable[[str, Attributes], None],
    ended: Callable[[str], None] = lambda _: None,
    said: Callable[[str], None] = lambda _: None,
) -> None:
    """Each element's name without its namespace; raises what a reader raises."""
    parser = expat.ParserCreate()
    depth = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Unfit("file_broken")
        started(name.rpartition(":")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        ended(name.rpartition(":")[2])

    def doctype(*_: object) -> None:
        raise Unfit("file_broken")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, said
    parser.StartDoctypeDeclHandler = doctype
    parser.buffer_text = True
    parser.Parse(xml, True)


def listed(archive: Archive, part: str, element: str, otherwise: str) -> list[tuple[str, str]]:
    """In the order of ``part``: the name that each ``element`` gives and the member that it stands for.

    Where the part does not say which, the members are taken by their numbers.
    """
    folder, _, name = part.rpartition("/")
    targets: dict[str, str] = {}
    named: list[tuple[str, str]] = []

    def relation(_: str, given: Attributes) -> None:
        target = given.get("Target", "")
        targets[given.get("Id", "")] = target[1:] if target.startswith("/") else f"{folder}/{target}"

    def meant(found: str, given: Attributes) -> None:
        if found == element:
            named.append((given.get("name", ""), next((given[key] for key in given if key.endswith(":id")), "")))

    elements(archive.read(part), meant)
    if relations := archive.read(f"{folder}/_rels/{name}.rels"):
        elements(relations, relation)
    members = [(title, targets.get(number, "")) for title, number in named]
    if members and all(member in archive.names for _, member in members):
        return members
    titles = [title for title, _ in named]
    return [
        (titles[place] if place < len(titles) else "", member)
        for place, member in enumerate(archive.numbered(otherwise))
    ]
