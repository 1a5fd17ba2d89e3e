"""After the turns, in the background: what is said becomes findable, a batch at a time; no answer waits for it."""

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

from bot.agent.embeddings.embedder import Embedder, Later, NoEmbeddings
from bot.agent.model import Model
from bot.errors import Refused
from bot.services.limits.budgets.embedding import paid
from bot.services.limits.budgets.ledger import Ledger
from bot.services.memory.gathering import pieces
from mcp_runtime.tools.names import exposed
from mcp_runtime.tools.untrusted_text import quotable
from run_cards import RunCard
from storage.database import Database
from storage.members import Member
from storage.repositories.memories.memories import Piece
from storage.schema import now
from storage.tables import Conversation, Memory, Turn

TURNS, VECTORS = 50, 100
"""At once."""
ROUNDS = 20
"""Of either kind, of one job: what is left comes with the next."""
LEASE = timedelta(minutes=5)
MOST_TRIES = 5
AGAIN = timedelta(minutes=5)
"""After the first refusal; twice as long after each further one."""

NEXT_MONEY = timedelta(hours=6)
"""A budget that is used up may be raised, or begin anew."""

CardsOf = Callable[[Member], Awaitable[Sequence[RunCard]]]
log = logging.getLogger(__name__)


class Remembering:
    """``trouble`` says why there are no vectors, in a clause for administrators; empty when all is well."""

    def __init__(self, db: Database, model: Model, embedder: Embedder | None, cards: CardsOf, ledger: Ledger) -> None:
        self._db = db
        self._model = model
        self._embedder = embedder
        self._cards = cards
        self._ledger = ledger
        self._same_model = False
        self.trouble = ""

    async def work(self) -> None:
        """Everything that is due, as far as one job goes."""
        for _ in range(ROUNDS):
            if await self._turns() < TURNS:
                break
        if self._embedder is None:
            return
        for _ in range(ROUNDS):
            if await self._vectors(self._embedder) < VECTORS:
                break

    async def _turns(self) -> int:
        async with self._db.read() as tables:
            over = await tables.forgetting.unremembered(TURNS)
        if guests := [turn for turn, conversation in over if conversation.door != "slack"]:
            async with self._db.begin() as tables:  # what guests say is never remembered
                await tables.forgetting.pass_over(guests)
        for turn, conversation in over:
            if conversation.door != "slack":
                continue
            found = await self._pieces(turn, conversation)
            async with self._db.begin() as tables:
                # Held: a conversation that is being forgotten takes nothing in any more.
                if await tables.forgetting.first_to_remember(turn) and found:
                    member = Member(conversation.workspace_id, conversation.member_id)
                    await tables.memories.add(member, conversation.id, found, turn.ended_at or now())
        return len(over)

    async def _pieces(self, turn: Turn, conversation: Conversation) -> list[Piece]:
        async with self._db.read() as tables:
            messages = await tables.messages.with_the_one_before(turn.workspace_id, turn.conversation_id, turn.id)
            events = await tables.events.of_turn(turn.workspace_id, turn.id)
        titles: dict[str, str] = {}
        if any(self._model.given(each.content) for each in messages if each.turn_id == turn.id):
            titles = await self._titles(Member(conversation.workspace_id, conversation.member_id))
        return pieces(self._model, turn, messages, events, titles)

    async def _titles(self, member: Member) -> dict[str, str]:
        """What people call each tool, by the name that the model calls it; without what is not to be remembered."""
        cards = {card.name: card for card in await self._cards(member)}
        async with self._db.read() as tables:
            mine = await tables.connections.of(member.workspace, member.id)
            tools = await tables.tools.of_many(member.workspace, [each.id for each in mine])
        by_id = {each.id: each for each in mine if each.card not in cards or not cards[each.card].private}
        found: dict[str, str] = {}
        for tool in tools:
            if connection := by_id.get(tool.connection_id):
                name = exposed(connection.slug, tool.name, found)
                found[name] = f"{quotable(connection.title)}: {quotable(tool.title or tool.name)}"
        return found

    async def _vectors(self, embedder: Embedder) -> int:
        """How many were embedded; 0 also when it has to wait."""
        if not self._same_model:
            async with self._db.begin() as tables:
                if changed := await tables.vectors.change_model(embedder.tag, now()):
                    log.info("%d memories are embedded anew, by %s", changed, embedder.tag)
            self._same_model = True
        async with self._db.begin() as tables:
            due = await tables.vectors.take(now(), VECTORS, LEASE)
        if not due:
            return 0
        try:
            async with AsyncExitStack() as accounts:
                due = await self._paid(accounts, embedder, due)
                vectors = await embedder.documents([_whole(each) for each in due]) if due else []
        except Later as later:
            await self._wait(due, later.seconds)
            return 0
        except NoEmbeddings as refused:
            await self._refused(due, str(refused))
            return 0
        self.trouble = ""
        async with self._db.begin() as tables:
            await tables.vectors.keep(embedder.tag, {each.number: v for each, v in zip(due, vectors, strict=True)})
        return len(due)

    async def _paid(self, accounts: AsyncExitStack, embedder: Embedder, due: Sequence[Memory]) -> list[Memory]:
        """Those that somebody pays for; of whoever has used up their budget they stay findable by words, and wait."""
        theirs: dict[Member, list[Memory]] = defaultdict(list)
        for each in due:
            theirs[Member(each.workspace_id, each.member_id)].append(each)
        found: list[Memory] = []
        for member, memories in theirs.items():
            texts = [_whole(each) for each in memories]
            try:
                await accounts.enter_async_context(paid(self._ledger, member, embedder.model, texts, patient=False))
            except Refused:
                await self._put_off(memories, NEXT_MONEY.total_seconds())
            else:
                found += memories
        return found

    async def _wait(self, due: Sequence[Memory], seconds: float) -> None:
        self.trouble = f"waits {seconds:.0f} s, as the API asks"
        await self._put_off(due, seconds)

    async def _put_off(self, due: Sequence[Memory], seconds: float) -> None:
        """A quota or a budget is nobody's fault and counts no try."""
        async with self._db.begin() as tables:
            until = now() + timedelta(seconds=seconds)
            await tables.vectors.put_off([each.number for each in due], until, counted=False)

    async def _refused(self, due: Sequence[Memory], why: str) -> None:
        """What is refused again and again stays findable by its words."""
        if why != self.trouble:
            log.warning("memories are found by their words alone: %s", why)
        self.trouble = why
        async with self._db.begin() as tables:
            for each in due:
                until = None if each.tries >= MOST_TRIES else now() + AGAIN * 2**each.tries
                await tables.vectors.put_off([each.number], until, counted=True)


def _whole(memory: Memory) -> str:
    head = " ".join(each for each in (memory.source, memory.about) if each)
    return f"{head}\n{memory.text}" if head else memory.text
