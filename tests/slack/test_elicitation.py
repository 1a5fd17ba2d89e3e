"""A server asks in the middle of a call: in the thread, by a form or a page, and its message says how it ended."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import NotYours
from bot.services.approvals.elicitations import Elicitations, asker
from bot.services.connections.using.trying import Trial
from bot.slack.listeners.connections import trial_window
from bot.slack.screens.approvals import elicitations as screens
from bot.slack.screens.connections import trying as trial_screens
from mcp_runtime.sessions import calls_under_way
from mcp_runtime.tools.tools import ToolCall, ToolResult
from playground.slack.block_kit.checking import check
from playground.slack.core.refusal import Unable
from run_cards import custom
from storage.members import Member
from storage.schema import now
from storage.tables import Connection, Elicitation, PinnedTool, Turn
from tests.mcp_runtime import asking_in_rounds
from tests.mcp_runtime.asking import PAGE, make_server
from tests.mcp_runtime.lively import of_old
from tests.mcp_runtime.servers import asgi, free_socket, port_of
from tests.support.server_questions import asked as asked_by_the_only_one
from tests.support.server_questions import called_soon, heard
from tests.support.slack import GENERAL, MEMBER, OWNER, TEAM, Usher, said


@pytest.fixture(params=["handshake", "modern"])
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    listener = free_socket()
    app = make_server().streamable_http_app()
    async with asgi(app if request.param == "modern" else of_old(app), listener):
        yield f"http://127.0.0.1:{port_of(listener)}/mcp"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window does not wait a second for the answer of a server that is going to ask."""
    monkeypatch.setattr(trial_window, "GRACE", 0.0)


@pytest.fixture
async def old_url() -> AsyncIterator[str]:
    listener = free_socket()
    async with asgi(of_old(make_server().streamable_http_app()), listener):
        yield f"http://127.0.0.1:{port_of(listener)}/mcp"


async def connected(usher: Usher, url: str) -> str:
    """The connection's id."""
    made = await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Inn", "url": url})
    return str(made.connection.id)


async def asked(usher: Usher, url: str, tool: str) -> dict[str, Any]:
    await connected(usher, url)
    return await asked_by_the_only_one(usher, tool)


async def pressed(usher: Usher, text: str, action: str) -> None:
    """In a message that is being put up anew, by the click and by the job that sees to it."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await usher.press(await usher.message_with(text), action)
            except Unable:
                await asyncio.sleep(0.01)


async def rows(usher: Usher) -> list[Elicitation]:
    async with usher.services.db.read() as tables:
        return list(await tables.session.scalars(sa.select(Elicitation)))


async def test_a_form_is_filled_in_and_the_call_goes_on_with_it(url: str, usher: Usher) -> None:
    question = await asked(usher, url, "book")
    assert "For whom is the table?" in said(question) and "Only <@U0OWNER> can answer" in said(question)
    await usher.press(question, screens.ANSWER)
    form = await usher.modal_with("For whom is the table?")
    fields = {block["label"]["text"]: block for block in form["blocks"] if block["type"] == "input"}
    assert "Your name" in fields

    refused = await usher.submit(form, **{fields["Guests"]["block_id"]: "11"})
    assert "errors" in str(refused)
    form = await usher.modal_with("For whom is the table?")
    await usher.submit(form, **{fields["Your name"]["block_id"]: "Ada", fields["Guests"]["block_id"]: "4"})
    await usher.message_with("So be it.")
    assert "Ada, 4, neither, False" in heard(usher)
    closed = await usher.message_with("Answered")
    assert closed["ts"] == question["ts"] and screens.ANSWER not in said(closed)
    assert [(row.state, row.answer) for row in await rows(usher)] == [("answered", None)]
    assert usher.slack.refusals == []


async def test_in_a_channel_only_its_member_is_shown_what_a_server_asks(url: str, usher: Usher) -> None:
    await connected(usher, url)
    await called_soon(usher, "book")
    ts = await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> book a table")
    question = await usher.message_with("For whom is the table?")
    assert GENERAL in said(question)
    pointed = await usher.message_with("asks you something before it goes on", GENERAL)
    assert pointed["thread_ts"] == ts and "For whom" not in said(pointed)
    assert "asks" not in str([said(each) for each in usher.slack.messages(GENERAL, MEMBER)])
    await usher.press(question, screens.DECLINE)
    assert (await usher.message_with("Declined"))["ts"] == question["ts"]


async def test_what_is_declined_is_declined(url: str, usher: Usher) -> None:
    question = await asked(usher, url, "book")
    await usher.press(question, screens.DECLINE)
    await usher.message_with("So be it.")
    assert "Ada" not in heard(usher) and "error" in heard(usher)
    assert (await usher.message_with("Declined"))["ts"] == question["ts"]


async def test_a_question_that_wants_only_a_yes_has_a_button_for_it(url: str, usher: Usher) -> None:
    question = await asked(usher, url, "wipe")
    assert "Really delete <!channel> everything?" in said(question)
    plain = next(block for block in question["blocks"] if "Really delete" in str(block))
    assert plain["text"]["type"] == "plain_text"
    await usher.press(question, screens.AGREE)
    await usher.message_with("So be it.")
    assert "wiped" in heard(usher)


@pytest.mark.parametrize(("host", "warned"), [("pay.example", False), ("shop.xn--pypal-4ve.example", True)])
def test_the_whole_address_of_a_page_is_shown_as_text_before_it_is_opened(host: str, warned: bool) -> None:
    """However long; none of it can be pressed but the button, and letters that only look like others are named."""
    url = f"https://{host}/in?to=*_~{'x' * 3000}"[:3000]
    times = {"created_at": now(), "expires_at": now()}
    row = Elicitation(id="e", workspace_id=TEAM, member_id=MEMBER, server="Inn", tool="Pay", text="", url=url, **times)
    row.state, row.form = "asked", {}
    blocks = screens.asked(row)
    shown = [block for block in blocks if block.get("text", {}).get("type") == "plain_text"]
    assert [(block["text"]["text"], block["expand"]) for block in shown] == [(url, True)]
    assert ("only look like" in said({"blocks": blocks})) is warned and not check(blocks, "message")
    row.state = "declined"
    assert url not in str(screens.closed(row))


async def test_a_page_is_opened_by_the_person_and_named_before(old_url: str, usher: Usher) -> None:
    question = await asked(usher, old_url, "pay")
    assert "*pay.example*" in said(question)
    opening = next(e for block in question["blocks"] for e in block.get("elements", []) if e.get("url"))
    assert opening["url"] == PAGE
    assert PAGE in [block["text"]["text"] for block in question["blocks"] if block["type"] == "section"]
    await usher.press(question, screens.OPENED)
    await usher.message_with("So be it.")
    assert "accept" in heard(usher)
    assert (await usher.message_with("Done, says Inn"))["ts"] == question["ts"]


async def test_a_call_that_is_refused_until_a_page_is_done_goes_on_when_its_member_says_so(
    old_url: str, usher: Usher
) -> None:
    question = await asked(usher, old_url, "pay_silently")
    assert "*pay.example*" in said(question)
    await usher.press(question, screens.OPENED)
    waiting = await usher.message_with("when you are done there; I wait for it until")
    assert waiting["ts"] == question["ts"] and screens.OPENED not in said(waiting)
    (row,) = await rows(usher)
    assert row.state == "opened"
    with pytest.raises(NotYours):
        await usher.services.chats.elicitations.go_on(Member(TEAM, MEMBER), row.id)
    await pressed(usher, "I wait for it until", screens.GO_ON)
    await usher.message_with("So be it.")
    assert "paid" in heard(usher)
    gone_on = await usher.message_with("Done on the page")
    assert gone_on["ts"] == question["ts"] and screens.GO_ON not in said(gone_on)
    with pytest.raises(NotYours, match="answered before"):
        await usher.services.chats.elicitations.go_on(usher.member, row.id)
    assert usher.slack.refusals == []


async def test_a_page_that_its_server_calls_done_needs_no_word_of_its_member(old_url: str, usher: Usher) -> None:
    question = await asked(usher, old_url, "pay_first")
    await usher.press(question, screens.OPENED)
    await usher.message_with("So be it.")
    assert "paid" in heard(usher)
    assert (await usher.message_with("Done, says Inn"))["ts"] == question["ts"]


async def test_a_page_is_waited_for_no_longer_than_was_said(
    old_url: str, usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls_under_way, "PAGE_SECONDS", 0.3)
    question = await asked(usher, old_url, "pay_silently")
    await usher.press(question, screens.OPENED)
    await usher.message_with("So be it.")
    assert "paid" in heard(usher)
    assert (await usher.message_with("the time for it was up"))["ts"] == question["ts"]


async def test_after_a_restart_nothing_goes_on_with_a_page(old_url: str, usher: Usher) -> None:
    question = await asked(usher, old_url, "pay_silently")
    await usher.press(question, screens.OPENED)
    await usher.message_with("I wait for it until")
    async with usher.services.db.begin() as tables:  # as after kill -9
        await tables.session.execute(sa.update(Turn).values(lease_until=now()))
    with pytest.raises(NotYours, match="gone"):
        await usher.services.chats.elicitations.go_on(usher.member, (await rows(usher))[0].id)
    gone = await usher.message_with("The call is gone")
    assert gone["ts"] == question["ts"] and screens.GO_ON not in said(gone)


async def test_forms_and_a_page_that_are_asked_at_once_are_each_answered_in_the_thread(usher: Usher) -> None:
    listener = free_socket()
    async with asgi(asking_in_rounds.make_server().streamable_http_app(), listener):
        await asked(usher, f"http://127.0.0.1:{port_of(listener)}/mcp", "order")
        await usher.press(await usher.message_with("Please pay."), screens.OPENED)
        for question, label, answer in (("For whom?", "Name", "Ada"), ("Where to?", "Town", "Turin")):
            await usher.press(await usher.message_with(question), screens.ANSWER)
            form = await usher.modal_with(question)
            block = next(each["block_id"] for each in form["blocks"] if each.get("label", {}).get("text") == label)
            await usher.submit(form, **{block: answer})
        assert {row.text for row in await rows(usher) if row.state == "opened"} == {"Please pay."}
        await pressed(usher, "I wait for it until", screens.GO_ON)
        await usher.press(await usher.message_with("Sure?"), screens.DECLINE)
        await usher.message_with("So be it.")
    assert "pay=accept, where=accept/Turin, who=accept/Ada, sure=decline" in heard(usher)
    assert usher.slack.refusals == []


async def test_what_looks_like_a_key_is_not_sent(url: str, usher: Usher) -> None:
    question = await asked(usher, url, "book")
    await usher.press(question, screens.ANSWER)
    form = await usher.modal_with("For whom")
    name = next(block["block_id"] for block in form["blocks"] if block.get("label", {}).get("text") == "Your name")
    refused = await usher.submit(form, **{name: "ghp_" + "a1B2" * 9})
    assert "password or key" in str(refused)
    assert [row.state for row in await rows(usher)] == ["asked"]
    await usher.press(question, screens.DECLINE)
    await usher.message_with("So be it.")


async def test_nobody_else_can_answer(url: str, usher: Usher) -> None:
    question = await asked(usher, url, "wipe")
    other = Member(TEAM, MEMBER)
    (row,) = await rows(usher)
    with pytest.raises(NotYours):
        await usher.services.chats.elicitations.answer(other, row.id, {})
    with pytest.raises(NotYours):
        await usher.services.chats.elicitations.open_one(other, row.id)
    await usher.press(question, screens.AGREE)
    await usher.message_with("So be it.")


async def test_the_click_may_reach_another_process(url: str, usher: Usher) -> None:
    await asked(usher, url, "wipe")
    (row,) = await rows(usher)
    elsewhere = Elicitations(usher.services.db, usher.services.bus)
    await elsewhere.answer(usher.member, row.id, {})
    await usher.message_with("So be it.")
    assert "wiped" in heard(usher)
    with pytest.raises(NotYours, match="answered before"):
        await elsewhere.decline(usher.member, row.id)


async def test_what_nobody_answers_is_closed_and_the_call_goes_on(
    url: str, usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asker, "PATIENCE", timedelta(seconds=0.5))
    question = await asked(usher, url, "wipe")
    await usher.message_with("So be it.")
    assert "wiped" not in heard(usher)
    closed = await usher.message_with("Not answered in time")
    assert closed["ts"] == question["ts"]


async def test_a_stop_closes_the_question(url: str, usher: Usher) -> None:
    question = await asked(usher, url, "wipe")
    (row,) = await rows(usher)
    await usher.services.chats.stop(TEAM, row.conversation_id)
    assert (await usher.message_with("The call is gone"))["ts"] == question["ts"]


async def test_after_a_restart_the_call_is_gone_and_its_question_says_so(url: str, usher: Usher) -> None:
    question = await asked(usher, url, "wipe")
    (row,) = await rows(usher)
    async with usher.services.db.begin() as tables:  # as after kill -9
        await tables.session.execute(sa.update(Turn).where(Turn.id == row.turn_id).values(lease_until=now()))
    with pytest.raises(NotYours, match="gone"):
        await usher.services.chats.elicitations.answer(usher.member, row.id, {})
    closed = await usher.message_with("The call is gone")
    assert closed["ts"] == question["ts"] and screens.AGREE not in said(closed)
    assert [each.state for each in await rows(usher)] == ["gone"]


async def test_a_guests_call_asks_nobody(url: str, usher: Usher) -> None:
    made = await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Inn", "url": url})
    async with usher.services.db.read() as tables:
        pinned = {each.name: each for each in await tables.tools.of(TEAM, made.connection.id)}
    frozen = {"connection_id": made.connection.id, "name": "wipe", "pin": pinned["wipe"].pin, "free": True}
    pool = usher.services.connections._pool
    tools = await pool.toolset_of(TEAM, [frozen], usher.member)
    given = await asyncio.wait_for(tools.call(ToolCall("", "inn__wipe")), 60)
    assert given.failed
    assert await rows(usher) == []


async def tried(usher: Usher, url: str, tool: str) -> dict[str, Any]:
    """The window in which the server asks, after a member has run this tool by hand."""
    connection_id = await connected(usher, url)
    await usher.services.connections.choices.set_policy(usher.member, connection_id, tool, "always")
    await usher.shortcut("my_connections")
    await usher.choose(await usher.modal_with("*Inn*"), "tools")
    shown = await usher.modal_with(f"tool:always:{tool}")
    pressed = {"block_id": f"tool:always:{tool}", "action_id": "tools.try"}
    await usher.slack.press(OWNER, {"container": {"type": "view", "view_id": shown["id"]}, **pressed})
    await usher.submit(await usher.modal_with("It runs at once"))
    return await usher.modal_with("This question stands in our direct message too")


async def test_a_trial_shows_the_form_its_server_asks_for_and_goes_on_in_the_same_window(
    url: str, usher: Usher
) -> None:
    window = await tried(usher, url, "book")
    await usher.press(window, screens.ANSWER)
    form = await usher.modal_with("Give no passwords")
    name = next(block["block_id"] for block in form["blocks"] if block.get("label", {}).get("text") == "Your name")
    await usher.submit(form, **{name: "Ada"})
    outcome = said(await usher.modal_with("of Inn answered in"))
    assert "Ada, 2, neither, False" in outcome and "Inn asks: For whom is the table?" in outcome
    assert "Answered" in outcome
    in_words = await usher.message_with("Answered")
    assert "in the middle of “Book”" in said(in_words) and not in_words.get("thread_ts")
    assert [(row.state, row.answer, row.turn_id) for row in await rows(usher)] == [("answered", None, None)]
    assert usher.slack.refusals == []


async def test_a_trial_whose_window_was_closed_is_answered_and_told_in_the_direct_message(
    url: str, usher: Usher
) -> None:
    window = await tried(usher, url, "wipe")
    question = await usher.message_with("Really delete")
    await usher.slack.close_view(OWNER, window["id"], everything=True)
    await usher.press(question, screens.AGREE)
    told = await usher.message_with("of Inn: done.")
    assert "wipe" in said(told).lower()


async def test_a_no_in_the_window_of_a_trial_is_told_to_its_server_and_there(old_url: str, usher: Usher) -> None:
    window = await tried(usher, old_url, "pay")
    await usher.press(window, screens.DECLINE)
    outcome = said(await usher.modal_with("Inn asks: Please pay."))
    assert "decline" in outcome and "Declined" in outcome
    await usher.message_with("Declined")


async def test_a_trial_waits_for_a_page_until_its_member_goes_on(old_url: str, usher: Usher) -> None:
    window = await tried(usher, old_url, "pay_silently")
    await usher.press(window, screens.OPENED)
    waiting = await usher.modal_with("I wait for it until")
    await usher.press(waiting, screens.GO_ON)
    assert "paid" in said(await usher.modal_with("of Inn answered in"))
    assert usher.slack.refusals == []


async def test_what_nobody_answers_in_a_trial_is_told_in_its_window(
    url: str, usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asker, "PATIENCE", timedelta(seconds=2))
    await tried(usher, url, "wipe")
    await usher.modal_with("Not answered in time")
    await usher.message_with("Not answered in time")


async def test_a_question_of_a_trial_whose_process_is_gone_says_so(
    url: str, usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asker, "HELD", timedelta(seconds=-1))  # as after kill -9, once its time has lapsed
    await tried(usher, url, "wipe")
    await usher.press(await usher.modal_with("Really delete"), screens.AGREE)
    await usher.modal_with("The call that asked this is gone")  # in the window's place, as Slack opens no fourth
    await usher.message_with("The call is gone")
    await usher.message_with("*Wipe* of Inn")


async def test_several_questions_of_a_trial_are_asked_one_after_another_in_its_window(usher: Usher) -> None:
    listener = free_socket()
    async with asgi(asking_in_rounds.make_server().streamable_http_app(), listener):
        await tried(usher, f"http://127.0.0.1:{port_of(listener)}/mcp", "order")
        waiting = {"For whom?", "Where to?", "Please pay."}
        while waiting:
            shown = await usher.slack.when(
                lambda: next((each for each in waiting if each in said(usher.modal() or {})), None)
            )
            await usher.press(await usher.modal_with(shown), screens.DECLINE)
            waiting.remove(shown)
        await usher.press(await usher.modal_with("Sure?"), screens.DECLINE)
        outcome = said(await usher.modal_with("of Inn answered in"))
    assert outcome.count("Declined") == 4 and "sure=decline" in outcome
    assert {row.state for row in await rows(usher)} == {"declined"}


def test_every_view_keeps_to_slacks_rules() -> None:
    long = "long *words* <!here> " * 400
    trial = Trial(Connection(title="Inn"), PinnedTool(name="book", definition={}))
    for form, page in (({}, ""), ({"type": "object", "properties": {"x": {"type": "string", "title": long}}}, PAGE)):
        for state in ("asked", "opened", *screens.OUTCOMES):
            row = Elicitation(
                **{"id": "a" * 36, "member_id": "U1", "server": "*S*" * 20, "tool": "t" * 200, "text": long},
                **{"form": form, "url": page, "state": state, "expires_at": now(), "decided_at": now()},
            )
            assert check({"text": screens.asked_text(row), "blocks": screens.asked(row)}, "message") == []
            assert check({"text": screens.closed_text(row), "blocks": screens.closed(row)}, "message") == []
            assert check(screens.form(row), "modal") == []
            assert check(screens.sent(row, "window"), "modal") == []
            assert check(trial_screens.asks(row, "window"), "modal") == []
            asked = trial_screens.outcome(trial, ToolResult("done"), 0.1, [row] * 30)
            assert check(asked, "modal") == []
