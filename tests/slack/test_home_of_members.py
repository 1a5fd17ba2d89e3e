"""What a member finds on top of Home: first steps, questions that wait, what would be easier; and their own use."""

from datetime import timedelta

import sqlalchemy as sa

from bot.services.chats.members.showing import Shown
from bot.services.limits.budgets.budgets import Mine
from bot.services.limits.keeping import Chosen
from bot.services.memory import Kept
from bot.services.watch.insights.digest import Digest
from bot.services.watch.insights.mine import ALWAYS, LEAVE, TEST, MyInsights, Suggestion, suggestions
from bot.services.watch.insights.mine import Mine as MyUse
from bot.slack.screens import approvals, home
from bot.slack.screens.governing import overview, policies
from bot.slack.screens.spending import mine
from bot.slack.screens.talking import beginning, showing, sight
from playground.slack.block_kit.checking import check
from storage.repositories.insights.calls import Calls
from storage.repositories.insights.gathering import Used
from storage.schema import now
from storage.tables import AccessToken, Approval, Connection, Note, Reminder
from tests.slack.test_admin_tabs import acts, home_with
from tests.slack.test_budgets import MANY, SOME
from tests.slack.test_screens import AGENTS, HOSTILE, LEAVING, NOW, VIEWS, link
from tests.support.slack import DM, MEMBER, MEMBERS_DM, OWNER, TEAM, Usher, said


async def test_whoever_has_done_nothing_yet_finds_three_steps_each_with_a_button(usher: Usher) -> None:
    home = await usher.home(MEMBER)
    for action in ("connection.connect", beginning.HELLO, "link.create"):
        assert action in str(home["blocks"][:5])
    await usher.press(home, beginning.HELLO, MEMBER)
    await usher.message_with("Hello!", MEMBERS_DM, MEMBER)


async def test_a_question_that_waits_stands_on_top_until_it_is_answered(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await usher.home()
    usher.gemini.will_call(("notes__add_note", {"text": "tea"}))
    await usher.slack.person_says(OWNER, DM, "Note it")
    asked = await usher.message_with("May I?")
    home = await home_with(usher, "Waiting for your answer: 1")
    assert "https://" in next(str(block) for block in home["blocks"] if beginning.DECIDE in str(block))
    usher.gemini.will_say("Done.")
    await usher.press(asked, approvals.APPROVE)
    await usher.slack.when(lambda: "Waiting for" not in said(usher.slack.snapshot(OWNER)["home"]))


async def test_what_is_always_approved_what_fails_and_what_lies_idle_is_suggested_with_its_evidence(
    usher: Usher, notes: str
) -> None:
    made = await usher.connect_notes(notes)
    async with usher.services.db.begin() as tables:
        chat = await tables.conversations.open(TEAM, OWNER, "slack", "k", {"channel": DM})
        call = {"connection_id": made, "tool": "add_note", "title": "x", "guarded": True}
        row = {"workspace_id": TEAM, "conversation_id": chat.id, "turn_id": "t", "member_id": OWNER, "pause": {}}
        for _ in range(5):
            tables.session.add(Approval(**row, calls=[call], digest="d", state="approved", expires_at=now()))
        for outcome in ("done", "failed", "timed_out", "failed"):
            await tables.usage.add(TEAM, OWNER, "add_note", outcome, 200, connection_id=made)
    use = await MyInsights(usher.services.db).of(usher.member)
    [view] = await usher.services.connections.of(usher.member)
    held = [(view.connection, view.tools, view.use.last)]
    found = {each.kind: each.number for each in suggestions(use, held, now())}
    assert found == {ALWAYS: 5, TEST: 3}
    later = {each.kind: each.number for each in suggestions(MY_NOTHING, held, now() + timedelta(days=70))}
    assert later == {LEAVE: 70}
    home = await usher.home()
    assert "You approved *Notes: Add a note* 5 times in 30 days" in said(home)
    assert "Tools: 4 calls, 3 failed, 0.2 s each" in said(home) and "Most called: add_note (4)" in said(home)
    await usher.press(home, beginning.ALWAYS_NOW)
    await home_with(usher, "What runs without asking* · 1 rule")
    assert "tool.policy" in await acts(usher)


MY_NOTHING = mine.NO_USE


async def test_a_member_reads_what_is_seen_of_them_what_is_kept_and_who_sees_it(usher: Usher, notes: str) -> None:
    await usher.press(await usher.home(MEMBER), sight.OPEN, MEMBER)
    await usher.modal_with(sight.NOTHING, MEMBER)
    await usher.connect_notes(notes)
    await usher.services.keeping.set(usher.member, Chosen(conversations=31))
    await usher.press(await usher.home(), sight.OPEN)
    shown = said(await usher.modal_with("You have connected 1 tool."))
    assert "after 31 days without a word" in shown and "never what was said or found" in shown


def test_home_with_as_much_of_everything_as_there_may_be_is_one_that_slack_takes() -> None:
    calls = [{"title": HOSTILE, "server": "Notes", "tool": "t", "arguments": {}}]
    asked = [Approval(id="a", calls=calls, created_at=NOW, expires_at=NOW, message={})] * 9
    easier = [Suggestion(ALWAYS, "c", HOSTILE, 9, "t")] * 3
    token = AccessToken(id="t", kind="ushp", name=HOSTILE[:80], tail="aaaa", scopes=["mcp"], expires_at=NOW)
    shown = home.home(
        VIEWS,
        [link(HOSTILE)] * 45,
        NOW,
        leaving=[LEAVING] * 10,
        admin=True,
        starts=[(NOW.date(), 3)] * 14,
        kept=Kept(5, [Note(id="n", text=HOSTILE, since=NOW)] * 9),
        month=Mine(own=SOME, of_links=SOME, limit=5, days=MANY.days, tools=5),
        reminders=[Reminder(id="r", text=HOSTILE, place={}, due_at=NOW)] * 20,
        tokens=[token] * 20,
        agents=AGENTS,
        use=MyUse(asked, Calls(done=9), [("c", "t", Used(done=9))] * 5),
        top=[*beginning.waiting(asked, {}), *beginning.suggested(easier)],
        more=showing.listed([Shown("C1", "c" * 36, HOSTILE[:80])] * 40),
        pages="https://usher.example",
    )
    assert check(shown, "home") == []
    assert "60 connections, page 1 of" in str(shown)


async def test_tables_of_ones_own_use_and_of_the_workspaces_come_into_the_direct_message(
    usher: Usher, notes: str
) -> None:
    made = await usher.connect_notes(notes)
    async with usher.services.db.begin() as tables:
        for tool in ("=add_note", "look"):
            await tables.usage.add(TEAM, OWNER, tool, "done", 200, connection_id=made)
        await tables.session.execute(sa.update(Connection).values(status="failing"))
    await usher.press(await usher.home(), mine.CSV)
    await usher.slack.when(lambda: "usage.csv" in str(usher.slack.messages(DM, OWNER)))
    shown = await usher.tab("overview")
    assert "1 thing to look at" in said(shown) and "1 not answering" in said(shown)
    await usher.press(shown, overview.REPORT)
    await usher.slack.when(lambda: "workspace.csv" in str(usher.slack.messages(DM, OWNER)))
    chart = next(each for each in usher.slack.messages(DM, OWNER) if "data_visualization" in str(each))
    assert "2 look" in str(chart["blocks"]) and usher.slack.refusals == []


async def test_the_weekly_digest_comes_to_admins_and_is_off_at_a_click(usher: Usher) -> None:
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
        await tables.audit.add(TEAM, OWNER, "link.created", "l")
    await Digest(usher.services.db).tell()
    await usher.services.bus.tell("jobs")
    note = await usher.message_with("this was the week")
    assert "usher audit verify --anchor" in said(note)
    await usher.press(note, policies.DIGEST)
    await usher.message_with(policies.DIGEST_OFF)
    assert not (await usher.services.policies.of(TEAM)).digest
    await usher.press(await usher.tab("policies"), policies.DIGEST)
    await home_with(usher, "Once a week: what was used")
