"""Turns that somebody else began or took in, and that nobody may go on with: each is told as interrupted."""

from collections.abc import Sequence

from bot.agent.model import Model
from bot.services.chats.one_turn import interrupt
from bot.services.chats.opening import opened
from bot.services.chats.recording import Recorder
from storage.bus.bus import LocalBus
from storage.database import Database
from storage.tables import Turn

OWNER = "restored"


async def interrupt_all(db: Database, model: Model, workspace: str) -> int:
    """How many there were. No other process may be at work; the next one that starts shows their ends."""
    async with db.begin() as tables:
        left = await tables.turns.seize(workspace, OWNER)
    for turn in left:
        await _interrupt(db, model, turn)
    return len(left)


async def _interrupt(db: Database, model: Model, turn: Turn) -> None:
    async with db.read() as tables:
        conversation = await tables.conversations.get(turn.workspace_id, turn.conversation_id)
    if conversation is None:
        return
    found = await opened(db, model, turn, conversation)
    keeper = Recorder(db, LocalBus(), model, found, _nobody_looks)
    if found.approval and not keeper.doing:
        # It waited to be carried out, and may have been since.
        keeper.doing = _titles(found.approval.calls)
    await interrupt(keeper)
    async with db.begin() as tables:
        await tables.turns.change(turn, lease_owner=None, lease_until=None)


def _titles(calls: Sequence[dict[str, str]]) -> list[str]:
    return [call["title"] for call in calls]


def _nobody_looks(_: object) -> None:
    """Whose face it is starts later."""
