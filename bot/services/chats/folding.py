"""The older part of a long conversation becomes a summary, beside the turns."""

import asyncio
import logging
from collections.abc import Sequence

from bot.agent.model import Model
from bot.agent.summary import fold
from bot.errors import Refused
from bot.services.limits.budgets import Metered
from bot.services.limits.budgets.accounts import FOLD, of_member
from bot.services.links.spending import Spending
from storage.database import Database, Tables
from storage.tables import Conversation, Message, Turn

log = logging.getLogger(__name__)


class Folding:
    def __init__(self, db: Database, model: Model, spending: Spending) -> None:
        self._db = db
        self._model = model
        self._spending = spending
        self._tasks: set[asyncio.Task[None]] = set()

    def later(self, turn: Turn, prompt: int = 0) -> None:
        """After this turn, without anybody waiting for it; ``prompt`` is how many tokens its last request had."""
        task = asyncio.create_task(self._fold(turn, prompt))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_log_failure)

    async def close(self) -> None:
        """Give up summaries that are being written; they come with the next turn."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _fold(self, turn: Turn, prompt: int = 0) -> None:
        """A failed one leaves all as it is, and is tried again after the next turn."""
        here = (turn.workspace_id, turn.conversation_id)
        async with self._db.read() as tables:
            conversation = await tables.conversations.get(*here)
            if conversation is None:
                return
            stored = await tables.messages.of(*here, conversation.folded)
        try:
            model = await self._payer(conversation, f"{turn.id}:fold")
            days = [each.created_at.date().isoformat() for each in stored]
            folded = await fold(model, [each.content for each in stored], conversation.summary, prompt, days=days)
        except Refused:  # nothing is left for it; all is kept
            return
        if folded:
            async with self._db.begin() as tables:
                if await _unchanged(tables, conversation, stored[: folded.count]):
                    await tables.conversations.fold(*here, folded.summary, conversation.folded + folded.count)

    async def _payer(self, conversation: Conversation, number: str) -> Model:
        """What is done for a guest goes on their link's account."""
        account = of_member(conversation.workspace_id, conversation.member_id, conversation=conversation.id)
        if conversation.door == "link":
            async with self._db.read() as tables:
                link = await tables.links.get(conversation.workspace_id, conversation.place["link_id"])
            if link:
                session_id = conversation.place["session_id"]
                account = self._spending.account(link, session_id, conversation=conversation.id)
        return Metered(self._model, self._spending.ledger, account.made_for(FOLD), number)


async def _unchanged(tables: Tables, conversation: Conversation, told: Sequence[Message]) -> bool:
    """What was deleted, reworded or folded while the summary was being written does not come back in it."""
    if await _deleted(tables, conversation):
        return False
    now = await tables.conversations.hold(conversation.workspace_id, conversation.id)
    if now is None or (now.summary, now.folded) != (conversation.summary, conversation.folded):
        return False
    there = await tables.messages.of(conversation.workspace_id, conversation.id, now.folded)
    return [(each.id, each.content) for each in there[: len(told)]] == [(each.id, each.content) for each in told]


async def _deleted(tables: Tables, conversation: Conversation) -> bool:
    """Held until the transaction ends: what a guest has deleted comes back in no summary."""
    if conversation.door != "link":
        return False
    session = await tables.sessions.hold(conversation.workspace_id, conversation.place["session_id"])
    return session is None or session.erase_asked_by != ""


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("a conversation was not folded, all of it is kept", exc_info=error)
