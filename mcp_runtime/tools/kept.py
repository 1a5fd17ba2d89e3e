"""What takes long to work out of a tool's definition: done once for each pin, and kept while there is room."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """By key, up to so many characters of definitions together; what was used longest ago goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self._values: OrderedDict[str, tuple[Value, int]] = OrderedDict()

    def of(self, key: str, make: Callable[[], tuple[Value, int]]) -> Value:
        """``make`` gives the value and how many characters it weighs; it may be called by two threads at once."""
        found = self._values.get(key)
        if found is None:
            found = make()
            self._keep(key, found)
        else:
            self._values.move_to_end(key)
        return found[0]

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _keep(self, key: str, found: tuple[Value, int]) -> None:
        if found[1] > self._most or key in self._values:
            return
        self._values[key] = found
        self._left -= found[1]
        while self._left < 0:
            _, (_, weight) = self._values.popitem(last=False)
            self._left += weight
