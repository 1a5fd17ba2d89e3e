"""Only the first of each conversation's line is looked at by who claims; whatever happens, none is left behind."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from storage.database import Database, Tables
from storage.engines.engine import open_engine
from storage.repositories.conversations.among import Among
from storage.repositories.conversations.claims import AnotherWasFaster, Lease
from storage.schema import new_id
from storage.tables import Conversation, Turn
from tests.storage import rows
from tests.storage.rows import HOUR, NOON, T1
from tests.storage.test_migrate import once_more
from tests.support.postgres import as_owner

ACTS, LEASE = 100, 15.0
LATER = NOON + HOUR
SECOND = timedelta(seconds=1)


def holds_up(one: Turn, other: Turn) -> bool:
    """What is promised, told plainly."""
    if other.kind == "resume":
        return False
    return one.kind == "resume" or (one.created_at, one.id) < (other.created_at, other.id)


def may_run(turns: Sequence[Turn]) -> list[Turn]:
    def first(turn: Turn) -> bool:
        there = [each for each in turns if each.conversation_id == turn.conversation_id and each is not turn]
        runs = any(each.status == "running" for each in there)
        return not runs and not any(each.status == "queued" and holds_up(each, turn) for each in there)

    return [turn for turn in turns if turn.status == "queued" and first(turn)]


def expected(turns: Sequence[Turn], after: str, served: str) -> Turn | None:
    """Workspaces by turns, in each its members by turns, of each the oldest that may run."""
    if not (able := may_run(turns)):
        return None
    workspaces = sorted({turn.workspace_id for turn in able})
    workspace = next((each for each in workspaces if each > after), workspaces[0])
    here = [turn for turn in able if turn.workspace_id == workspace]
    askers = sorted({turn.asker for turn in here})
    asker = next((each for each in askers if each > served), askers[0])
    return min((turn for turn in here if turn.asker == asker), key=lambda turn: (turn.created_at, turn.id))


class Line:
    """Acts at random in three members' six conversations of two workspaces, each held against the plain model."""

    def __init__(self, tables: Tables, chats: Sequence[Conversation], dice: random.Random) -> None:
        self.tables, self.chats, self.dice = tables, chats, dice
        self.said = 0
        self.acts: Sequence[Callable[[], Awaitable[None]]] = (
            *(self.say, self.say, self.say_late, self.take_in, self.resume, self.whisper, self.host),
            *(self.claim, self.claim, self.claim, self.end, self.end, self.give_back, self.forget, self.reword),
            *(self.lapse, self.seized),
        )

    async def turns(self) -> list[Turn]:
        await self.tables.turns.unended()  # about all workspaces, for PostgreSQL's wall
        return list(await self.tables.session.scalars(sa.select(Turn)))

    async def queue(self, kind: str, at: datetime | None = None) -> None:
        chat, self.said = self.dice.choice(self.chats), self.said + 1
        of = {"workspace_id": chat.workspace_id, "conversation_id": chat.id, "source": f"m{self.said}", "kind": kind}
        assert await self.tables.turns.queue(Turn(**of, created_at=at or NOON + self.said * SECOND))

    async def say(self) -> None:
        await self.queue("say")

    async def say_late(self) -> None:
        """As of a process whose clock is behind."""
        await self.queue("say", NOON + self.dice.randint(0, 60) * SECOND)

    async def resume(self) -> None:
        await self.queue("resume")

    async def whisper(self) -> None:
        await self.queue("whisper")

    async def host(self) -> None:
        await self.queue("host")

    async def take_in(self) -> None:
        chat, self.said = self.dice.choice(self.chats), self.said + 1
        of = {"workspace_id": chat.workspace_id, "conversation_id": chat.id, "source": f"m{self.said}"}
        alone = not any(
            turn.conversation_id == chat.id and turn.status in ("queued", "running") for turn in await self.turns()
        )
        turn = Turn(**of, id=new_id(), door="slack", asker=chat.member_id, created_at=NOON + self.said * SECOND)
        taken = await self.tables.turns.take_in(turn, Lease("p1", LATER))
        assert taken and taken.turn.status == ("running" if alone else "queued")

    async def claim(self) -> None:
        after, served = self.dice.choice(("", "T1", "T2")), self.dice.choice(("", "U1", "U2", "U3"))
        among = Among(after={"slack": after}, served={("slack", place): served for place in ("T1", "T2")})
        wanted = expected(await self.turns(), after, served)
        found = await self.tables.turns.claim("p1", NOON, LEASE, among)
        assert (found and found.source) == (wanted and wanted.source)

    async def one(self, *states: str, kind: str = "") -> Turn | None:
        fit = [turn for turn in await self.turns() if turn.status in states and (not kind or turn.kind == kind)]
        return self.dice.choice(fit) if fit else None

    async def end(self) -> None:
        if turn := await self.one("running"):
            assert await self.tables.turns.end(turn, status=self.dice.choice(("done", "paused", "failed")))

    async def give_back(self) -> None:
        if turn := await self.one("running"):
            assert await self.tables.turns.give_back(turn)

    async def forget(self) -> None:
        if turn := await self.one("queued", kind="whisper"):
            assert await self.tables.turns.forget_whisper(turn.workspace_id, turn.source)

    async def reword(self) -> None:
        if turn := await self.one("queued", "running", kind="host"):
            assert await self.tables.turns.reword_unsaid(turn.workspace_id, turn.source, "other words")

    async def lapse(self) -> None:
        """Its process died, and another takes it up."""
        if turn := await self.one("running"):
            assert await self.tables.turns.change(turn, lease_until=NOON - HOUR)
            found = await self.tables.turns.claim("p2", NOON, LEASE)
            assert found and found.id == turn.id

    async def seized(self) -> None:
        """Rarely: all of a workspace are taken, and some of them ended, as after a restore."""
        if self.dice.random() < 0.2:
            for turn in await self.tables.turns.seize("T2", "restored"):
                if turn.status == "running" or self.dice.random() < 0.5:
                    assert await self.tables.turns.end(turn, status="interrupted")

    async def hold(self) -> None:
        turns = await self.turns()
        assert [turn.source for turn in may_run(turns) if turn.behind] == []


async def open_chats(db: Database) -> list[Conversation]:
    return [
        await rows.conversation(db, f"{place}-{number}", place, member=f"U{number % 3 + 1}")
        for place in ("T1", "T2")
        for number in range(3)
    ]


@pytest.mark.parametrize("seed", range(1))
async def test_whatever_happens_who_may_run_is_in_front_and_taken_in_the_promised_order(
    db: Database, seed: int
) -> None:
    chats, dice = await open_chats(db), random.Random(seed)  # noqa: S311  nothing is kept secret by it
    async with db.begin() as tables:
        line = Line(tables, chats, dice)
        for _ in range(ACTS):
            await dice.choice(line.acts)()
            await line.hold()
        while turn := await tables.turns.claim("p1", NOON, LEASE):
            await tables.turns.end(turn, status="done")
            await line.hold()
        assert {turn.status for turn in await line.turns() if not may_run([turn])} >= {"done"}


async def test_of_fifty_in_one_conversation_one_is_in_front_and_the_next_when_it_is_taken(db: Database) -> None:
    chat = await rows.conversation(db)
    in_front = sa.select(Turn.source).where(Turn.status == "queued", sa.not_(Turn.behind))
    async with db.begin() as tables:
        for number in range(50):
            new = Turn(workspace_id=T1, conversation_id=chat.id, source=f"m{number}", created_at=NOON + number * SECOND)
            await tables.turns.queue(new)
        for number in range(3):
            assert list(await tables.session.scalars(in_front)) == [f"m{number}"]
            turn = await tables.turns.claim("p1", NOON, LEASE)
            assert turn and list(await tables.session.scalars(in_front)) == [f"m{number + 1}"]
            assert await tables.turns.claim("p1", NOON, LEASE) is None
            await tables.turns.end(turn, status="done")


async def test_who_comes_while_the_one_before_is_being_taken_is_in_front(postgres_db: Database) -> None:
    chat = await rows.conversation(postgres_db)
    await rows.turn(postgres_db, chat, "m1")
    async with AsyncExitStack() as claiming:
        tables = await claiming.enter_async_context(postgres_db.begin())
        assert await tables.turns.claim("p1", NOON, LEASE)
        saying = asyncio.create_task(rows.turn(postgres_db, chat, "m2", NOON + SECOND))
        await waits_for_a_row(postgres_db)
    await saying
    assert await behind(postgres_db) == {"m1": False, "m2": False}


async def test_who_claims_passes_over_one_behind_which_another_is_just_being_put(postgres_db: Database) -> None:
    chat = await rows.conversation(postgres_db)
    await rows.turn(postgres_db, chat, "m1")
    async with postgres_db.begin() as saying:
        await saying.turns.queue(Turn(workspace_id=T1, conversation_id=chat.id, source="m2", created_at=NOON + SECOND))
        async with postgres_db.begin() as tables:
            assert await tables.turns.claim("p1", NOON, LEASE) is None  # until that is stored, which rings the bell
    assert await behind(postgres_db) == {"m1": False, "m2": True}
    async with postgres_db.begin() as tables:
        assert await tables.turns.claim("p1", NOON, LEASE)
    assert await behind(postgres_db) == {"m1": False, "m2": False}


async def test_the_next_but_one_is_in_front_when_the_next_is_forgotten_meanwhile(postgres_db: Database) -> None:
    chat = await rows.conversation(postgres_db)
    async with postgres_db.begin() as tables:
        for number, kind in enumerate(("say", "whisper", "say")):
            new = {"workspace_id": T1, "conversation_id": chat.id, "source": f"m{number}", "kind": kind}
            await tables.turns.queue(Turn(**new, created_at=NOON + number * SECOND))
    async with AsyncExitStack() as forgetting:
        tables = await forgetting.enter_async_context(postgres_db.begin())
        assert await tables.turns.forget_whisper(T1, "m1")

        async def claim() -> Turn | None:
            async with postgres_db.begin() as other:
                return await other.turns.claim("p1", NOON, LEASE)

        claiming = asyncio.create_task(claim())
        await waits_for_a_row(postgres_db)
    assert await claiming
    assert await behind(postgres_db) == {"m0": False, "m2": False}


async def test_of_three_who_come_at_once_into_an_empty_line_none_is_left_behind(postgres_db: Database) -> None:
    chat = await rows.conversation(postgres_db)
    async with postgres_db.begin() as slow:  # it sees nobody, and nobody sees it
        await slow.turns.queue(Turn(workspace_id=T1, conversation_id=chat.id, source="m2", created_at=NOON + SECOND))
        await rows.turn(postgres_db, chat, "m1", NOON)
        await rows.turn(postgres_db, chat, "m3", NOON + 2 * SECOND)
    assert await behind(postgres_db) == {"m1": False, "m2": False, "m3": True}
    async with postgres_db.begin() as tables:
        for source in ("m1", "m2", "m3"):
            turn = await tables.turns.claim("p1", NOON, LEASE)
            assert turn and turn.source == source and await tables.turns.end(turn, status="done")


async def test_who_came_behind_one_since_it_was_seized_is_in_front_when_that_ends(db: Database) -> None:
    chat = await rows.conversation(db)
    await rows.turn(db, chat, "m1")
    async with db.begin() as tables:
        [seized] = await tables.turns.seize(T1, "restored")
    await rows.turn(db, chat, "m2", NOON + SECOND)
    async with db.begin() as tables:
        assert await tables.turns.end(seized, status="interrupted")
    assert await behind(db) == {"m1": False, "m2": False}


async def test_many_who_say_claim_and_forget_at_once_leave_none_behind(db: Database) -> None:
    chats = [await rows.conversation(db, f"chat-{number}") for number in range(2)]
    ran: list[str] = []

    async def say(chat: Conversation, number: int) -> None:
        kind, source = ("whisper" if number % 4 == 3 else "say"), f"{chat.key}:{number}"
        async with db.begin() as tables:
            new = {"workspace_id": T1, "conversation_id": chat.id, "source": source, "kind": kind}
            await tables.turns.queue(Turn(**new, created_at=NOON + number * SECOND))
        if kind == "whisper" and number % 8 == 3:
            async with db.begin() as tables:
                await tables.turns.forget_whisper(T1, source)

    async def work() -> bool:
        try:
            async with db.begin() as tables:
                turn = await tables.turns.claim("p1", NOON, LEASE)
        except AnotherWasFaster:
            return True
        if turn is None:
            return False
        ran.append(turn.source)
        async with db.begin() as tables:
            assert await tables.turns.end(turn, status="done")
        return True

    async def works() -> None:
        for _ in range(6):
            await work()

    said = [say(chat, number) for number in range(8) for chat in chats]
    await asyncio.gather(*said, *(works() for _ in range(3)))
    while await work():
        pass
    async with db.read() as tables:
        assert await tables.turns.unended() == {"queued": 0, "running": 0, "paused": 0}
    assert len(ran) == len(set(ran)) >= 2 * 7


async def test_who_was_left_behind_by_a_version_without_a_line_is_let_to_the_front(db: Database) -> None:
    chat = await rows.conversation(db)
    for number in range(3):
        await rows.turn(db, chat, f"m{number}", NOON + number * SECOND)
    async with db.begin() as tables:
        assert await tables.turns.close_up() == 0
        await tables.session.execute(sa.update(Turn).where(Turn.source == "m0").values(status="done"))
        assert await tables.turns.claim("p1", NOON, LEASE) is None
        assert await tables.turns.close_up() == 1
        turn = await tables.turns.claim("p1", NOON, LEASE)
    assert turn and turn.source == "m1"


async def test_who_waits_when_the_version_changes_stands_in_line_as_before(db: Database) -> None:
    chat, other = await rows.conversation(db), await rows.conversation(db, "other")
    for number, kind in enumerate(("say", "say", "resume")):
        async with db.begin() as tables:
            new = {"workspace_id": T1, "conversation_id": chat.id, "source": f"m{number}", "kind": kind}
            await tables.turns.queue(Turn(**new, created_at=NOON + number * SECOND))
    await rows.turn(db, other, "alone")
    owner = open_engine(as_owner(db.engine.url.render_as_string(hide_password=False)), migrates=True)
    async with owner.begin() as connection:
        await connection.run_sync(once_more, "0074")
    await owner.dispose()
    await db.engine.dispose()  # what it knows of the table is of before
    assert await behind(db) == {"m0": True, "m1": True, "m2": False, "alone": False}
    async with db.begin() as tables:
        for source in ("m2", "m0", "m1"):
            turn = await tables.turns.claim("p1", NOON, LEASE, Among(served={("slack", T1): "U0"}, full={}))
            while turn and turn.source == "alone":
                turn = await tables.turns.claim("p1", NOON, LEASE)
            assert turn and turn.source == source
            await tables.turns.end(turn, status="done")


async def behind(db: Database) -> dict[str, bool]:
    async with db.read() as tables:
        found = await tables.session.execute(sa.select(Turn.source, Turn.behind).where(Turn.workspace_id == T1))
        return {source: is_behind for source, is_behind in found}


async def waits_for_a_row(db: Database) -> None:
    """Until PostgreSQL says that somebody does."""
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(20):
        while True:
            async with db.read() as tables:
                if await tables.session.scalar(waiting):
                    return
