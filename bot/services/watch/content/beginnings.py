"""Where a text breaks off in the middle of something that is looked for."""

from collections.abc import Iterable, Iterator


class Beginnings:
    """Of all ``wanted`` texts, each up to its last character but one."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._all = {each[:size] for each in wanted for size in range(1, len(each))}
        self._longest = max(map(len, self._all), default=0)

    def at_the_end_of(self, text: str) -> int:
        """How many characters the longest one has that stands there; 0: none does."""
        return next(self.all_at_the_end_of(text), 0)

    def all_at_the_end_of(self, text: str) -> Iterator[int]:
        """Longest first."""
        sizes = range(min(self._longest, len(text)), 0, -1)
        return (size for size in sizes if text[-size:] in self._all)
