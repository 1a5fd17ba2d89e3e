"""What one process ends is ended in all of them, and sessions that have ended leave nothing behind."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import sqlalchemy as sa

from mcp_runtime.addresses import Reach
from mcp_runtime.errors import AddressNotAllowed
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets import SecretStore
from mcp_runtime.sessions.lifetime.owned_session import OwnedSession
from mcp_runtime.sessions.lifetime.slots import Slots
from mcp_runtime.sessions.pool import TOPIC, Pool
from mcp_runtime.sessions.pooled_session import PooledSession
from mcp_runtime.specs import HttpSpec, as_json
from storage.bus.bus import Bus, LocalBus, open_bus
from storage.database import Database, Tables
from storage.schema import now
from storage.tables import AddedCard, Connection
from tests.mcp_runtime.conftest import MEMBER
from tests.mcp_runtime.servers import TOKEN, Notes
from tests.support.clock import Clock

NEVER, AT_ONCE = 3600.0, 0.01
WHERE = MEMBER.workspace
Act = Callable[[Tables, Connection], Awaitable[object]]


async def outside(tables: Tables, connection: Connection) -> None:
    await tables.session.execute(sa.update(Connection).where(Connection.id == connection.id).values(outside=True))


ENDS: dict[str, Act] = {
    "disconnected": lambda tables, it: tables.connections.leave(WHERE, MEMBER.id, it.id, now()),
    "removed": lambda tables, it: tables.connections.remove(WHERE, MEMBER.id, it.id),
    "paused": lambda tables, it: tables.connections.update(WHERE, it.id, paused_at=now()),
    "forbidden": lambda tables, it: tables.policies.forbid(WHERE, it.card, forbidden=True),
    "outside of what may be reached": outside,
    "given a new secret": lambda tables, it: tables.connections.update(WHERE, it.id, version=it.version + 1),
    "led elsewhere": lambda tables, it: tables.connections.update(
        WHERE, it.id, spec=as_json(HttpSpec("https://example.org/mcp")), version=it.version + 1
    ),
    "its card is changed": lambda tables, it: tables.added_cards.change(WHERE, it.card, 1, about="Other notes"),
    "its card is taken back": lambda tables, it: tables.added_cards.remove(WHERE, it.card),
}


class Office:
    """Several processes that work on one database."""

    def __init__(self, db: Database, notes: Notes, secrets: SecretStore) -> None:
        self.db, self.notes, self._secrets = db, notes, secrets

    @asynccontextmanager
    async def pool(self, bus: Bus, every: float = NEVER, **options: float) -> AsyncIterator[Pool]:
        reach, sandbox = Reach.allowing(self.notes.host), Sandbox(enabled=False)
        pool = Pool(self.db, self._secrets, reach=reach, sandbox=sandbox, bus=bus, **options)  # type: ignore[arg-type]
        following = asyncio.create_task(pool.follow(every))
        try:
            yield pool
        finally:
            following.cancel()
            await asyncio.wait({following})
            await pool.close()

    async def connection(self, name: str) -> Connection:
        """With an added card of its own."""
        async with self.db.begin() as tables:
            await tables.workspaces.ensure(WHERE)
            row = AddedCard(workspace_id=WHERE, created_by="U9", title=name[:24], about="", url=self.notes.url)
            row.icon, row.signs_in = "📝", "none"
            card = await tables.added_cards.add(row)
            made = Connection(workspace_id=WHERE, member_id=MEMBER.id, card=card.id, title=name, slug=name)
            made.spec = as_json(HttpSpec(self.notes.url))
            await tables.connections.add(made)
            await self._secrets.put(tables, MEMBER, made.id, TOKEN)
        return made

    async def end(self, act: Act, connection: Connection) -> None:
        async with self.db.begin() as tables:
            await act(tables, connection)


@pytest.fixture
def office(db: Database, notes: Notes, secrets: SecretStore) -> Office:
    return Office(db, notes, secrets)


@pytest.fixture
def local(sqlite_db: Database, notes: Notes, secrets: SecretStore) -> Office:
    """Where the engine is all one."""
    return Office(sqlite_db, notes, secrets)


def held(pool: Pool) -> dict[str, PooledSession]:
    return pool._sessions.held if pool._sessions else {}


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not what():
            await asyncio.sleep(0.005)


async def test_what_one_process_ends_is_closed_in_the_other_as_soon_as_it_hears_of_it(office: Office) -> None:
    connections = {name: await office.connection(name) for name in [*ENDS, "left alone"]}
    async with AsyncExitStack() as house:
        here = await house.enter_async_context(open_bus(office.db))
        there = await house.enter_async_context(open_bus(office.db)) if office.db.is_postgres else here
        near = await house.enter_async_context(office.pool(here))
        far = await house.enter_async_context(office.pool(there))
        for each in connections.values():
            await far.listing(each)
        await there.tell(TOPIC)  # so that each has been looked at once
        owned = {name: held(far)[each.id].live.current for name, each in connections.items()}
        stays = connections.pop("left alone").id
        await until(lambda: all(each._card == 1 for each in held(far).values()))
        for name, each in connections.items():
            await office.end(ENDS[name], each)
            await near.forget(each.id)
        await until(lambda: set(held(far)) == {stays})
        await until(lambda: {name for name, each in owned.items() if each and each.over} == set(ENDS))


async def test_a_nudge_that_is_lost_is_made_good_by_the_next_look(local: Office) -> None:
    connections = {name: await local.connection(name) for name in ("paused", "its card is taken back")}
    async with local.pool(LocalBus(), AT_ONCE) as pool:
        for each in connections.values():
            await pool.listing(each)
        await until(lambda: all(each._card == 1 for each in held(pool).values()))
        assert len(held(pool)) == len(connections)
        for name, each in connections.items():
            await local.end(ENDS[name], each)
        await until(lambda: not held(pool))


async def test_a_card_that_was_changed_before_the_first_look_ends_what_was_opened_before_that(local: Office) -> None:
    changed, stays = await local.connection("notes"), await local.connection("others")
    await local.end(ENDS["its card is changed"], stays)
    async with local.pool(LocalBus()) as pool:
        for each in (changed, stays):
            await pool.listing(each)
        await local.end(ENDS["its card is changed"], changed)
        assert pool._sessions
        await pool._sessions.look()
        assert set(held(pool)) == {stays.id}


async def test_a_turn_that_began_before_a_new_secret_is_not_cut_off_at_each_look(local: Office) -> None:
    """It holds the older row, and its session has been opened with the newer secret."""
    older = await local.connection("notes")
    await local.end(ENDS["given a new secret"], older)
    async with local.pool(LocalBus()) as pool:
        await pool.listing(older)
        opened = held(pool)[older.id]
        assert pool._sessions is not None
        await pool._sessions.look()
        assert held(pool)[older.id] is opened
        await local.end(lambda tables, it: tables.connections.update(WHERE, it.id, version=3), older)
        await pool._sessions.look()
        assert not held(pool)


async def test_a_session_that_was_closed_for_its_rest_lets_go_of_what_it_offered(local: Office, resting: Clock) -> None:
    idle, away = await local.connection("idle"), await local.connection("away")
    async with local.pool(LocalBus(), AT_ONCE, idle_after=0.001) as pool:
        await pool.listing(idle)
        await until(lambda: idle.id not in held(pool))
        away.spec = as_json(HttpSpec("http://192.0.2.1/mcp"))
        await local.end(lambda tables, it: tables.connections.update(WHERE, it.id, spec=away.spec), away)
        with pytest.raises(AddressNotAllowed):
            await pool.listing(away)
        kept = held(pool)[away.id]
        for _ in range(3):
            assert pool._sessions is not None
            await pool._sessions.look()
        assert held(pool) == {away.id: kept}, "or it would be asked again at once"


def sessions_in_memory() -> dict[int, object]:
    gc.collect()
    found = (each for each in gc.get_objects() if isinstance(each, PooledSession | OwnedSession | Slots))
    return {id(each): each for each in found}


async def test_who_connects_and_disconnects_again_and_again_leaves_nothing(local: Office) -> None:
    of_others = sessions_in_memory()  # of tests before this one, in the same process
    async with local.pool(LocalBus()) as pool:
        for number in range(5):
            made = await local.connection(str(number))
            await pool.listing(made)
            await local.end(ENDS["removed"], made)
            await pool.forget(made.id)
        await pool._ending.over()
        assert not held(pool) and pool._sessions is not None
        assert not pool._sessions._crowds
        # Whoever follows the news may be looking at the last of them still.
        await until(lambda: sessions_in_memory().keys() <= of_others.keys())
