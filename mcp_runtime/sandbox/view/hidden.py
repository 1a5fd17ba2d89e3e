"""What no program sees, whatever lies around it is shown: Usher's own folder, its settings, its database, its keys."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import mcp_runtime

ROOT = Path(mcp_runtime.__file__).parents[1]
OURS = (Path(".env"), *(() if ROOT.name == "site-packages" else (ROOT,)))
"""Of every Usher: its settings where it was started, and the folder that it runs from, unless it is installed."""
MOST_PARTS = 200
"""Of one folder, beside what is hidden there: each takes a mount of its own."""


def where(hidden: Iterable[Path]) -> list[Path]:
    """Where each lies, or will lie; and where it leads when it is a link."""
    places = ((each.parent.resolve() / each.name, each.resolve()) for each in hidden)
    return list(dict.fromkeys(place for both in places for place in both))


def parts(folder: Path, places: Iterable[Path]) -> Iterator[Path]:
    """All of a folder but these, as `where` finds them; each by its path from there: the whole, or what is in it.

    Nothing is laid over a file to hide it: that would go when another takes its place by a rename, as editors and
    deployments write a file. So no folder on the way to one is shown as it is, and what is made there later is not
    seen. A folder that is shown on purpose stays, whatever it lies in.
    """
    real = folder.resolve()
    below = [each for each in places if each != real and each.is_relative_to(real)]
    yield from _parts(real, Path(), below)


def led_to(link: Path) -> str | None:
    try:
        return str(link.readlink())
    except OSError:  # it is none, or gone by now
        return None


def _parts(real: Path, at: Path, below: Collection[Path]) -> Iterator[Path]:
    if not any(each.is_relative_to(real / at) for each in below):
        yield at
        return
    for each in _entries(real / at):
        if any(_is(each, one) for one in below):
            continue
        if each.is_symlink():
            yield at / each.name  # leads to what it names in there, which may be nothing
        else:
            yield from _parts(real, at / each.name, below)


def _is(found: Path, hidden: Path) -> bool:
    """Or stands beside it under a longer name: a copy that is being written, a journal of a database."""
    if found == hidden or found.parent != hidden.parent or hidden.is_dir():
        return found == hidden
    return found.name.startswith(hidden.name)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # not ours to look into: then it is nobody's
        return []
