"""What a process has room for: each door has places of its own, to run turns and to show them, and nobody has all."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from bot.running.shares import OF_A_WORKSPACE, full
from bot.services.chats.values import Whose
from storage.repositories.conversations.among import DOORS, Among
from storage.tables import Turn

SHOWN = 5
"""Times as many turns may be shown as run: a Slack that hangs holds what is over, and neither the model nor guests."""
OF_ONE = 0.5
"""Of a door's places: who asks without end leaves the rest to others."""


@dataclass
class Places:
    """``at_once`` of each door; ``apart``: they are of several workspaces, none of which may have all of them."""

    at_once: int
    apart: bool
    kept: list[Whose] = field(default_factory=list)
    """For turns whose messages are being taken in."""
    workspaces: dict[str, str] = field(default_factory=dict)
    """By door whose turn was taken last, and by door and workspace who had asked."""
    served: dict[tuple[str, str], str] = field(default_factory=dict)
    door: str = ""

    def among(self, turns: Collection[Turn]) -> Among:
        """What there is room for, beside these."""
        running = [*self.kept, *map(whose, filter(runs, turns))]
        shown = Counter(turn.door for turn in turns if not runs(turn))
        by_door = Counter(each.door for each in running)
        return Among(
            doors=self._in_turn(door for door in DOORS if by_door[door] < self.at_once and self._shows(shown, door)),
            showing=[door for door in DOORS if self._shows(shown, door)],
            full={door: self._full(running, door) for door in DOORS},
            busy={door: self._busy(running, door) for door in DOORS},
            after=self.workspaces,
            served=self.served,
            besides=[turn.id for turn in turns],
        )

    def has_room(self, turns: Iterable[Turn], of: Whose) -> bool:
        """For one more of theirs, beside these; as `among` has it, but for them alone."""
        beside = [turn for turn in turns if turn.door == of.door]
        running = [*(each for each in self.kept if each.door == of.door), *map(whose, filter(runs, beside))]
        shown = {of.door: len(beside) - sum(map(runs, beside))}
        return (
            len(running) < self.at_once
            and self._shows(shown, of.door)
            and of.workspace not in self._full(running, of.door)
            and of.asker not in self._busy(running, of.door)
        )

    def took(self, turn: Turn) -> None:
        """Others are next."""
        self.door, self.workspaces[turn.door] = turn.door, turn.workspace_id
        self.served[turn.door, turn.workspace_id] = turn.asker

    def _in_turn(self, doors: Iterable[str]) -> list[str]:
        return sorted(doors, key=lambda door: door == self.door)

    def _shows(self, shown: Mapping[str, int], door: str) -> bool:
        return shown.get(door, 0) < self.at_once * SHOWN

    def _full(self, running: Iterable[Whose], door: str) -> list[str]:
        held = (each.workspace for each in running if each.door == door)
        return full(held, self.at_once, OF_A_WORKSPACE if self.apart else 1.0)

    def _busy(self, running: Iterable[Whose], door: str) -> list[str]:
        """A link is no one person: its guests share the door with those of others, and have all that is left."""
        if door == "link":
            return []
        return full((each.asker for each in running if each.door == door), self.at_once, OF_ONE)


def whose(turn: Turn) -> Whose:
    return Whose(turn.door, turn.workspace_id, turn.asker)


def runs(turn: Turn) -> bool:
    """What is over is only shown by now."""
    return turn.status == "running"


def limited(among: Among) -> bool:
    """Something may wait although there is work for it: whatever ends makes room."""
    lists = (*among.full.values(), *among.busy.values())
    return len(among.doors) < len(DOORS) or len(among.showing) < len(DOORS) or any(lists)
