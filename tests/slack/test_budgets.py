"""Administrators see what the workspace uses and limit it on the Home tab; a member sees what is their own."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services.limits.budgets import ledger
from bot.services.limits.budgets.budgets import Mine, Month
from bot.services.limits.budgets.months import EACH_MEMBER, WORKSPACE, of_month
from bot.slack.screens import home
from bot.slack.screens.spending import budgets as screens
from bot.slack.screens.spending.amounts import cost, typed
from bot.slack.screens.spending.mine import mine
from bot.slack.screens.turns import failed
from playground.gemini import Reply, text
from playground.slack.block_kit.checking import check
from playground.slack.core.people import MEMBER
from storage.members import Member
from storage.repositories.spending.model_usage import Sum
from storage.schema import now
from storage.tables import AuditEntry, Budget, SpendingLimit
from tests.slack.test_screens import SHORT_HOSTILE
from tests.support.slack import DM, MEMBERS_DM, OWNER, TEAM, Usher, said

USAGE = {
    "promptTokenCount": 100_000,
    "cachedContentTokenCount": 40_000,
    "candidatesTokenCount": 2_000,
    "thoughtsTokenCount": 6_000,
    "totalTokenCount": 108_000,
}
SOME = Sum(7, 100, 40, 5, 6, 7_000_000, 10, 6, 5, 4)
MANY = Month(
    SOME,
    [(SHORT_HOSTILE, SOME)] * 10,
    [("answer", SOME), (SHORT_HOSTILE, SOME)],
    [(SHORT_HOSTILE, Sum(requests=1)), ("gemini-2.5-flash", SOME)],
    [((now() - timedelta(days=n)).date(), n) for n in reversed(range(31))],
    {f"U{n}": SpendingLimit(whose=f"U{n}", money=n, asks_from=None) for n in range(60)},
)


async def opened(usher: Usher) -> dict[str, Any]:
    await usher.press(await usher.tab("budgets"), screens.OPEN)
    return await usher.modal_with("each member")


async def ask(usher: Usher, words: str, person: str = OWNER, channel: str = DM) -> None:
    usher.gemini.script(Reply([[text(words)]], usage=USAGE))
    await usher.slack.person_says(person, channel, "Tell me something")
    await usher.message_with(words, channel, person)


async def test_an_admin_limits_the_workspace_and_whoever_has_nothing_left_reads_when_it_lifts(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "LOOKS", 0)
    await ask(usher, "So it is.")
    shown = await opened(usher)
    assert "1 answer · 108,000 tokens (40,000 read from the cache, 6,000 thought) · about $0.04" in said(shown)
    await usher.submit(shown, workspace="0.04", members="7.50")
    await usher.modal_with("Saved")
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "And me?")
    refused = said(await usher.message_with("All of you together", MEMBERS_DM, MEMBER))
    assert "$0.04" in refused and "at 00:00 UTC" in refused
    await usher.submit(await usher.modal_with("Saved"), workspace="", members="7.50")
    await usher.slack.when(lambda: "of $0.04" not in said(usher.modal() or {}))
    await ask(usher, "You too.", MEMBER, MEMBERS_DM)
    async with usher.services.db.read() as tables:
        entries = await tables.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "budget.limited"))
        changes = [(entry.actor, entry.subject, entry.detail["money"]) for entry in entries]
        assert await tables.audit.verify(TEAM)
    assert sorted(changes, key=str) == [
        (OWNER, "members", 7_500_000),
        (OWNER, "workspace", 40_000),
        (OWNER, "workspace", None),
    ]


async def test_one_member_gets_a_budget_of_their_own_and_loses_it_again(usher: Usher) -> None:
    await usher.press(await opened(usher), screens.ONE)
    form = await usher.modal_with("What they may use")
    await usher.slack.submit_view(OWNER, form["id"], {"member": {"value": MEMBER}, "money": {"value": "2"}})
    shown = await usher.modal_with("$2.00 a month")
    await usher.press(shown, screens.LIFT)
    await usher.modal_with("No member has a budget of their own")


async def test_who_is_no_admin_any_more_changes_nothing_by_a_window_that_is_still_open(usher: Usher) -> None:
    await usher.services.budgets.limit(usher.member, MEMBER, 2_000_000)
    shown = await opened(usher)
    usher.slack.workspace.directory.people[OWNER].flags.update(
        dict.fromkeys(("is_admin", "is_owner", "is_primary_owner"), False)
    )
    await usher.press(shown, screens.LIFT)
    await usher.slack.when(lambda: screens.ONLY_ADMINS in said(usher.modal() or {}))
    await usher.slack.close_view(OWNER, (usher.modal() or {})["id"])
    await usher.submit(shown, workspace="5", members="")
    month = await usher.services.budgets.month(TEAM)
    assert month.of_their_own == {MEMBER: 2_000_000} and month.limit() is None
    assert screens.OPEN not in str(await usher.home(MEMBER))


async def test_a_member_sees_what_they_used_on_their_home_tab(usher: Usher) -> None:
    assert "Nothing yet this month." in said(await usher.home())
    await ask(usher, "So it is.")
    await usher.services.budgets.limit(usher.member, OWNER, 1_000_000)
    await usher.slack.open_home(OWNER)
    shown = await usher.slack.when(lambda: (h := usher.slack.snapshot(OWNER)["home"]) and "1 answer" in said(h) and h)
    assert "about $0.04 of $1.00" in said(shown) and "The cache saved about $0.01" in said(shown)


def test_screens_with_much_and_with_hostile_words_are_ones_that_slack_takes() -> None:
    for view in (screens.budgets(Month()), screens.budgets(MANY, "Told."), screens.one()):
        assert check(view, "modal") == []
    month = Mine(SOME, SOME, 10, 10)
    assert check(home.home([], [], now(), month=month, admin=True), "home") == []
    assert "<!channel>" not in str(screens.budgets(MANY)) and mine(Mine()) != mine(month)


def test_what_has_no_price_is_never_shown_as_if_it_cost_nothing() -> None:
    assert cost(Sum(requests=2, priced=0)) == "the price of 2 requests is not known"
    assert cost(SOME) == "about $7.00, and the price of 1 request is not known"


@pytest.mark.parametrize(("said", "money"), [("", None), ("25", 25_000_000), ("$1,000.5", 1_000_500_000), ("0", 0)])
def test_an_amount_is_read_as_people_type_it(said: str, money: int | None) -> None:
    assert typed(said) == money


@pytest.mark.parametrize("said", ["-1", "much", "1e9", "NaN", "Infinity"])
def test_what_is_no_amount_is_refused_with_what_to_do(said: str) -> None:
    with pytest.raises(ValueError, match="such as 25"):
        typed(said)


async def test_who_has_used_up_their_month_asks_the_admins_by_one_click_and_an_admin_raises_it(usher: Usher) -> None:
    await usher.services.budgets.limit(usher.member, EACH_MEMBER, 0)
    for person, direct in ((MEMBER, MEMBERS_DM), (OWNER, DM)):
        await usher.slack.person_says(person, direct, "hi")
        told = await usher.message_with("You have used up", direct, person)
        await usher.press(told, failed.RAISE, person)
    await usher.message_with(failed.ASKED, MEMBERS_DM, MEMBER)
    told = said(await usher.message_with("asks you to raise it"))
    assert f"<@{MEMBER}> has used up" in told and "doctor" not in told
    assert await usher.modal_with("the whole workspace, its guests too") and not usher.gemini.asked
    await usher.services.budgets.limit(usher.member, EACH_MEMBER, 2_000_000)
    assert "now $2.00" in said(await usher.message_with("You asked for more", MEMBERS_DM, MEMBER))


async def test_who_asked_for_more_for_everybody_hears_when_there_is_and_nobody_is_named_as_using_it_up(
    usher: Usher,
) -> None:
    costs = usher.services.budgets
    await costs.limit(usher.member, WORKSPACE, 0)
    await costs.ask_admins(Member(TEAM, MEMBER))
    told = said(await usher.message_with("asks you to raise it"))
    assert "this workspace may use of me this month is used up" in told and f"<@{MEMBER}> asks you" in told
    await costs.limit(usher.member, EACH_MEMBER, 5_000_000)  # of which they had not asked
    await costs.limit(usher.member, WORKSPACE, None)
    assert "no limit any more to what this workspace" in said(await usher.message_with("You asked", MEMBERS_DM, MEMBER))
    assert str(usher.slack.calls).count("You asked for more") == 1


async def test_who_asked_for_more_is_told_the_truth_where_a_lower_limit_of_all_takes_the_place_of_their_own(
    usher: Usher,
) -> None:
    costs, member = usher.services.budgets, Member(TEAM, MEMBER)
    await costs.limit(usher.member, EACH_MEMBER, 1_000_000)
    await costs.limit(usher.member, MEMBER, 2_000_000)
    await costs.ask_admins(member)
    await costs.limit(usher.member, MEMBER, None)
    told = said(await usher.message_with("not more than before", MEMBERS_DM, MEMBER))
    assert "It is $1.00 now, and was $2.00" in told and "ask me again" not in told
    async with usher.services.db.begin() as tables:
        month = of_month(now(), MEMBER)
        tables.session.add(Budget(workspace_id=TEAM, key=month.key, money_spent=3_000_000, kept_until=month.kept_until))
    await costs.limit(usher.member, MEMBER, 2_500_000)
    assert "now $2.50. As much is used" in said(await usher.message_with("still cannot answer", MEMBERS_DM, MEMBER))
    await costs.limit(usher.member, MEMBER, 4_000_000)
    assert "now $4.00. Please" in said(await usher.message_with("ask me again", MEMBERS_DM, MEMBER))
