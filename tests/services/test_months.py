"""What members may spend in a month: set by administrators, taken in SQL, never passed, and told in words."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services.limits import prices
from bot.services.limits.budgets import Account, Ledger, Took, ledger
from bot.services.limits.budgets.accounts import of_member
from bot.services.limits.budgets.budgets import Budgets, TurnCost
from bot.services.limits.budgets.metered import FILE, prompt_of
from bot.services.limits.budgets.months import EACH_MEMBER, WORKSPACE, key_of_month, next_month
from bot.services.limits.budgets.took import BYTES
from bot.services.limits.prices import DOLLAR
from bot.slack.screens.spending.amounts import ESTIMATES
from bot.slack.screens.spending.turn_footer import NOT_COUNTED, footer
from mcp_runtime.tools.tools import Tool
from playground.gemini import Break, Failure, Reply, text
from storage.schema import now
from storage.tables import Budget, Job, ModelUsage, Reservation
from tests.services.house import OTHER, OWNER, House
from tests.services.test_spending import told
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
from tests.support.gemini import MODEL, Scripted

CENT = DOLLAR // 100


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "LOOKS", 0)


async def may_spend(house: House, **cents: int | None) -> None:
    async with house.db.begin() as tables:
        await tables.workspaces.ensure("T1")
        for whose, each in cents.items():
            await tables.budgets.set_limit("T1", whose, money=None if each is None else each * CENT)


async def month(house: House, member: str = "") -> Budget:
    key = key_of_month(now(), member)
    async with house.db.read() as tables:
        return (await tables.budgets.of("T1", [key]))[key]


async def left_aside(house: House) -> int:
    async with house.db.read() as tables:
        kept = await tables.session.scalar(sa.select(sa.func.count()).select_from(Reservation))
        held = await tables.session.scalar(sa.select(sa.func.sum(Budget.money_reserved + Budget.tokens_reserved)))
    return (kept or 0) + (held or 0)


async def usage(house: House) -> list[ModelUsage]:
    async with house.db.read() as tables:
        return list(await tables.session.scalars(sa.select(ModelUsage).order_by(ModelUsage.id)))


def account(member: str = "U1") -> Account:
    return of_member("T1", member)


async def passing(house: House, members: list[str], number: str = "t") -> int:
    """How many of so many requests at once, a cent each, find room."""
    book = Ledger(house.db)

    async def one(at: int, member: str) -> bool:
        try:
            await book.reserve(account(member), f"{number}:{at}", 1_000, CENT)
        except Refused as refusal:
            assert refusal.code == "others_of_month"
            return False
        return True

    return sum(await asyncio.gather(*(one(at, member) for at, member in enumerate(members))))


@pytest.mark.parametrize(
    ("limits", "members", "passes"),
    [
        ({WORKSPACE: 7}, ["U1", "U2"] * 25, 7),
        ({EACH_MEMBER: 4}, ["U1", "U2"] * 25, 8),
        ({EACH_MEMBER: 4, "U2": 9}, ["U1", "U2"] * 25, 13),
        ({EACH_MEMBER: 4, "U2": None}, ["U2"] * 50, 4),  # what was lifted is as if it had never been set
        ({}, ["U1"] * 50, 50),
    ],
)
@on_each_engine
async def test_fifty_turns_at_once_never_pass_what_a_month_may_take(
    house: House, limits: dict[str, int | None], members: list[str], passes: int
) -> None:
    await may_spend(house, **limits)
    assert await passing(house, members) == passes
    held = await month(house)
    assert held.money_reserved == passes * CENT
    await asyncio.gather(*(Ledger(house.db).settle("T1", f"t:{at}", Took(prompt=10, money=1)) for at in range(50)))
    assert await left_aside(house) == 0 and (await month(house)).money_spent == passes


@on_each_engine
async def test_a_limit_that_is_lowered_or_raised_holds_for_the_next_request(house: House) -> None:
    await may_spend(house, workspace=2)
    assert await passing(house, ["U1"] * 5, "a") == 2
    await may_spend(house, workspace=3)
    assert await passing(house, ["U1"] * 5, "b") == 1
    await may_spend(house, workspace=1)
    assert await passing(house, ["U1"] * 5, "c") == 0


@pytest.mark.parametrize(("whose", "says"), [(EACH_MEMBER, "You have used up"), (WORKSPACE, "All of you together")])
async def test_a_member_for_whom_nothing_is_left_reads_what_it_is_and_when_it_lifts(
    house: House, gemini: Scripted, whose: str, says: str
) -> None:
    await may_spend(house, **{whose: 5})
    book = Ledger(house.db)
    await book.reserve(account(), "before", 10, 4 * CENT)
    await book.settle("T1", "before", Took(prompt=10, money=5 * CENT))
    async with house.worker():
        await house.say("hello")
        shown = await house.face.after()
    refused = shown.bodies("status")[-1]
    assert refused["state"] == "failed" and refused["text"].startswith(says)
    assert "$0.05" in refused["text"] and f"{next_month(now()):%-d %B} at 00:00 UTC" in refused["text"]
    assert gemini.asked == [] and await left_aside(house) == 0


def test_a_month_begins_anew_on_its_first_day_by_utc() -> None:
    assert next_month(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert next_month(datetime(2027, 1, 31, tzinfo=UTC)) == datetime(2027, 2, 1, tzinfo=UTC)


@on_each_engine
async def test_at_four_fifths_the_member_and_the_administrators_hear_of_it_once(house: House) -> None:
    await may_spend(house, members=100)
    book = Ledger(house.db)
    for number, cents in enumerate((79, 1, 10)):
        await book.reserve(account(), f"t:{number}", 10, CENT)
        await book.settle("T1", f"t:{number}", Took(prompt=10, money=cents * CENT))
        async with house.db.read() as tables:
            notes = list(await tables.session.scalars(sa.select(Job).where(Job.kind == "budget_note")))
        assert len(notes) == len(await told(house)) == (number > 0)
    assert notes[0].payload["member"] == "U1" and "80 % of what you may use" in notes[0].payload["text"]
    assert "{about} has used 80 %" in (await told(house))[0]


async def test_however_a_members_turn_ends_nothing_stays_set_aside_and_all_of_it_is_in_a_row(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    await may_spend(house, workspace=10_000)
    await house.connect(workshop.url)
    counts = {"promptTokenCount": 1_000, "cachedContentTokenCount": 400, "candidatesTokenCount": 200}
    gemini.script(Reply([[text("Hello.")]], usage={**counts, "thoughtsTokenCount": 100, "totalTokenCount": 1_300}))
    gemini.script(*[Failure(503, "UNAVAILABLE", "down")] * 3)
    async with house.worker():
        await house.say("done", "slack:1")
        assert (await house.face.after(1)).states[-1] == "done"
        await house.say("failed", "slack:2")
        assert (await house.face.after(2)).states[-1] == "failed"
        gemini.will_call(("shop__build", {"thing": "a boat"}))
        said = await house.say("paused", "slack:3")
        await house.face.after(3)
        assert await left_aside(house) == 0, "nothing is held while a person is asked"
        gemini.script(Reply([[text("A long beginning, and then ")], Break.HOLD]))
        with house.bus.follow(f"conversation:{said.conversation_id}"):
            await house.say("stopped", "slack:4")
            async with asyncio.timeout(60):
                while len(gemini.asked) < 6:
                    await asyncio.sleep(0)
        await house.chats.stop("T1", said.conversation_id)
        await house.told()
    assert await left_aside(house) == 0
    answered, paused, stopped = sorted((row for row in await usage(house) if row.prompt), key=lambda row: row.at)
    assert (answered.prompt, answered.cached, answered.output, answered.thoughts) == (1_000, 400, 200, 100)
    assert answered.money == 180 + 12 + 750 and answered.saved == 108 and answered.measured
    assert paused.measured and not stopped.measured
    assert {row.member_id for row in (answered, paused, stopped)} == {"U1"}
    assert answered.conversation_id == said.conversation_id and answered.turn_id
    whole, mine = await month(house), await month(house, "U1")
    assert whole.money_spent == mine.money_spent == sum(row.money or 0 for row in await usage(house))


async def test_what_guests_ask_counts_for_the_workspace_and_not_for_their_host(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    gemini.will_say("Hello.")
    async with house.worker():
        await house.chats.say_as_guest(guest, "hello", "c1")
        await house.face.after()
    assert (await month(house)).money_spent > 0
    async with house.db.read() as tables:
        assert not await tables.budgets.of("T1", [key_of_month(now(), OWNER.id)])
        links = await tables.model_usage.of_links("T1", OWNER.id, now() - timedelta(days=1))
        own = await tables.model_usage.of_member("T1", OWNER.id, now() - timedelta(days=1))
    assert (links.requests, links.turns, own.requests) == (1, 1, 0)
    await may_spend(house, workspace=0)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.text("DELETE FROM rate_limits"))
    async with house.worker():
        await house.chats.say_as_guest(guest, "hello", "c2")
        refused = (await house.face.after(2)).bodies("status")[-1]
    assert refused["code"] == "month" and "$" not in refused["text"] and "administrator" not in refused["text"]


@on_each_engine
async def test_what_a_model_without_a_price_took_counts_as_the_dearest_and_is_shown_as_unknown(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prices, "PRICES", {"gemini-3.5-flash": prices.PRICES["gemini-3.5-flash"]})
    gemini.will_say("Hello.")
    async with house.worker():
        await house.say("hello")
        await house.face.after()
    row = (await usage(house))[0]
    assert (row.model, row.money) == (MODEL, None)
    assert (await month(house)).money_spent > 0
    async with house.db.read() as tables:
        found = await tables.model_usage.of_turns("T1", [row.turn_id])
        by_member = await tables.insights.used("T1", "member", now() - timedelta(days=1))
    assert (found.unpriced, found.tokens) == (1, 18)
    assert [(member, each.requests) for (member, _), each in by_member.items()] == [(OWNER.id, 1)]
    assert [MODEL in each for each in await told(house)] == [True]


@on_each_engine
async def test_an_answer_costs_what_came_before_its_question_too_and_nobody_else_is_told(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    await house.connect(workshop.url)
    async with house.worker():
        gemini.will_call(("shop__build", {"thing": "a boat"}))
        await house.say("build a boat")
        asked = (await house.face.after(1)).bodies("approval")[0]["id"]
        gemini.will_say("Built.")
        await house.chats.decide(OWNER, asked, "approve")
        answer = await house.face.after(2)
    costs = Budgets(house.db)
    found = (await costs.of_turn(OWNER, answer.turn.id)).model
    assert (found.requests, found.turns, found.tokens) == (2, 2, 2 * 18)
    assert await costs.of_turn(OTHER, answer.turn.id) == TurnCost()
    assert f"36 tokens (6 thought) in 2 requests · less than $0.01. {ESTIMATES}" == footer(TurnCost(found))
    assert footer(TurnCost()) == NOT_COUNTED


def test_a_picture_in_a_result_counts_as_a_picture_and_not_as_its_base64() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "A" * 900_000}}
    response = {"name": "cam__photo", "response": {"output": "here"}, "parts": [picture]}
    history = [{"role": "user", "parts": [{"functionResponse": response}]}]
    assert FILE < prompt_of(history, (), "be brief") < FILE + 200


def test_a_prompt_counts_its_tools_as_they_are_sent() -> None:
    history = [{"role": "user", "parts": [{"text": "schön"}]}]
    schema = {"type": "object", "properties": {"größe": {"type": "string", "description": "wie groß, etwa"}}}
    tools = [Tool("own__measure", "Measure", "Misst die Größe.", schema), Tool("own__stop", "Stop", "", {})]
    for _ in range(2):  # what is known of the first request is right for the second
        sent = json.dumps([history, [[t.name, t.description, t.schema] for t in tools], "be brief"], ensure_ascii=False)
        assert prompt_of(history, tools, "be brief") == len(sent.encode()) // BYTES
        tools = [replace(tools[0], pin="p1"), replace(tools[1], pin="p2")]
