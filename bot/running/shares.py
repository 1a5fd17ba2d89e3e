"""Fair to each: nobody has all the places of a process."""

from collections import Counter
from collections.abc import Iterable

OF_A_WORKSPACE = 0.75
"""Of the places, where there are several: the rest is there for others, however long the work for one lasts."""


def full(held: Iterable[str], places: int, share: float) -> list[str]:
    """Of those for whom each place is held, whoever has so great a share of all; of one place it is that one."""
    most = max(1, int(places * share))
    return [whom for whom, count in Counter(held).items() if count >= most]
