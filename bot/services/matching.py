"""What a person typed, held against names that there are: the same name, or one that is near."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from bot.errors import NotFound

Thing = TypeVar("Thing")

SHORT, LONG = 3, 6
"""Letters: below the first nothing is near, from the second on two edits are; between them, one."""
MOST_NAMED = 8


def same(text: str, names: Iterable[str]) -> list[str]:
    """The names that this is, whatever its case, quotes and punctuation; as they are written when one is so exactly."""
    names = list(names)
    exact = [name for name in names if name.casefold() == text.strip().casefold()]
    return exact or [name for name in names if plain(text) and plain(name) == plain(text)]


def near(text: str, names: Mapping[str, Thing]) -> Thing | None:
    """What the one name within an edit or two stands for; None when there is none, or another as near."""
    typed, best = plain(text), _room(plain(text)) + 1
    found: Thing | None = None
    for name, thing in names.items():
        edits = _edits(typed, plain(name), best + 1)
        if edits < best:
            best, found = edits, thing
        elif edits == best and thing != found:
            found = None
    return found


def not_found(noun: str, text: str, mine: Sequence[tuple[str, str]]) -> NotFound:
    """For a ``text`` that is none of ``mine``, given by id and title."""
    if not mine:
        return NotFound(f"You have no {noun} yet. Make one first.")
    told = f"You have no {noun} called “{text}”."
    nearest = near(text, {title: (each, title) for each, title in mine})
    if nearest:
        return NotFound(f"{told} Did you mean “{nearest[1]}”?", nearest[0])
    titles = ", ".join(title for _, title in mine[:MOST_NAMED])
    return NotFound(f"{told} You have: {titles}{'…' if len(mine) > MOST_NAMED else '.'}")


def plain(text: str) -> str:
    """Its letters and digits alone, in one case: “Supa-Base!” is «supabase»."""
    told = unicodedata.normalize("NFKC", text).casefold()
    return "".join(each for each in told if each.isalnum())


def _room(typed: str) -> int:
    return 0 if len(typed) < SHORT else 1 if len(typed) < LONG else 2


def _edits(one: str, other: str, most: int) -> int:
    """Letters added, dropped, changed or swapped with their neighbour; ``most`` when it would be more."""
    if abs(len(one) - len(other)) >= most:
        return most
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, a in enumerate(one, 1):
        line = [row]
        for column, b in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (a != b))
            if row > 1 and column > 1 and a == other[column - 2] and one[row - 2] == b:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return min(last[-1], most)
