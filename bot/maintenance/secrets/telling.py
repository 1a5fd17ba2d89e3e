"""What `usher secrets` says: how far it is, what it did, and by name what it could not do."""

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcp_runtime.secrets.rounds import Left
    from storage.database import Database
    from storage.tables import Secret

DONE, NOT_ALL, CANNOT = 0, 1, 2
NAMED = 20
"""Of those that share a reason; of more, how many there are is enough to see that the reason is not theirs."""
OPERATOR = "operator"
ENDED = "a sign-in that has ended"


class Stopped(Exception):
    """The text says why, and what to do."""


class Progress:
    """How far it is: on a terminal one line that changes, else a line now and then."""

    EVERY = 5.0

    def __init__(self, total: int) -> None:
        self.done = self._seen = 0
        self.total = total
        self._said = time.monotonic()

    def one_more(self, some: int = 1, *, moved: bool = True) -> None:
        """Also when nothing came of it: who waits sees that it goes on."""
        self.done += some if moved else 0
        self._seen += some
        on_terminal = sys.stderr.isatty()
        if not on_terminal and time.monotonic() - self._said < self.EVERY:
            return
        self._said = time.monotonic()
        told = f"{self._seen} of {max(self.total, self._seen)} secrets looked at"
        sys.stderr.write(f"\r\x1b[K{told} …" if on_terminal else f"{told} …\n")
        sys.stderr.flush()

    def over(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")

    def told(self, did: str) -> str:
        return f"{self.done} of {max(self.total, self.done)} secrets {did}"


async def noted(db: "Database", action: str, detail: dict[str, str | int]) -> None:
    """In the audit of each workspace: secrets are sealed and kept for all of them alike."""
    async with db.begin() as tables:
        for workspace in await tables.workspaces.ids():
            await tables.audit.add(workspace, OPERATOR, action, workspace, detail)


async def named(db: "Database", left: Sequence["Left"]) -> str:
    """A line for each reason, and below it whose secrets they are."""
    lines = []
    for why in dict.fromkeys(each.why for each in left):
        rows = [each.row for each in left if each.why == why]
        lines.append(f"  {len(rows)}: {why}")
        lines += [f"    {await _name(db, row)}" for row in rows[:NAMED]]
        lines += [f"    … and {len(rows) - NAMED} more"] if len(rows) > NAMED else []
    return "\n".join(lines)


async def _name(db: "Database", row: "Secret") -> str:
    async with db.read() as tables:
        connection = await tables.connections.get(row.workspace_id, row.owner, leaving=True)
        card = None if connection else await tables.added_cards.get(row.workspace_id, row.owner)
    if card:
        return f"{_plain(card.title)} (a card of workspace {row.workspace_id}), {row.field}"
    title = _plain(connection.title) if connection else ENDED
    return f"{title} of {row.member_id} in workspace {row.workspace_id}, {row.field}"


def _plain(title: str) -> str:
    """A member chose it, and a terminal does what some characters say."""
    return "".join(each for each in title if each.isprintable())


def done(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
    return DONE


def beside(text: str, code: int = DONE) -> int:
    sys.stderr.write(f"{text}\n")
    return code
