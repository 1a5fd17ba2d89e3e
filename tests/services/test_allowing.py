"""«Always», for less than a whole tool: in one conversation, or with the arguments that say where."""

import contextlib

import pytest

from bot.errors import NotYours
from bot.services.approvals.deciding import Answer
from bot.services.approvals.refusing import STALE, Unfit
from storage.tables import Approval
from tests.services.house import OTHER, OWNER, PLACE, House, Place
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted
from tests.support.tracker import DOCS, WEB, Tracker, tracker

__all__ = ["tracker"]


async def asked(
    house: House, gemini: Scripted, *numbers: int, where: dict[str, str] = WEB, place: Place = PLACE
) -> str:
    """The question's id."""
    turns = len(house.face.shown)
    gemini.will_call(*(("shop__close_issue", {**where, "number": number}) for number in numbers))
    await house.say(f"close {numbers}", f"slack:{place.thread_ts}:{turns}", place=place)
    shown = await house.face.after(turns + 1)
    assert shown.states[-1] == "waiting"
    return str(shown.bodies("approval")[0]["id"])


async def unasked(
    house: House, gemini: Scripted, number: int, where: dict[str, str] = WEB, place: Place = PLACE
) -> bool:
    """Whether a call runs without a question; answers one with no."""
    turns = len(house.face.shown)
    gemini.will_call(("shop__close_issue", {**where, "number": number}))
    gemini.will_say("So it is.")
    await house.say(f"close {number}", f"slack:{place.thread_ts}:{turns}", place=place)
    shown = await house.face.after(turns + 1)
    if shown.states[-1] == "done":
        return True
    await house.chats.decide(OWNER, shown.bodies("approval")[0]["id"], "deny")
    await house.face.after(turns + 2)
    return False


async def decided(house: House, gemini: Scripted, approval_id: str, scope: str) -> Approval:
    turns = len(house.face.shown)
    gemini.will_say("Done.")
    approval = await house.chats.deciding.decide(OWNER, approval_id, Answer("always", scope=scope))
    await house.face.after(turns + 1)
    return approval


ELSEWHERE = Place("D1", "2.0", "T1", private=True)


async def test_always_in_this_conversation_holds_there_alone_until_it_is_taken_back(
    house: House, gemini: Scripted, tracker: Tracker
) -> None:
    await house.connect(tracker.url)
    async with house.worker():
        approval_id = await asked(house, gemini, 1)
        await decided(house, gemini, approval_id, "conversation")
        assert await unasked(house, gemini, 2)
        assert await unasked(house, gemini, 3, DOCS)
        assert not await unasked(house, gemini, 4, place=ELSEWHERE)
        [row] = await house.chats.deciding.allowed(OWNER)
        with pytest.raises(NotYours):
            await house.chats.deciding.take_back(OTHER, row.id)
        await house.chats.deciding.take_back(OWNER, row.id)
        assert not await unasked(house, gemini, 5)
    assert tracker.closed == ["acme/web#1", "acme/web#2", "acme/docs#3"]


@on_each_engine
async def test_always_where_holds_for_the_same_place_in_every_conversation(
    house: House, gemini: Scripted, tracker: Tracker
) -> None:
    await house.connect(tracker.url)
    async with house.worker():
        approval_id = await asked(house, gemini, 1, 2)
        await decided(house, gemini, approval_id, "arguments")
        [row] = await house.chats.deciding.allowed(OWNER)
        assert row.arguments == WEB and row.conversation_id is None
        assert await unasked(house, gemini, 3, place=ELSEWHERE)
        assert not await unasked(house, gemini, 4, DOCS)
        assert not await unasked(house, gemini, 5, {"owner": "acme", "repo": "Web"})
        await house.chats.deciding.ask_again(OWNER, approval_id)
        assert await house.chats.deciding.allowed(OWNER) == []
        assert not await unasked(house, gemini, 6)
    assert sorted(tracker.closed) == ["acme/web#1", "acme/web#2", "acme/web#3"]


async def test_what_a_host_allowed_for_themselves_frees_no_call_of_a_guest(
    house: House, gemini: Scripted, tracker: Tracker
) -> None:
    """Whose agent has that tool by a link, which asks each time: with the very arguments that were allowed."""
    made = await house.connect(tracker.url)
    async with house.worker():
        await decided(house, gemini, await asked(house, gemini, 1), "arguments")
        guest, _ = await house.guest(tools=((made.connection.id, "close_issue"),))
        gemini.will_call(("shop__close_issue", {**WEB, "number": 2}))
        await house.chats.say_as_guest(guest, "close 2 for me", "client-1")
        shown = await house.face.after(3)
    assert shown.states[-1] == "waiting" and tracker.closed == ["acme/web#1"]


@on_each_engine
async def test_what_was_allowed_is_asked_about_again_in_the_turn_that_runs(
    house: House, gemini: Scripted, tracker: Tracker
) -> None:
    await house.connect(tracker.url)
    async with house.worker():
        approval_id = await asked(house, gemini, 1)
        await decided(house, gemini, approval_id, "arguments")
        tracker.held = True
        tracker.closing.clear()
        for number in (2, 3):
            gemini.will_call(("shop__close_issue", {**WEB, "number": number}))
        await house.say("close 2 and 3", "slack:both")
        await tracker.closing.wait()
        [row] = await house.chats.deciding.allowed(OWNER)
        await house.chats.deciding.take_back(OWNER, row.id)
        tracker.free.set()
        shown = await house.face.after(3)
    assert shown.states[-1] == "waiting"
    assert shown.bodies("approval")[0]["calls"][0]["arguments"]["number"] == 3
    assert tracker.closed == ["acme/web#1", "acme/web#2"]


async def test_it_holds_for_the_tool_as_it_was_then(house: House, gemini: Scripted, tracker: Tracker) -> None:
    made = await house.connect(tracker.url)
    async with house.worker():
        approval_id = await asked(house, gemini, 1)
        await decided(house, gemini, approval_id, "conversation")
        async with house.db.begin() as tables:
            [row] = [each for each in await tables.tools.of("T1", made.connection.id) if each.name == "close_issue"]
            row.pin = "another"
            await tables.tools.save([row])
        assert not await unasked(house, gemini, 2)


@on_each_engine
async def test_all_that_only_read_are_freed_together_and_nothing_else(
    house: House, gemini: Scripted, tracker: Tracker
) -> None:
    made = await house.connect(tracker.url)
    gemini.will_call(("shop__list_issues", {}))
    async with house.worker():
        await house.say("list them")
        shown = await house.face.after()
        approval_id = shown.bodies("approval")[0]["id"]
        approval = await house.chats.approval("T1", approval_id)
        assert approval and approval.calls[0]["readers"] == 2
        await decided(house, gemini, approval_id, "reading")
        tools = await house.connections.tools(OWNER, made.connection.id)
        freed = {"close_issue": "ask", "list_issues": "always", "read_issue": "always"}
        assert {each.name: each.policy for each in tools} == freed
        await house.chats.deciding.ask_again(OWNER, approval_id)
        tools = await house.connections.tools(OWNER, made.connection.id)
        assert {each.policy for each in tools} == {"ask"}


@pytest.mark.parametrize("scope", ["reading", "everything", ""])
async def test_what_was_never_offered_cannot_be_allowed(
    house: House, gemini: Scripted, tracker: Tracker, scope: str
) -> None:
    await house.connect(tracker.url)
    async with house.worker():
        approval_id = await asked(house, gemini, 1)
        with pytest.raises(Unfit):
            await house.chats.deciding.decide(OWNER, approval_id, Answer("always", scope=scope))
        approval = await house.chats.approval("T1", approval_id)
    assert approval and approval.state == "asked" and tracker.closed == []
    assert await refusals(house) == [(OWNER.id, "not_offered")]


async def test_a_guests_question_allows_nothing_beforehand(house: House, gemini: Scripted, tracker: Tracker) -> None:
    made = await house.connect(tracker.url)
    guest, _ = await house.guest(tools=((made.connection.id, "close_issue"),))
    gemini.will_call(("shop__close_issue", {**WEB, "number": 1}))
    async with house.worker():
        await house.chats.say_as_guest(guest, "close it", "client-1")
        shown = await house.face.after()
        approval_id = shown.bodies("approval")[0]["id"]
        for scope in ("tool", "conversation", "arguments"):
            with pytest.raises(Unfit):
                await house.chats.deciding.decide(OWNER, approval_id, Answer("always", scope=scope))
    assert tracker.closed == []


async def test_changed_arguments_are_what_runs_and_the_model_is_told(
    house: House, gemini: Scripted, tracker: Tracker
) -> None:
    await house.connect(tracker.url)
    async with house.worker():
        approval_id = await asked(house, gemini, 1)
        changed = await house.chats.changing.change(OWNER, approval_id, 0, {**DOCS, "number": 7}, 0)
        assert changed.revision == 1 and changed.calls[0]["before"] == {**WEB, "number": 1}
        gemini.will_say("Closed another.")
        await house.chats.deciding.decide(OWNER, approval_id, Answer("approve", revision=1))
        await house.face.after(2)
    assert tracker.closed == ["acme/docs#7"]
    heard = str(gemini.responses())
    assert "The member changed the arguments" in heard and '"number":7' in heard
    async with house.db.read() as tables:
        entries = {each.action: each.detail for each in await tables.audit.of("T1")}
    assert entries["approval.changed"] == {"tool": "Shop: Close an issue", "arguments": ["number", "repo"]}
    assert entries["approval.decided"]["changed"] is True


@on_each_engine
async def test_arguments_swapped_under_a_click_are_not_what_it_says_yes_to(
    house: House, gemini: Scripted, tracker: Tracker
) -> None:
    await house.connect(tracker.url)
    async with house.worker():
        approval_id = await asked(house, gemini, 1)
        await house.chats.changing.change(OWNER, approval_id, 0, {**DOCS, "number": 7}, 0)
        with pytest.raises(Unfit, match=STALE):
            await house.chats.decide(OWNER, approval_id, "approve")
        with pytest.raises(Unfit, match=STALE):
            await house.chats.changing.change(OWNER, approval_id, 0, {**DOCS, "number": 8}, 0)
        with pytest.raises(Unfit):
            await house.chats.changing.change(OTHER, approval_id, 0, {**DOCS, "number": 8}, 1)
    assert tracker.closed == []
    assert await refusals(house) == [(OTHER.id, "another"), (OWNER.id, "stale"), (OWNER.id, "stale")]


@pytest.mark.parametrize(
    "arguments", [{**WEB}, {**WEB, "number": "seven"}, {**WEB, "number": float("inf")}], ids=["missing", "kind", "inf"]
)
async def test_arguments_that_the_tool_does_not_take_are_refused(
    house: House, gemini: Scripted, tracker: Tracker, arguments: dict[str, object]
) -> None:
    await house.connect(tracker.url)
    async with house.worker():
        approval_id = await asked(house, gemini, 1)
        with pytest.raises(Unfit):
            await house.chats.changing.change(OWNER, approval_id, 0, dict(arguments), 0)
        approval = await house.chats.approval("T1", approval_id)
    assert approval and approval.revision == 0


async def test_a_no_with_a_reason_is_told_to_the_model_as_the_members_words(
    house: House, gemini: Scripted, tracker: Tracker
) -> None:
    await house.connect(tracker.url)
    async with house.worker():
        approval_id = await asked(house, gemini, 1)
        gemini.will_say("Then not.")
        answer = Answer("deny", reason="only the open ones")
        await house.chats.deciding.decide(OWNER, approval_id, answer)
        await house.face.after(2)
    assert tracker.closed == []
    assert "declined this call, and says why: only the open ones" in str(gemini.responses())


async def test_every_refused_click_is_audited_with_who_and_why(
    house: House, gemini: Scripted, tracker: Tracker
) -> None:
    made = await house.connect(tracker.url)
    async with house.worker():
        first = await asked(house, gemini, 1)
        gemini.will_say("Done.")
        tries = [(OTHER, first), (OWNER, first), (OWNER, first)]
        for member, approval_id in tries:
            with contextlib.suppress(NotYours):
                await house.chats.decide(member, approval_id, "approve")
        await house.face.after(2)
        second = await asked(house, gemini, 2)
        await house.connections.disconnect(OWNER, made.connection.id)
        with pytest.raises(NotYours, match="was disconnected"):
            await house.chats.decide(OWNER, second, "approve")
    assert tracker.closed == ["acme/web#1"]
    assert await refusals(house) == [(OWNER.id, "lapsed"), (OWNER.id, "decided"), (OTHER.id, "another")]


async def refusals(house: House) -> list[tuple[str, str]]:
    """Who, and why not; the newest first."""
    async with house.db.read() as tables:
        entries = await tables.audit.of("T1")
    return [(each.actor, each.detail["by"]) for each in entries if each.action == "approval.refused"]
