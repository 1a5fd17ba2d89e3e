"""A stranger's YAML: how deep it goes, and what its aliases stand for, is counted before any object is made of it."""

from typing import Any

import yaml

DEEPEST = 200
"""The loader that is written in C calls itself for each level, and the whole program ends when its stack is full."""
MOST_NODES = 2_000_000
"""Each alias counted as all that it stands for: nine lines of nine aliases each are 400 million («billion laughs»)."""
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""A description of some megabytes takes the one that is written in Python minutes."""


class TooMuch(ValueError):
    """It would become more, or goes deeper, than any document that is meant to be read."""


def read(text: str) -> Any:
    """Raises `TooMuch`, also for what holds itself, and `yaml.YAMLError`."""
    _count(text)
    return yaml.load(text, LOADER)  # noqa: S506  both loaders are safe


def _count(text: str) -> None:
    sizes: dict[str, int] = {}
    around: list[tuple[str | None, int]] = []
    """The anchors of what is open, and how much each holds so far."""
    for event in yaml.parse(text, LOADER):
        anchor, size = None, 0
        if isinstance(event, yaml.CollectionStartEvent):
            around.append((event.anchor, 1))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = around.pop()
        elif isinstance(event, yaml.AliasEvent):
            size = sizes.get(str(event.anchor), MOST_NODES + 1)  # of what is still open: it would hold itself
        elif isinstance(event, yaml.ScalarEvent):
            anchor, size = event.anchor, 1
        if anchor:
            sizes[anchor] = size
        if around and size:
            around[-1] = around[-1][0], around[-1][1] + size
        if size > MOST_NODES or len(around) > DEEPEST:
            raise TooMuch
