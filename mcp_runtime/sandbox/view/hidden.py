"""What no program sees, whatever lies around it is shown: Usher's own folder, its settings, its database, its keys."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import mcp_runtime

ROOT = Path(mcp_runtime.__file__).parents[1]
OURS = (Path(".env"), *(() if ROOT.name == "site-packages" else (ROOT,)))
"""Of every Usher: its settings where it was started, and the folder that it runs from, unless it is installed."""


def inside(hidden: Iterable[Path], shown: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    """Where each would be seen, by the path inside; a folder that is shown on purpose stays, whatever it lies in."""
    for place in filter(Path.exists, hidden):
        real = place.resolve()
        for path, folder in shown.items():
            around = folder.resolve()
            if real != around and real.is_relative_to(around):
                yield f"{path}/{real.relative_to(around)}", real


def without(folder: Path, hidden: Iterable[Path]) -> Iterator[Path]:
    """All of a folder but these: it, or what is in it, where a part cannot be taken out of a whole."""
    real = folder.resolve()
    below = [each for each in (place.resolve() for place in hidden) if each != real and each.is_relative_to(real)]
    if not below:
        yield folder
        return
    for each in sorted(real.iterdir()):
        if each not in below:
            yield from without(each, below)
