"""A connection that is disconnected can be had back for a minute, and is gone whole after that."""

from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.services.connections.leaving import JOB, UNDO_FOR
from mcp_runtime.tools.tools import ToolCall
from storage.schema import now
from storage.tables import Connection, Job, PinnedTool, Secret
from tests.services.house import OTHER, OWNER, House
from tests.services.test_connections import rows
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine


async def job(house: House) -> Job:
    [found] = [each for each in await rows(house, Job) if each.kind == JOB]
    return found


@on_each_engine
async def test_its_tools_stop_at_once_and_come_back_with_what_was_allowed(house: House, workshop: Workshop) -> None:
    made = (await house.connect(workshop.url)).connection
    await house.connections.choices.set_policy(OWNER, made.id, "build", "always")
    before = await house.pool.toolset(OWNER)
    await house.connections.leave(OWNER, made.id)
    assert await house.connections.of(OWNER) == []
    assert (await house.pool.toolset(OWNER)).tools == []
    refused = await before.call(ToolCall("1", "shop__build", {"thing": "a boat"}))
    assert refused.failed and workshop.built == []

    await house.connections.keep(OWNER, made.id)
    again = await house.pool.toolset(OWNER)
    assert not (await again.call(ToolCall("2", "shop__build", {"thing": "a boat"}))).failed
    assert workshop.built == ["a boat"]


async def test_after_a_minute_nothing_of_it_is_left(house: House, workshop: Workshop) -> None:
    made = (await house.connect(workshop.url)).connection
    await house.connections.leave(OWNER, made.id)
    due = await job(house)
    assert UNDO_FOR - timedelta(seconds=30) < due.due_at - now() <= UNDO_FOR
    await house.connections.left(due.payload)
    assert not any([await rows(house, table) for table in (Connection, PinnedTool, Secret)])
    with pytest.raises(UserError, match="too late"):
        await house.connections.keep(OWNER, made.id)


@on_each_engine
async def test_what_was_kept_stays_though_the_job_comes_and_though_it_leaves_once_more(
    house: House, workshop: Workshop
) -> None:
    made = (await house.connect(workshop.url)).connection
    await house.connections.leave(OWNER, made.id)
    first = await job(house)
    with pytest.raises(UserError):
        await house.connections.keep(OTHER, made.id)
    await house.connections.keep(OWNER, made.id)
    await house.connections.left(first.payload)
    assert len(await house.connections.of(OWNER)) == 1
    await house.connections.leave(OWNER, made.id)
    await house.connections.left(first.payload)
    assert [each.id for each in await house.connections.leaving(OWNER)] == [made.id]


async def test_it_comes_back_under_another_name_where_its_own_was_given_away(house: House, workshop: Workshop) -> None:
    made = (await house.connect(workshop.url)).connection
    await house.connections.leave(OWNER, made.id)
    await house.connect(workshop.url, made.title)
    kept = await house.connections.keep(OWNER, made.id)
    assert kept.title == f"{made.title} 2"
    assert len(await house.connections.of(OWNER)) == 2


async def test_there_may_be_no_more_than_are_allowed_also_when_one_comes_back(house: House, workshop: Workshop) -> None:
    made = (await house.connect(workshop.url)).connection
    await house.connections.leave(OWNER, made.id)
    for number in range(10):
        await house.connect(workshop.url, f"Shop {number}")
    with pytest.raises(UserError, match="10 are allowed"):
        await house.connections.keep(OWNER, made.id)
