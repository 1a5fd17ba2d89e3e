"""Tell whether a text only says again what a structure beside it says already, as the protocol recommends it should."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

MAX_LENGTH = 1_000_000
"""Characters of all texts together that are looked at; what is longer is cut anyway."""
MAX_PARTS = 20_000
"""Members of the structure that are looked at."""
MAX_COMPARED = 200_000
"""Members that all texts together are compared with: a result may hold thousands of texts, and all wait meanwhile."""

Shape = tuple[type, int]


class Repeated:
    """What a structure says: itself, each part of it, and the texts in it."""

    def __init__(self, structured: Any) -> None:
        self._plain: set[Any] = set()
        self._nested: dict[Shape, list[Any]] = defaultdict(list)
        self._left, self._unread = MAX_COMPARED, MAX_LENGTH
        for part in _parts(structured):
            if isinstance(part, (dict, list)):
                self._nested[_shape(part)].append(part)
            else:
                self._plain.add(part.strip() if isinstance(part, str) else part)

    def says(self, text: str) -> bool:
        """Once too much was compared, only texts are known again."""
        self._unread -= len(text)
        if self._unread < 0:
            return False
        if text.strip() in self._plain:
            return True
        said = _read(text)
        if not isinstance(said, (dict, list)):
            return (said.strip() if isinstance(said, str) else said) in self._plain
        return any(said == part for part in self._alike(said))

    def _alike(self, said: dict[str, Any] | list[Any]) -> Iterator[Any]:
        for part in self._nested.get(_shape(said), ()):
            self._left -= 1 + len(said)
            if self._left < 0:
                return
            yield part


def _shape(part: dict[str, Any] | list[Any]) -> Shape:
    return type(part), len(part)


def _read(text: str) -> Any:
    """As JSON when it is some."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _parts(whole: Any) -> Iterator[Any]:
    """The whole first, then what it is made of, level by level."""
    level, left = [whole], MAX_PARTS
    while level and left > 0:
        yield from level
        left -= len(level)
        nested = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, (dict, list))]
        level = [one for several in nested for one in several][:left]
