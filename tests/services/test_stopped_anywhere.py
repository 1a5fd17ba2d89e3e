"""A turn that reads, asks and writes is cut off at each of its points: it ends once, and nothing stays held.

A point is a statement, a request to the model, a piece of its answer, or a call of a tool. Each is cut at once: every
other one on SQLite, the rest on PostgreSQL; with ``CUTS=all`` each on both.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from bot.services.chats import Place
from playground.gemini import Reply, call, text
from storage.database import Database
from storage.tables import Approval, Turn
from tests.services.house import OWNER, House, allow, open_house
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

pytestmark = [on_each_engine, pytest.mark.timeout(1200)]  # a turn for each of some eighty points, one after the other

EACH = 1 if os.environ.get("CUTS") == "all" else 2
ENDS = ("done", "stopped", "interrupted", "failed")
WORDS = ("Looking.", "Building.", "It is", "done.")
LEAST = 60
"""Points that such a turn has at least: with fewer the test would look away."""


class Points:
    """What the product comes to, counted; at the chosen one ``hit`` is set. The tests' own looks are none."""

    def __init__(self) -> None:
        self.seen, self._at, self.hit = 0, 0, asyncio.Event()
        self.watching: set[asyncio.Task[object] | None] = {asyncio.current_task()}

    def choose(self, number: int) -> None:
        self.seen, self._at = 0, number
        self.hit.clear()

    def __call__(self, *_: object) -> None:
        if asyncio.current_task() not in self.watching:
            self.seen += 1
            if self.seen == self._at:
                self.hit.set()


class Pieces(Sequence[object]):
    """Of a streamed answer: each is a point when it goes out."""

    def __init__(self, points: Points, *pieces: object) -> None:
        self._points, self._pieces = points, pieces

    def __len__(self) -> int:
        return len(self._pieces)

    def __getitem__(self, at: object) -> object:
        return self._pieces[at]  # type: ignore[index]

    def __iter__(self) -> Iterator[object]:
        for each in self._pieces:
            self._points()
            yield each


@asynccontextmanager
async def counted(house: House, gemini: Scripted, workshop: Workshop) -> AsyncIterator[Points]:
    """With a workshop where all may look, and building is asked about."""
    await allow(house, await house.connect(workshop.url), "look", "always")
    points = Points()

    def answering(body: dict, signature: Callable[[], str]) -> Reply:
        points()
        thing = next(p["text"] for c in reversed(body["contents"]) for p in c["parts"] if "build " in p.get("text", ""))
        since = str(body["contents"]).rpartition(thing)[2].count("functionResponse")
        wish = [("Looking. ", "look", {}), ("Building. ", "build", {"thing": thing.split()[-1]})][since:][:1]
        if not wish:
            return Reply(Pieces(points, [text("It is ")], [text("done.")]))
        called = call(f"shop__{wish[0][1]}", wish[0][2], id=f"c{points.seen}", signature=signature())
        return Reply(Pieces(points, [text(wish[0][0])], [called]))

    gemini.server.answering = answering
    workshop.called = points
    engine = house.db.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", points)
    yield points
    sa.event.remove(engine, "before_cursor_execute", points)
    assert not [each for each in asyncio.all_tasks() if "/bot/" in each.get_coro().cr_code.co_filename]
    async with asyncio.timeout(60):  # nothing of the database is held by what was cut off
        while house.db.engine.pool.checkedout():  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)


class Story:
    """One member's wish to build a thing, up to its end: they say yes when they are asked."""

    def __init__(self, house: House, workshop: Workshop, points: Points, number: int) -> None:
        self._house, self._workshop, self._points = house, workshop, points
        self._thing, self._number = f"thing{number}", number
        self.conversation = ""

    async def goes(self) -> Turn:
        """The turn with which it ends, however that is."""
        self._points.watching.add(asyncio.current_task())
        place = Place("D1", f"{self._number}.0", "T1", private=True)
        saying = asyncio.create_task(self._house.say(f"build {self._thing}", f"slack:{self._number}", place))
        self.conversation = (await saying).conversation_id
        async with asyncio.timeout(60):
            while True:
                await self._quiet()
                if ended := await self._ended():
                    return ended

    async def _quiet(self) -> None:
        """Until nothing has been done for a moment: to look all the time cost more than what was looked at."""
        before = -1
        while before != self._points.seen:
            before = self._points.seen
            await asyncio.sleep(0.03)

    async def _ended(self) -> Turn | None:
        async with self._house.db.read() as tables:
            mine = sa.select(Turn).where(Turn.conversation_id == self.conversation).order_by(Turn.created_at)
            turns = list(await tables.session.scalars(mine))
            waiting = await tables.approvals.waiting_in("T1", self.conversation)
        if not all(turn.told for turn in turns):
            return None
        for approval in waiting:
            await asyncio.create_task(self._house.chats.decide(OWNER, approval.id, "approve"))
        return None if waiting or turns[-1].status not in ENDS else turns[-1]

    async def check(self, end: Turn) -> None:
        """Raises where something is left over, or happened twice."""
        log = await self._house.log(self.conversation)
        about = (self._number, [(each.kind, each.body) for each in log])
        built = self._workshop.built.count(self._thing)
        assert built <= 1 and (built or end.status != "done"), about
        ends = [each.body["state"] for each in log if each.kind == "status" and each.body["state"] in ENDS]
        assert ends == [end.status] and (end.lease_until, end.doing) == (None, []), about
        said = " ".join(each.body["text"] for each in log if each.kind == "message" and each.body["author"] == "agent")
        assert all(said.count(words) <= 1 for words in WORDS), about
        assert end.status != "done" or said.split() == " ".join(WORDS).split(), about
        async with self._house.db.read() as tables:
            left = sa.select(Approval).where(Approval.conversation_id == self.conversation, Approval.state == "asked")
            assert not list(await tables.session.scalars(left)), about


def numbers(db: Database) -> Iterator[int]:
    return itertools.count(1 + (EACH - 1 if db.is_postgres else 0), EACH)


async def reached(points: Points, number: int, going: asyncio.Task[Turn]) -> bool:
    """False: it came to its end before."""
    hit = asyncio.create_task(points.hit.wait())
    await asyncio.wait({hit, going}, return_when=asyncio.FIRST_COMPLETED)
    hit.cancel()
    return points.hit.is_set()


async def test_stopped_by_its_member_at_each_point_it_ends_once_and_the_next_is_answered(
    db: Database, gemini: Scripted, workshop: Workshop
) -> None:
    async with open_house(db, gemini.model) as house, counted(house, gemini, workshop) as points, house.worker():
        for number in numbers(db):
            points.choose(number)
            story = Story(house, workshop, points, number)
            going = asyncio.create_task(story.goes())
            cut = await reached(points, number, going)
            while cut and not story.conversation:
                await asyncio.sleep(0)
            if cut:
                await house.chats.stop("T1", story.conversation)
            await story.check(end := await going)
            assert end.status in ("done", "stopped")
            if not cut:
                assert end.status == "done" and number > LEAST
                break


async def test_cut_off_with_its_process_at_each_point_the_next_one_ends_it_once(
    db: Database, gemini: Scripted, workshop: Workshop
) -> None:
    met = set()
    async with open_house(db, gemini.model) as house, counted(house, gemini, workshop) as points:
        for number in numbers(db):
            points.choose(number)
            story = Story(house, workshop, points, number)
            async with house.worker(f"first{number}") as worker:
                going = asyncio.create_task(story.goes())
                cut = await reached(points, number, going)
                await worker.close(0)
                async with house.worker(f"second{number}"):
                    await story.check(end := await going)
            met.add(end.status)
            if not cut:
                assert end.status == "done" and number > LEAST
                break
    assert met == {"done", "interrupted"}
