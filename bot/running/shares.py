"""Fair to each workspace: those that wait are served by turns, and none has all the places of a process."""

from collections import Counter

MOST = 0.75
"""Of the places: the rest is there for others, however long the turns of one last."""


class Shares:
    """``apart``: there are several workspaces; one alone has all the places."""

    def __init__(self, places: int, *, apart: bool) -> None:
        self._most = max(1, int(places * MOST)) if apart else places
        self._held: Counter[str] = Counter()
        self.served = ""
        """Whose turn was taken last: the one after it is next."""

    def take(self, workspace: str) -> None:
        self._held[workspace] += 1

    def give_back(self, workspace: str) -> bool:
        """True when it had all that it may: what it has waiting may go on."""
        had_all = self.full(workspace)
        self._held[workspace] -= 1
        if not self._held[workspace]:
            del self._held[workspace]
        return had_all

    def full(self, workspace: str) -> bool:
        return self._held[workspace] >= self._most

    @property
    def all_full(self) -> list[str]:
        return [each for each in self._held if self.full(each)]
