"""A turn is cut off wherever it waits for its model, its tool or the database: it ends once, and nothing stays held.

``CUTS=200`` spreads two hundred cuts over the turn instead of a few, ``CUTS_SEED=7`` makes the same ones again.
"""

import asyncio
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from bot.services.chats import Place
from playground.gemini import Reply, call, text
from storage.database import Database
from storage.tables import Approval
from tests.services.house import House, allow, open_house
from tests.services.workshop import Workshop
from tests.support.gemini import Scripted

CUTS = int(os.environ.get("CUTS", "10"))
SEED = int(os.environ.get("CUTS_SEED", "0")) or random.randrange(1, 1_000_000)  # noqa: S311
ENDS = ("done", "stopped", "interrupted", "failed")


class Points:
    """Statements, requests to the model and calls of a turn, counted; at the chosen one ``hit`` is set."""

    def __init__(self) -> None:
        self.seen, self._at, self.hit = 0, 0, asyncio.Event()

    def choose(self, number: int) -> None:
        self.seen, self._at = 0, number
        self.hit.clear()

    def __call__(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self._at:
            self.hit.set()


@contextmanager
def counted(house: House, gemini: Scripted, workshop: Workshop) -> Iterator[Points]:
    points = Points()

    def answering(body: dict, signature: object) -> Reply:
        points()
        thing = next(p["text"] for c in reversed(body["contents"]) for p in c["parts"] if "build " in p.get("text", ""))
        since = str(body["contents"]).rpartition(thing)[2].count("functionResponse")
        wish = [("shop__look", {}), ("shop__build", {"thing": thing.split()[-1]})][since:][:1]
        if not wish or "may or may not" in str(body["contents"][-1]):
            return Reply([[text("It ")], [text("is done.")]])
        return Reply([[text("Well. ")], [call(*wish[0], id=f"c{points.seen}", signature=signature())]])  # type: ignore[operator]

    gemini.server.answering = answering
    engine = house.db.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", points)
    yield points
    sa.event.remove(engine, "before_cursor_execute", points)


async def ready(house: House, workshop: Workshop) -> None:
    connected = await house.connect(workshop.url)
    for tool in ("look", "build"):
        await allow(house, connected, tool, "always")


def place(number: int) -> Place:
    return Place("D1", f"{number}.0", "T1", private=True)


async def ended_once(house: House, workshop: Workshop, thing: str, conversation_id: str) -> str:
    """How; raises where something is left over."""
    async with asyncio.timeout(60):
        while True:
            [*_, turn] = [each for each in await house.turns() if each.conversation_id == conversation_id]
            if turn.status in ENDS and turn.told:
                break
            await asyncio.sleep(0.005)
    log = [each for each in await house.log(conversation_id) if each.turn_id == turn.id]
    ends = [each.body["state"] for each in log if each.kind == "status" and each.body["state"] in ENDS]
    about = (SEED, thing, [(each.kind, each.body) for each in log])
    assert ends == [turn.status], about
    built = workshop.built.count(thing)
    assert built <= 1 and (built or turn.status != "done"), about
    assert (turn.lease_until, turn.doing) == (None, []), about
    said = [each.body["text"] for each in log if each.kind == "message" and each.body["author"] == "agent"]
    assert len(said) <= 1 and all(words in "Well. \n\nWell. \n\nIt is done." for words in said), about
    async with house.db.read() as tables:
        assert not await tables.session.scalar(sa.select(sa.func.count()).select_from(Approval)), about
    return turn.status


async def test_stopped_by_its_member_at_any_point_it_ends_once_and_the_next_is_answered(
    sqlite_db: Database, gemini: Scripted, workshop: Workshop
) -> None:
    async with open_house(sqlite_db, gemini.model) as house, house.worker():
        await ready(house, workshop)
        with counted(house, gemini, workshop) as points:
            first = await house.say("build thing0", "slack:0", place(0))
            assert await ended_once(house, workshop, "thing0", first.conversation_id) == "done"
            total, dice = points.seen, random.Random(SEED)  # noqa: S311
            for number in range(1, CUTS + 1):
                points.choose(dice.randint(1, total))
                said = await house.say(f"build thing{number}", f"slack:{number}", place(number))
                await asyncio.wait({asyncio.ensure_future(points.hit.wait())}, timeout=0.5)
                await house.chats.stop("T1", said.conversation_id)
                await ended_once(house, workshop, f"thing{number}", said.conversation_id)
            points.choose(0)
            again = await house.say("build again", "slack:again", place(1))
            assert await ended_once(house, workshop, "again", again.conversation_id) == "done"
        await checked_in(house)


async def test_cut_off_with_its_process_at_any_point_the_next_one_ends_it_once(
    db: Database, gemini: Scripted, workshop: Workshop
) -> None:
    async with open_house(db, gemini.model) as house:
        await ready(house, workshop)
        dice, total, met = random.Random(SEED), 60, []  # noqa: S311
        with counted(house, gemini, workshop) as points:
            for number in range(CUTS):
                points.choose(dice.randint(1, total))
                async with house.worker(f"first{number}") as worker:
                    said = await house.say(f"build thing{number}", f"slack:{number}", place(number))
                    await asyncio.wait({asyncio.ensure_future(points.hit.wait())}, timeout=0.5)
                    await worker.close(0)
                async with house.worker(f"second{number}"):
                    met.append(await ended_once(house, workshop, f"thing{number}", said.conversation_id))
                total = max(points.seen, 20) if met[-1] == "done" else total
        assert "done" in met
        await checked_in(house)


async def checked_in(house: House) -> None:
    """No connection to the database is held by what was cut off."""
    async with asyncio.timeout(60):
        while house.db.engine.pool.checkedout():  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
