"""A connection that is paused, or not permitted by this installation, offers nothing and is not called."""

import pytest

from bot.errors import NotYours
from bot.services.cards import Shelf
from bot.services.connections.permission import OUTSIDE, Permission
from bot.services.limits.egress import Reaching
from mcp_runtime.errors.causes import Cause
from mcp_runtime.states import State
from mcp_runtime.tools.tools import ToolCall
from run_cards import CARDS
from storage.rules.egress import Egress
from storage.tables import AuditEntry
from tests.services.house import OWNER, House
from tests.services.test_approvals import paused as asked_about_a_boat
from tests.services.test_connections import rows
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

BUILD = ToolCall("1", "shop__build", {"thing": "a boat"})


async def state(house: House) -> State:
    (view,) = await house.connections.of(OWNER)
    return view.state


async def test_a_paused_connection_offers_nothing_and_takes_no_call_until_it_is_resumed(
    house: House, workshop: Workshop
) -> None:
    made = (await house.connect(workshop.url)).connection
    before = await house.pool.toolset(OWNER)
    await house.connections.pause(OWNER, made.id)
    assert await state(house) is State.PAUSED
    during = await house.pool.toolset(OWNER)
    assert during.tools == [] and "is paused by its owner" in during.states[0]
    assert "paused" in (await before.call(BUILD)).error and workshop.built == []

    await house.connections.pause(OWNER, made.id)
    await house.connections.resume(OWNER, made.id)
    assert await state(house) is State.CONNECTED
    assert not (await (await house.pool.toolset(OWNER)).call(BUILD)).failed
    actions = [entry.action for entry in await rows(house, AuditEntry) if entry.action.startswith("connection.")]
    assert actions == ["connection.made", "connection.paused", "connection.resumed"]


@on_each_engine
async def test_where_a_server_may_not_lie_any_more_a_call_of_an_answer_under_way_is_refused_in_words(
    house: House, workshop: Workshop
) -> None:
    made = (await house.connect(workshop.url)).connection
    before, reaching = await house.pool.toolset(OWNER), Reaching(house.db, house.bus)
    assert await reaching.set(OWNER, Egress(("example.org",))) == 1
    assert "let the host of shop__build not be reached any more" in (await before.call(BUILD)).error
    async with house.db.read() as tables:
        there = await tables.connections.get(OWNER.workspace, made.id)
        [told] = await tables.jobs.all(OWNER.workspace, "policy_told")
    assert there and await Permission(Shelf(house.db, CARDS))(there) == OUTSIDE
    assert told.payload["text"].startswith("Administrators here do not let the host be reached that “Shop” is at")
    assert await reaching.set(OWNER, Egress(("127.0.0.1",))) == 0
    assert not (await before.call(BUILD)).failed and workshop.built == ["a boat"]


@on_each_engine
async def test_what_waited_for_a_yes_is_closed_by_the_pause(house: House, gemini: Scripted, workshop: Workshop) -> None:
    async with house.worker():
        _, approval_id = await asked_about_a_boat(house, gemini, workshop)
        (view,) = await house.connections.of(OWNER)
        await house.connections.pause(OWNER, view.connection.id)
        with pytest.raises(NotYours, match="Shop was paused"):
            await house.chats.decide(OWNER, approval_id, "approve")
    assert workshop.built == []


async def test_without_its_card_a_connection_stays_and_may_not_be_used_until_the_card_is_back(
    house: House, workshop: Workshop
) -> None:
    made = (await house.connect(workshop.url)).connection
    before = await house.pool.toolset(OWNER)
    house.pool.permits = Permission(Shelf(house.db, [card for card in CARDS if card.name != "custom"]))
    assert await state(house) is State.NOT_PERMITTED
    during = await house.pool.toolset(OWNER)
    assert during.tools == [] and "not permitted here" in during.states[0]
    assert "not permitted here" in (await before.call(BUILD)).error and workshop.built == []
    tested = await house.connections.test(OWNER, made.id)
    assert not tested.ok and tested.cause is Cause.NOT_PERMITTED and "Not permitted here" in tested.sentence

    house.pool.permits = Permission(Shelf(house.db, CARDS))
    assert await state(house) is State.CONNECTED
    assert not (await (await house.pool.toolset(OWNER)).call(BUILD)).failed


@on_each_engine
async def test_a_program_that_is_not_on_the_list_any_more_is_not_permitted(house: House) -> None:
    clock = next(card for card in CARDS if card.name == "time")
    made = (await house.connections.begin(OWNER, clock, {})).connection
    assert await state(house) is State.CONNECTED
    async with house.db.begin() as tables:
        spec = {**made.spec, "program": "an-older-one"}
        await tables.connections.update(OWNER.workspace, made.id, spec=spec)
    assert await state(house) is State.NOT_PERMITTED
