"""What guests may spend: set aside before the model is asked, settled once after it, and never more than there is."""

import asyncio
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from bot.agent.events import Spent
from bot.errors import Refused
from bot.services.chats import unpacked
from bot.services.limits import limits, prices
from bot.services.limits.budgets import Metered, Took, ledger
from bot.services.limits.prices import DOLLAR
from bot.services.links import Guest
from bot.services.links.spending import Allowances, Spending, scopes
from bot.settings import Settings
from bot.slack.screens.links.usage import details
from bot.tool_server.link_tools import _told
from playground.gemini import Break, Failure, Reply, text
from storage.bus.bus import Bell
from storage.repositories.links.figures import Counts
from storage.schema import now
from storage.tables import Budget, Job, Link, Reservation
from tests.services.house import OWNER, House
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

PLENTY = Allowances(day_tokens=10**9, day_cents=10**6)


async def link_of(house: House, guest: Guest) -> Link:
    async with house.db.read() as tables:
        link = await tables.links.get("T1", guest.link.id)
    assert link
    return link


async def budgets(house: House) -> list[Budget]:
    async with house.db.read() as tables:
        return list(await tables.session.scalars(sa.select(Budget).order_by(Budget.key)))


async def heard(bell: Bell, words: str) -> None:
    text = ""
    async with asyncio.timeout(60):
        while words not in text:
            await bell.wait(60)
            text += "".join(delta.text for payload in bell.take() if (delta := unpacked(payload)))


async def reserve(house: House, guest: Guest, number: str, tokens: int, money: int) -> None:
    spending = house.chats.spending
    await spending.ledger.reserve(spending.account(guest.link, guest.session.id), number, tokens, money)


async def set_aside(house: House) -> int:
    async with house.db.read() as tables:
        return await tables.session.scalar(sa.select(sa.func.count()).select_from(Reservation)) or 0


async def told(house: House) -> list[str]:
    async with house.db.read() as tables:
        jobs = await tables.session.scalars(sa.select(Job).where(Job.kind == "admin_note").order_by(Job.id))
        return [job.payload["text"] for job in jobs]


async def asked(house: House, guest: Guest, client_id: str = "c1") -> str:
    """How the turn ended."""
    async with house.worker():
        before = len(house.face.shown)
        await house.chats.say_as_guest(guest, "hello", client_id)
        return (await house.face.after(before + 1)).states[-1]


@pytest.mark.parametrize(
    ("allowed", "guests", "passes"),
    [
        (PLENTY, 1, 10),  # the link's 50,000 tokens bite
        (PLENTY, 2, 5),  # the session's half of them
        (Allowances(day_tokens=30_000, day_cents=10**6), 1, 3),  # its creator's half of the day
        (Allowances(day_tokens=10**9, day_cents=8), 1, 4),  # the same in money, at a cent each
        (Allowances(link_cents=7, day_tokens=10**9, day_cents=10**6), 1, 7),  # the link's money
    ],
)
@on_each_engine
async def test_fifty_turns_at_once_never_set_aside_more_than_there_is(
    house: House, allowed: Allowances, guests: int, passes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "LOOKS", 0)
    guest, _ = await house.guest(tokens=50_000, max_sessions=guests)
    spent = Spending(house.db, allowed)
    account = spent.account(guest.link, guest.session.id)

    async def one(number: int) -> bool:
        try:
            await spent.ledger.reserve(account, f"t:1:{number}", 5_000, DOLLAR // 100)
        except Refused as refusal:
            assert refusal.code == "others"
            return False
        return True

    assert sum(await asyncio.gather(*(one(number) for number in range(50)))) == passes
    link = await link_of(house, guest)
    assert (link.tokens_reserved, link.money_reserved) == (passes * 5_000, passes * DOLLAR // 100)
    assert {budget.tokens_reserved for budget in await budgets(house)} == {passes * 5_000}
    assert await set_aside(house) == passes


def test_a_day_as_it_comes_has_room_for_250_guests_who_ask_at_once_of_the_model_as_it_comes() -> None:
    model = str(Settings.model_fields["gemini_model"].default)
    money = prices.at_most(model, limits.TURN_TOKENS - limits.GUEST_TOKENS, limits.GUEST_TOKENS, date(2026, 12, 1))
    day = scopes.of_day(scopes.USUAL, now())
    assert day.tokens >= 250 * limits.TURN_TOKENS and 250 * money <= day.money
    assert 20 * money <= scopes.USUAL.link_cents * scopes.CENT, "on one link"


@on_each_engine
async def test_a_request_is_settled_once_whoever_does_it(house: House) -> None:
    guest, _ = await house.guest()
    await reserve(house, guest, "t:1:1", 5_000, 900)
    await asyncio.gather(
        *(house.chats.spending.ledger.settle("T1", "t:1:1", Took(prompt=700, money=50)) for _ in range(5))
    )
    link = await link_of(house, guest)
    assert (link.tokens_spent, link.tokens_reserved, link.money_spent, link.money_reserved) == (700, 0, 50, 0)
    found = await budgets(house)
    assert [budget.key.partition(":")[0] for budget in found] == ["creator", "month", "session", "workspace"]
    for each in found:
        assert (each.tokens_spent, each.tokens_reserved, each.money_spent, each.money_reserved) == (700, 0, 50, 0)


@on_each_engine
async def test_what_a_dead_process_set_aside_is_settled_at_its_estimate_and_once(house: House) -> None:
    guest, _ = await house.guest()
    await reserve(house, guest, "t:1:1", 5_000, 900)
    assert await house.chats.spending.sweep() == 0, "it may still run"
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Reservation).values(made_at=now() - timedelta(hours=1)))
    assert await house.chats.spending.sweep() == 1
    await house.chats.spending.ledger.settle("T1", "t:1:1", Took(prompt=700, money=50))  # it lived after all
    link = await link_of(house, guest)
    assert (link.tokens_spent, link.tokens_reserved, link.money_spent) == (5_000, 0, 900)


async def test_a_turn_leaves_nothing_set_aside_and_its_price_on_every_account(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    usage = {"promptTokenCount": 1_000, "candidatesTokenCount": 200, "totalTokenCount": 1_200}
    gemini.script(Reply([[text("Hello.")]], usage=usage))
    assert await asked(house, guest) == "done"
    link = await link_of(house, guest)
    assert (link.tokens_spent, link.money_spent) == (1_200, 1_000 * 30 // 100 + 200 * 250 // 100)
    assert [budget.money_spent for budget in await budgets(house)] == [link.money_spent] * 4
    assert await set_aside(house) == 0 == link.tokens_reserved == link.money_reserved


async def test_what_was_refused_costs_nothing_and_what_broke_off_is_paid_for(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    gemini.script(*[Failure(503, "UNAVAILABLE", "down")] * 3)
    assert await asked(house, guest) == "failed"
    assert (await link_of(house, guest)).tokens_spent == 0 == await set_aside(house)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.text("DELETE FROM rate_limits"))
    gemini.script(Reply([[text("A long beginning, and then ")], Break.HOLD]))
    async with house.worker():
        with house.bus.follow(f"conversation:{guest.conversation_id}") as bell:
            await house.chats.say_as_guest(guest, "hello", "c2")
            await heard(bell, "beginning")
        await house.chats.stop(guest.workspace, guest.conversation_id)
        await house.told()
    link = await link_of(house, guest)
    assert link.tokens_spent > 9 and link.money_spent > 0 == link.tokens_reserved == await set_aside(house)


async def test_where_little_is_left_a_turn_waits_for_what_others_have_set_aside(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "LOOK_EVERY", 0.01)
    guest, _ = await house.guest(tokens=20_000)
    await reserve(house, guest, "other:1:1", 17_000, 1)
    account = house.chats.spending.account(guest.link, guest.session.id)
    paid = Metered(gemini.model, house.chats.spending.ledger, account, "mine:1")
    gemini.will_say("At last.")

    async def answer() -> list[str]:
        history = [gemini.model.user("hello")]
        return [type(event).__name__ async for event in paid.reply(history, (), instructions="", max_tokens=4_000)]

    waits = asyncio.create_task(answer())
    while not waits.done() and not gemini.asked:
        await house.chats.spending.ledger.settle("T1", "other:1:1", Took(prompt=100, money=1))
        await asyncio.sleep(0)
    assert (await waits)[-1] == "Reply"


async def test_a_turn_for_which_nothing_is_left_when_it_begins_says_so(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    await house.chats.say_as_guest(guest, "hello", "c1")
    async with house.db.begin() as tables:
        await tables.links.update("T1", guest.link.id, tokens_spent=limits.LINK_TOKENS)
    async with house.worker():
        shown = await house.face.after()
    assert shown.states[-1] == "failed" and "used up" in shown.bodies("status")[-1]["text"]
    assert gemini.asked == []


async def spend(house: House, part: float) -> None:
    """As if so much of the workspace's day had been spent."""
    tokens = int(part * scopes.USUAL.day_tokens)
    row = {"tokens_reserved": 0, "money_spent": 0, "money_reserved": 0, "kept_until": now() + timedelta(days=1)}
    key = scopes.day_of_workspace(now())
    async with house.db.begin() as tables:
        await tables.session.execute(sa.delete(Budget).where(Budget.key == key))
        new = sa.insert(Budget).values(workspace_id="T1", key=key, tokens_spent=tokens, **row)
        await tables.session.execute(new)
        await tables.session.execute(sa.text("DELETE FROM rate_limits"))


@on_each_engine
async def test_at_four_fifths_of_a_day_nobody_new_begins_and_at_its_end_nobody_is_answered(
    house: House, gemini: Scripted
) -> None:
    guest, token = await house.guest(max_sessions=5)
    await spend(house, 0.7999)
    gemini.script(Reply([[text("Yes.")]], usage={"promptTokenCount": 9_000, "totalTokenCount": 9_000}))
    assert await asked(house, guest) == "done"
    with pytest.raises(Refused) as refusal:
        await house.links.start(token, "k" * 22, "Late", True)
    assert refusal.value.code == "day_starts" and 0 < (refusal.value.retry_after or 0) <= 86_400
    assert (await house.links.own(OWNER, guest.link.id)).used_sessions == 1
    await spend(house, 0.9979)
    gemini.script(Reply([[text("Yes.")]], usage={"promptTokenCount": 9_000, "totalTokenCount": 9_000}))
    assert await asked(house, guest, "c2") == "done"
    await spend(house, 0.9999)
    with pytest.raises(Refused) as over:
        await house.chats.say_as_guest(guest, "hello", "c3")
    assert over.value.code == "day" and over.value.retry_after and "administrator" not in str(over.value)
    nearly, all_of_it = await told(house)
    assert "Nobody new" in nearly and "TEMPCHAT_DAY_USD" in nearly and "no answers until midnight" in all_of_it


@on_each_engine
async def test_a_model_without_a_price_counts_as_the_dearest_and_admins_hear_of_it(house: House) -> None:
    guest, _ = await house.guest()
    day = now().date()
    spent = Spent("gemini-9-ultra", 1_000, 0, 100)
    assert prices.price_of("gemini-9-ultra", day) is None
    assert prices.cost_of(spent, day) == prices.dearest(day).of(1_000, 100)
    await reserve(house, guest, "t:1:1", 5_000, 900)
    took = Took()
    took.billed(spent)
    await house.chats.spending.ledger.settle("T1", "t:1:1", took)
    assert ["gemini-9-ultra" in each for each in await told(house)] == [True]
    usage = await house.links.outcomes.usage(OWNER, guest.link.id)
    assert (usage.visits[0].tokens, usage.visits[0].money) == (1_100, prices.cost_of(spent, day))
    assert "(what gemini-9-ultra costs is not known: counted as the dearest model)" in str(details(usage, now()))
    listed = _told(usage.link, Counts())
    assert "less than $0.01 (the price of gemini-9-ultra is not known: counted as the dearest)" in listed


@pytest.mark.parametrize(
    ("answered_by", "priced"),
    [
        ("gemini-2.5-flash", True),
        ("models/gemini-2.5-flash-002", True),
        ("gemini-3.5-flash-lite-preview-09-2026", True),
        ("gemini-2.5-flash-lite-001", True),
        ("gemini-3.5-flash-mega", False),
        ("gemini-2.5-flash-image", False),
    ],
)
def test_a_price_is_of_one_model_and_its_versions(answered_by: str, priced: bool) -> None:
    assert (prices.price_of(answered_by, date(2026, 11, 29)) is not None) is priced


def test_what_is_cached_costs_less_and_a_price_holds_from_its_day() -> None:
    price = prices.price_of("gemini-2.5-flash", date(2026, 11, 29))
    assert price and prices.cost_of(Spent("gemini-2.5-flash", 1_000, 400, 10), date(2026, 11, 29)) == 180 + 12 + 25
    assert price.of(1, 0) == 1, "rounded up"


NEW_YEARS_EVE, NEW_YEAR = date(2026, 12, 31), date(2027, 1, 1)


@pytest.mark.parametrize(
    ("spent", "on", "money"),
    [
        (Spent("gemini-2.5-flash", 1_000, 0, 100, thoughts=300), NEW_YEAR, 300 + 1_000),
        (Spent("gemini-2.5-flash", 1_000, 0, 0, audio=400), NEW_YEAR, 180 + 400),
        (Spent("gemini-3.8-flash", 1_000, 400, 100), NEW_YEARS_EVE, 450 + 30 + 375),
        (Spent("gemini-3.8-flash", 1_000, 400, 100), NEW_YEAR, 2 * (450 + 30 + 375)),
        (Spent("gemini-3.1-pro-preview", 200_000, 0, 10), NEW_YEAR, 400_000 + 120),
        (Spent("gemini-3.1-pro-preview", 200_001, 1, 10), NEW_YEAR, 800_000 + 1 + 180),
    ],
)
def test_thoughts_are_output_sound_and_long_prompts_cost_more_and_a_price_changes_on_its_day(
    spent: Spent, on: date, money: int
) -> None:
    assert prices.cost_of(spent, on) == money


def test_saved_is_what_the_cached_tokens_would_have_cost_on_top_and_nothing_without_a_price() -> None:
    assert prices.saved_by_cache(Spent("gemini-2.5-flash", 1_000, 400, 10), NEW_YEAR) == 108
    assert prices.saved_by_cache(Spent("gemini-9-ultra", 1_000, 400, 10), NEW_YEAR) == 0


async def test_what_a_link_may_cost_is_its_creators_choice_and_no_more_than_the_workspaces(house: House) -> None:
    guest, _ = await house.guest()
    link = guest.link
    assert scopes.of_link(link, Allowances(link_cents=40)).money == 40 * scopes.CENT
    link.limits = link.limits | {"cents": 25}
    assert scopes.of_link(link, Allowances(link_cents=40)).money == 25 * scopes.CENT
    assert scopes.of_link(link, Allowances(link_cents=10)).money == 10 * scopes.CENT
