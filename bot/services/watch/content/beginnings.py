"""Where a text breaks off in the middle of something that is looked for."""

from collections.abc import Iterable, Iterator


class Beginnings:
    """Of all ``wanted`` texts, each up to its last character but one."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._all = {each[:size] for each in wanted for size in range(1, len(each))}
        self._sizes: dict[str, list[int]] = {}
        """By their last character: few of them can stand at the end of a text."""
        for last, size in sorted({(each[-1], len(each)) for each in self._all}, reverse=True):
            self._sizes.setdefault(last, []).append(size)

    def at_the_end_of(self, text: str) -> int:
        """How many characters the longest one has that stands there; 0: none does."""
        return next(self.all_at_the_end_of(text), 0)

    def all_at_the_end_of(self, text: str) -> Iterator[int]:
        """Longest first."""
        sizes = self._sizes.get(text[-1:], ())
        return (size for size in sizes if size <= len(text) and text[-size:] in self._all)
