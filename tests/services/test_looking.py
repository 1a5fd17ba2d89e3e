"""Connections that nobody uses just now are looked at in the background; a refused token is noticed on every path."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.running import upkeep
from mcp_runtime.errors import AuthorizationNeeded
from mcp_runtime.sessions.news import CHANGED
from mcp_runtime.states import State, state_of
from mcp_runtime.tools.tools import ToolCall
from storage.schema import now
from storage.tables import Connection, Job
from tests.mcp_runtime.hand_made import HandMade, plain, reply, running
from tests.services.house import OWNER, House
from tests.services.test_connections import rows
from tests.support.engines import on_each_engine

REFUSED = reply(plain(401, **{"www-authenticate": "Bearer"}))


async def connected(house: House, server: HandMade, name: str = "Shop", **row: object) -> Connection:
    """As it is some hours later."""
    made = (await house.connect(server.url, name)).connection
    long_ago = {"checked_at": now() - timedelta(hours=7), **row}
    async with house.db.begin() as tables:
        await tables.connections.update(OWNER.workspace, made.id, **long_ago)
    await house.pool.forget(made.id)
    return made


async def state(house: House) -> State:
    (view,) = await house.connections.of(OWNER)
    return view.state


async def told(house: House) -> int:
    return sum(job.kind == CHANGED for job in await rows(house, Job))


@on_each_engine
async def test_it_is_looked_at_once_in_six_hours_and_a_change_is_told_once(house: House) -> None:
    async with running(HandMade()) as server:
        made = await connected(house, server)
        assert await house.connections.look_at_unseen() == 1 and await told(house) == 0
        assert await house.connections.look_at_unseen() == 0
        server.on_any = REFUSED
        await house.pool.forget(made.id)
        async with house.db.begin() as tables:
            await tables.connections.seen(OWNER.workspace, made.id, now() - timedelta(hours=7))
        assert await house.connections.look_at_unseen() == 1
        assert await state(house) is State.NEEDS_SIGN_IN and await told(house) == 1
        async with house.db.begin() as tables:
            await tables.connections.seen(OWNER.workspace, made.id, now() - timedelta(hours=7))
        assert await house.connections.look_at_unseen() == 0 and await told(house) == 1


@pytest.mark.parametrize(
    "row",
    [
        {"created_at": now() - timedelta(days=31)},
        {"paused_at": now()},
        {"leaving_since": now()},
        {"checked_at": now() - timedelta(hours=5)},
        {"retry_at": now() + timedelta(hours=1)},
    ],
    ids=lambda row: next(iter(row)),
)
@on_each_engine
async def test_what_is_unused_paused_leaving_or_resting_is_left_alone(house: House, row: dict) -> None:
    async with running(HandMade()) as server:
        await connected(house, server, **row)
        asked = len(server.asked)
        assert await house.connections.look_at_unseen() == 0 and len(server.asked) == asked


async def test_what_was_used_lately_is_looked_at_however_old_and_what_is_not_permitted_is_not(house: House) -> None:
    async with running(HandMade()) as server:
        made = await connected(house, server, created_at=now() - timedelta(days=99))
        async with house.db.begin() as tables:
            await tables.usage.add(OWNER.workspace, OWNER.id, "look", "done", 1, connection_id=made.id)
        permits = house.pool.permits
        house.pool.permits = lambda connection: _no()
        assert await house.connections.look_at_unseen() == 0
        house.pool.permits = permits
        assert await house.connections.look_at_unseen() == 1


async def _no() -> str:
    return "it is not to be used"


async def test_many_are_spread_over_the_hours(house: House) -> None:
    async with running(HandMade()) as server:
        for number in range(8):
            await connected(house, server, f"Shop {number}")
        assert [await house.connections.look_at_unseen() for _ in range(3)] == [5, 3, 0]


def test_one_process_at_a_time_does_it_every_ten_minutes() -> None:
    assert next(each.every for each in upkeep.RECURRING if each.kind == upkeep.LOOK) == 600


async def call(house: House, connection: Connection) -> None:
    await (await house.pool.toolset(OWNER)).call(ToolCall("1", "shop__look"))


async def link(house: House, connection: Connection) -> None:
    (tool,) = await house.connections.tools(OWNER, connection.id)
    (offered,) = (await house.pool.toolset(OWNER)).tools
    frozen = {"connection_id": connection.id, "name": tool.name, "pin": tool.pin, "free": True}
    of_link = await house.pool.toolset_of(OWNER.workspace, [frozen], OWNER)
    await of_link.call(ToolCall("1", offered.name))


async def listing(house: House, connection: Connection) -> None:
    with pytest.raises(AuthorizationNeeded):
        await house.pool.listing(connection)


async def checked(house: House, connection: Connection) -> None:
    assert not (await house.connections.test(OWNER, connection.id)).ok


async def background(house: House, connection: Connection) -> None:
    assert await house.connections.look_at_unseen() == 1


@pytest.mark.parametrize("path", [call, link, listing, checked, background])
@pytest.mark.parametrize("held", [True, False], ids=["in an open session", "in a new one"])
@on_each_engine
async def test_a_refused_token_needs_a_sign_in_at_once_whoever_met_it(
    house: House, path: Callable[[House, Connection], Awaitable[None]], held: bool
) -> None:
    async with running(HandMade()) as server:
        connection = await connected(house, server)
        if held:
            await house.pool.listing(connection)
        server.on_any = REFUSED
        await path(house, connection)
        assert await state(house) is State.NEEDS_SIGN_IN
        (row,) = await rows(house, Connection)
        assert state_of(row) is State.NEEDS_SIGN_IN and await told(house) == 1
