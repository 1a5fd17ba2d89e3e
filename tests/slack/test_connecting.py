"""From a card to a connection, and back."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.errors import UserError
from bot.slack.listeners.connections import submissions
from bot.slack.screens.connections.tool_lines import tool_of
from mcp_runtime.sessions.pool import Offer, Pool
from mcp_runtime.specs import HttpSpec
from run_cards import CARDS, RunCard, installation, with_added
from run_cards.card import needed
from run_cards.hosted import github
from run_cards.installation import Sources
from run_cards.local import time
from storage.tables import Connection
from tests.mcp_runtime.hand_made import LOOK, Body, HandMade, Reply, result, running
from tests.support.gemini import Scripted
from tests.support.slack import BASE, DM, GENERAL, NOTES_TOKEN, OWNER, Usher, running_usher, said


async def test_time_connects_with_one_click(usher: Usher) -> None:
    await usher.home()
    await usher.slack.command(OWNER, GENERAL, "/mcp connect")
    chooser = await usher.modal_with("Connect a tool, then ask me")
    await usher.press(chooser, "connect.pick")
    done = await usher.modal_with("Time is connected: 2 tools now available")
    assert ":white_check_mark:" in said(done)
    assert "Time" in await usher.slack.when(
        lambda: (s := said(usher.slack.snapshot(OWNER)["home"])) and "*Time*" in s and s
    )


def added(url: str, authentication: str, **more: object) -> tuple[RunCard, ...]:
    """The cards on offer, with one of the installation's own for this server."""
    entry = {"name": "notes", "title": "Notes", "about": "A few notes.", "icon": "memo", "url": url, **more}
    shared = {"token_variable": "NOTES_TOKEN"} if authentication == "shared" else {}
    text = json.dumps({"cards": [entry | {"authentication": authentication} | shared]})
    sources = Sources({"NOTES_TOKEN": NOTES_TOKEN}.get, Path.read_text)
    return with_added(installation.read(text, CARDS, sources, is_json=True))


@pytest.mark.parametrize("base_url", [BASE, None], ids=["with ticket pages", "without"])
async def test_a_card_of_the_installation_with_shared_access_connects_with_one_click(
    slack, client, sqlite_db, gemini: Scripted, notes: str, base_url: str | None
) -> None:
    cards = added(notes, "shared", read_only=["list_notes", "read_note"])
    async with running_usher(slack, client, sqlite_db, gemini, base_url, cards) as usher:
        await slack.command(OWNER, GENERAL, "/mcp connect")
        chooser = await usher.modal_with("Connect a tool, then ask me")
        offered = [block["accessory"]["value"] for block in chooser["blocks"] if "accessory" in block]
        assert offered[:4] == ["time", "notes", "github", "supabase"] and offered[-1] == "custom"
        assert "your admins have set up access for everybody" in said(chooser)
        pick = next(block for block in chooser["blocks"] if block.get("accessory", {}).get("value") == "notes")
        container = {"type": "view", "view_id": chooser["id"]}
        await slack.press(OWNER, {"container": container, "block_id": pick["block_id"], "action_id": "connect.pick"})
        await usher.modal_with("Notes is connected: 4 tools now available. 2 of them only read and run without asking")

        [view] = await usher.services.connections.of(usher.member)
        assert {tool.name: tool.policy for tool in view.tools} == {
            **dict.fromkeys(("list_notes", "read_note"), "free"),
            **dict.fromkeys(("add_note", "delete_note"), "ask"),
        }
        assert NOTES_TOKEN not in str(slack.calls) + str(vars(view.connection))


async def test_a_card_of_the_installation_is_known_by_its_name_and_in_help(
    slack, client, sqlite_db, gemini: Scripted, notes: str
) -> None:
    async with running_usher(slack, client, sqlite_db, gemini, cards=added(notes, "shared")) as usher:
        await slack.command(OWNER, DM, "/mcp help")
        assert "`notes`" in said(await usher.message_with("Cards:"))
        await slack.command(OWNER, DM, "/mcp connect notes")
        await usher.modal_with("Notes is connected: 4 tools now available")
        await slack.command(OWNER, DM, "/mcp connect notes")
        await usher.modal_with("is connected already.")


async def test_a_card_of_the_installation_may_ask_for_a_members_own_token(
    slack, client, sqlite_db, gemini: Scripted, notes: str
) -> None:
    async with running_usher(slack, client, sqlite_db, gemini, cards=added(notes, "token")) as usher:
        await slack.command(OWNER, DM, "/mcp connect notes")
        step_two = await usher.modal_with("Last step: enter the token for Notes")
        url = next(each["url"] for block in step_two["blocks"] for each in block.get("elements", []) if "url" in each)
        await usher.services.connections.finish(url.rsplit("/", 1)[1], {"token": NOTES_TOKEN})
        await usher.modal_with("Notes is connected: 4 tools now available")


async def test_a_card_without_a_token_whose_server_wants_one_says_who_can_mend_it(
    slack, client, sqlite_db, gemini: Scripted, notes: str
) -> None:
    async with running_usher(slack, client, sqlite_db, gemini, cards=added(notes, "none")) as usher:
        await slack.command(OWNER, DM, "/mcp connect notes")
        shown = await usher.modal_with("Notes wants a token, and its card has none. Please tell an administrator.")
        assert "MCP_CARDS_FILE" not in said(shown) and "127.0.0.1" not in said(shown)
        assert await usher.services.connections.of(usher.member) == []


async def test_a_card_that_is_not_offered_any_more_says_so(
    slack, client, sqlite_db, gemini: Scripted, notes: str
) -> None:
    async with running_usher(slack, client, sqlite_db, gemini, cards=added(notes, "shared")) as usher:
        await slack.command(OWNER, DM, "/mcp connect")
        chooser = await usher.modal_with("Notes")
    pick = next(block for block in chooser["blocks"] if block.get("accessory", {}).get("value") == "notes")
    container = {"type": "view", "view_id": chooser["id"]}
    async with running_usher(slack, client, sqlite_db, gemini) as usher:
        await slack.press(OWNER, {"container": container, "block_id": pick["block_id"], "action_id": "connect.pick"})
        await usher.modal_with("This service cannot be connected here any more")


async def test_a_server_that_wants_a_token_leads_to_the_ticket_page_and_its_outcome_into_the_modal(
    usher: Usher, notes: str
) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    form = await usher.modal_with("Server URL")
    assert "Token or key" not in said(form)
    await usher.submit(form, name="Notes", url=notes)
    step_two = await usher.modal_with("Last step: enter the token for Notes")
    url = next(each["url"] for block in step_two["blocks"] for each in block.get("elements", []) if "url" in each)

    await usher.services.connections.finish(url.rsplit("/", 1)[1], {"token": NOTES_TOKEN})
    done = said(await usher.modal_with("Notes is connected: 4 tools now available."))
    assert "2 of them say that they only read; each asks first, until you say “always” to it." in done
    assert done.count("connect.ask") == 1 and "Ask: “List notes from Notes.”" in done


async def test_the_outcome_comes_as_a_message_when_the_modal_was_closed(usher: Usher, notes: str) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    await usher.submit(await usher.modal_with("Server URL"), name="Notes", url=notes)
    step_two = await usher.modal_with("Last step")
    url = next(each["url"] for block in step_two["blocks"] for each in block.get("elements", []) if "url" in each)
    await usher.slack.close_view(OWNER, step_two["id"])

    await usher.services.connections.finish(url.rsplit("/", 1)[1], {"token": NOTES_TOKEN})
    assert await usher.message_with("Notes is connected: 4 tools now available")


async def test_a_complaint_stands_under_its_field(usher: Usher) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    form = await usher.modal_with("Server URL")
    answer = await usher.submit(form, name="Notes", url="notes.example")
    assert answer["response_action"] == "errors"


async def test_a_dead_host_is_told_under_the_address_and_nothing_is_saved(usher: Usher) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    form = await usher.modal_with("Server URL")
    answer = await usher.submit(form, name="Notes", url="http://127.0.0.1:9/mcp")
    assert "Cannot reach: nothing answered at this address" in answer["errors"]["url"]
    assert await usher.services.connections.of(usher.member) == []


async def test_a_slow_server_brings_the_form_back_as_it_was_filled_in(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, try_out = asyncio.Event(), Pool.try_out

    async def slowly(*given: Any, **named: Any) -> Offer:
        await go_on.wait()
        return await try_out(*given, **named)

    monkeypatch.setattr(submissions, "GRACE", 0.0)
    monkeypatch.setattr(Pool, "try_out", slowly)
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    await usher.submit(await usher.modal_with("Server URL"), name="Notes", url="http://127.0.0.1:9/mcp")
    await usher.modal_with(":hourglass")
    go_on.set()
    again = await usher.modal_with("Cannot reach: nothing answered at this address")
    assert "http://127.0.0.1:9/mcp" in said(again)


async def test_disconnecting_asks_first_and_then_does_it(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await usher.slack.command(OWNER, DM, "/mcp disconnect notes")
    question = await usher.message_with("Disconnect *Notes*?")
    assert len(await usher.services.connections.of(usher.member)) == 1

    await usher.press(question, "connection.disconnect")
    assert await usher.message_with("Notes is disconnected")
    assert await usher.services.connections.of(usher.member) == []


async def test_list_and_test_say_how_things_are(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await usher.slack.command(OWNER, DM, "/mcp list")
    listed = await usher.message_with("*Notes* · Connected: 4 tools")
    await usher.slack.command(OWNER, DM, "/mcp test")
    assert await usher.message_with("Notes answered in")
    await usher.choose(listed, "test")
    assert await usher.modal_with("*Notes* works.")


async def test_a_policy_is_chosen_tool_by_tool_and_forgotten_all_at_once(usher: Usher, notes: str) -> None:
    connection_id = await usher.connect_notes(notes)
    await usher.slack.command(OWNER, DM, "/mcp tools")
    shown = await usher.modal_with("Add a note")
    assert "It says that it only reads" in said(shown)

    container = {"type": "view", "view_id": shown["id"]}
    chosen = {
        "container": container,
        "block_id": _field(shown)["block_id"],
        "action_id": "tools.policy",
        "value": "always",
    }
    await usher.slack.press(OWNER, chosen)
    shown = await usher.modal_with("Forget every")
    assert await _policies(usher, connection_id) == {"ask", "always"}

    await usher.press(shown, "tools.forget")
    await usher.slack.when(lambda: "Forget every" not in said(usher.modal() or {}))
    assert await _policies(usher, connection_id) == {"ask"}


async def test_what_a_tools_field_shows_changes_with_its_policy(usher: Usher, notes: str) -> None:
    """Slack keeps what was chosen in a field for as long as the id of its block stays the same."""
    connection_id = await usher.connect_notes(notes)
    await usher.services.connections.choices.set_policy(usher.member, connection_id, "add_note", "always")
    await usher.slack.command(OWNER, DM, "/mcp tools")
    before = _field(shown := await usher.modal_with("Forget every"))
    assert before["elements"][0]["initial_option"]["value"] == "always"

    await usher.press(shown, "tools.forget")
    await usher.slack.when(lambda: "Forget every" not in said(usher.modal() or {}))
    after = _field(usher.modal() or {})
    assert after["elements"][0]["initial_option"]["value"] == "ask"
    assert after["block_id"] != before["block_id"]
    assert {tool_of(each["block_id"]) for each in (before, after)} == {"add_note"}


def _field(shown: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(block for block in shown["blocks"] if block["block_id"].endswith(":add_note"))
    return found


@pytest.mark.parametrize("verb", ["test", "tools", "edit", "disconnect"])
async def test_a_menu_of_an_old_list_says_that_the_connection_is_gone(usher: Usher, notes: str, verb: str) -> None:
    connection_id = await usher.connect_notes(notes)
    await usher.slack.command(OWNER, DM, "/mcp list")
    listed = await usher.message_with("*Notes* · Connected: 4 tools")
    await usher.services.connections.disconnect(usher.member, connection_id)
    await usher.choose(listed, verb)
    shown = usher.modal_with if verb in ("test", "tools", "edit") else usher.message_with
    assert ":hourglass" not in said(await shown("connection is not there any more"))


async def _policies(usher: Usher, connection_id: str) -> set[str]:
    return {tool.policy for tool in await usher.services.connections.tools(usher.member, connection_id)}


async def test_somebody_elses_button_does_nothing(usher: Usher, notes: str) -> None:
    connection_id = await usher.connect_notes(notes)
    await usher.slack.command("U0MEMBER", GENERAL, "/mcp disconnect Notes")
    assert await usher.message_with("connect", GENERAL, "U0MEMBER")
    assert [view.connection.id for view in await usher.services.connections.of(usher.member)] == [connection_id]


async def with_github(usher: Usher) -> None:
    """Past the screens and GitHub itself."""
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(usher.member.workspace)
        given = {"workspace_id": usher.member.workspace, "member_id": usher.member.id, "spec": {}}
        await tables.connections.add(Connection(card="github", title="GitHub", slug="github", **given))


async def test_the_picker_marks_what_is_connected_and_tests_it(usher: Usher) -> None:
    await usher.slack.command(OWNER, DM, "/mcp connect time")
    await usher.modal_with("Time is connected")
    await usher.slack.command(OWNER, DM, "/mcp connect")
    picker = await usher.modal_with("Connect GitHub")
    assert ":white_check_mark: Connected" in said(picker) and "Connect Time" not in said(picker)
    await usher.press(picker, "connection.test")
    assert await usher.modal_with("*Time* works.")


@pytest.mark.parametrize("line", ["/mcp connect time", "/mcp add Time", "/mcp time"])
async def test_nothing_is_connected_twice_by_accident(usher: Usher, line: str) -> None:
    await usher.slack.command(OWNER, DM, "/mcp connect time")
    await usher.modal_with("Time is connected")
    await usher.slack.command(OWNER, DM, line)
    shown = await usher.modal_with("*Time* is connected already")
    assert "connect.another" not in str(shown)
    await usher.choose(shown, "disconnect")
    await usher.submit(await usher.modal_with("Disconnect *Time*?"))
    await usher.modal_with("Time is disconnected")
    assert await usher.services.connections.of(usher.member) == []


async def test_a_second_account_is_asked_for_a_name_of_its_own(usher: Usher) -> None:
    await with_github(usher)
    await usher.slack.command(OWNER, DM, "/mcp connect github")
    await usher.press(await usher.modal_with("*GitHub* is connected already"), "connect.another")
    form = await usher.modal_with("Your own name for it")
    answer = await usher.submit(form, account="GitHub")
    assert "called GitHub already" in answer["errors"]["account"]
    answer = await usher.submit(form, account="x" * 41)
    assert "at most 40" in answer["errors"]["account"]
    await usher.submit(form, account="At work")
    assert await usher.modal_with("enter the token for At work")


async def test_a_second_account_is_connected_beside_the_first(usher: Usher, notes: str) -> None:
    """Through a card like GitHub's whose server is here."""
    token = replace(github.CARD.secrets[0], check=needed)
    card = replace(github.CARD, server=lambda values: HttpSpec(notes), fields=(token,))
    await with_github(usher)
    made = await usher.services.connections.begin_with_secrets(
        usher.member, card, {"account": "At work"}, {"token": NOTES_TOKEN}
    )
    assert (made.connection.title, made.connection.card) == ("At work", "github")
    titles = {view.connection.title for view in await usher.services.connections.of(usher.member)}
    assert titles == {"GitHub", "At work"}


async def test_after_the_last_try_a_button_starts_again(usher: Usher, notes: str) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    await usher.submit(await usher.modal_with("Server URL"), name="Notes", url=notes)
    step_two = await usher.modal_with("Last step")
    url = next(each["url"] for block in step_two["blocks"] for each in block.get("elements", []) if "url" in each)
    for _ in range(5):
        with pytest.raises(UserError):
            await usher.services.connections.finish(url.rsplit("/", 1)[1], {"token": "wrong"})
    over = await usher.modal_with("That was the last try")
    assert "/mcp" not in said(over)
    await usher.press(over, "connection.connect")
    assert await usher.modal_with("Connect GitHub")


async def test_the_first_question_is_asked_by_a_press_and_answered_once_in_the_direct_message(
    usher: Usher, gemini: Scripted
) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp connect time")
    done = await usher.modal_with("Time is connected")
    offered = [block["elements"][0]["value"] for block in done["blocks"] if "connect.ask" in said({"blocks": [block]})]
    assert offered == list(time.CARD.to_try)
    gemini.will_say("It is noon there.")
    await asyncio.gather(usher.press(done, "connect.ask"), usher.press(done, "connect.ask"))
    await usher.modal_with("I am on it")
    await usher.message_with("You asked: What time is it in Tokyo?")
    await usher.message_with("It is noon there.")
    await usher.tasks.drain(5)
    assert sum("You asked" in said(each) for each in usher.slack.messages(DM, OWNER)) == 1


async def test_a_slow_connection_tells_its_steps_in_the_window_that_waits(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "GRACE", 0.0)
    free = asyncio.Event()
    async with running(HandMade()) as slow:
        slow.on_list = held(free)
        await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
        form = await usher.modal_with("Server URL")
        waiting = asyncio.create_task(usher.submit(form, name="Slow", url=slow.url))
        shown = said(await usher.modal_with("Asking which tools it has"))
        assert ":white_check_mark: Custom lets me in." in shown
        free.set()
        await usher.modal_with("Slow is connected: 1 tool now available")
        await waiting


def held(free: asyncio.Event) -> Reply:
    async def answer(body: Body, request: web.Request) -> web.StreamResponse:
        await free.wait()
        return result(body, {"tools": [LOOK]})

    return answer
