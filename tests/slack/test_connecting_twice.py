"""Forms that are pressed twice, windows that are closed too early, names, changes and long lists."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.slack.listeners.connections import submissions
from bot.slack.listeners.connections.tools import _shown
from bot.slack.screens.connections import listing as screens
from mcp_runtime.sessions.pool import Pool
from run_cards import custom
from run_cards.hosted import supabase
from storage.tables import Connection
from tests.mcp_runtime.hand_made import LOOK, Body, HandMade, plain, reply, result, running
from tests.support.slack import DM, GENERAL, OWNER, Usher, running_usher, said


async def held(server: HandMade) -> asyncio.Event:
    """From now on it says what tools it has only when it may; the event is set when it is asked."""
    asked = asyncio.Event()

    async def slowly(body: Body, request: web.Request) -> web.StreamResponse:
        asked.set()
        await server.gate.wait()
        return result(body, {"tools": [LOOK]})

    server.on_list = slowly
    return asked


async def titles(usher: Usher) -> list[str]:
    return [view.connection.title for view in await usher.services.connections.of(usher.member)]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The form waits for nobody."""
    monkeypatch.setattr(submissions, "GRACE", 0.0)


async def form(usher: Usher) -> dict[str, Any]:
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    return await usher.modal_with("Server URL")


async def test_a_form_that_is_pressed_twice_connects_once(usher: Usher, at_once: None) -> None:
    async with running(HandMade()) as server:
        asked, shown = await held(server), await form(usher)
        presses = [asyncio.create_task(usher.submit(shown, name="Odd", url=server.url)) for _ in range(2)]
        await asyncio.wait_for(asked.wait(), 60)
        server.gate.set()
        await asyncio.gather(*presses, return_exceptions=True)
        await usher.modal_with("Odd is connected: 1 tool now available")
        assert server.opened == 1
    assert await titles(usher) == ["Odd"]


async def test_a_form_that_failed_may_be_sent_again_as_it_is(usher: Usher) -> None:
    async with running(HandMade()) as server:
        shown = await form(usher)
        server.on_any = reply(plain(503))
        answer = await usher.submit(shown, name="Odd", url=server.url)
        assert "out of order (HTTP 503)" in answer["errors"]["url"]
        server.on_any = None
        await usher.submit(shown, name="Odd", url=server.url)
        await usher.modal_with("Odd is connected")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "Odd is connected: 1 tool now available"),
        (reply(plain(401)), "Odd still needs its token"),
        (reply(plain(503)), "*Odd* is not connected. Cannot reach: the server is out of order (HTTP 503)"),
    ],
    ids=["connected", "a token is needed", "failed"],
)
async def test_a_window_that_is_closed_while_it_connects_leads_to_a_message(
    usher: Usher, at_once: None, answer: object, told: str
) -> None:
    async with running(HandMade()) as server:
        asked, gate = asyncio.Event(), asyncio.Event()

        async def slowly(body: Body, request: web.Request) -> web.StreamResponse:
            asked.set()
            await gate.wait()
            server.on_any = answer  # type: ignore[assignment]
            return await server.answer(request)

        server.on_any = slowly
        submitted = asyncio.create_task(usher.submit(await form(usher), name="Odd", url=server.url))
        await asyncio.wait_for(asked.wait(), 60)
        await submitted
        working = await usher.modal_with(":hourglass")
        await usher.slack.close_view(OWNER, working["id"])
        gate.set()
        message = await usher.message_with(told)
    if "token" in told:
        assert "/connect/tk_" in str(message) and "connect.ticket" in str(message)


async def test_a_card_that_is_pressed_twice_is_connected_once(usher: Usher) -> None:
    await usher.home()
    await usher.slack.command(OWNER, GENERAL, "/mcp connect")
    chooser = await usher.modal_with("Connect a tool, then ask me")
    await asyncio.gather(*(usher.press(chooser, "connect.pick") for _ in range(2)))
    await usher.slack.when(lambda: "*Time* · Connected" in said(usher.slack.snapshot(OWNER)["home"] or {}), 60)
    await usher.tasks.drain(5)
    assert await titles(usher) == ["Time"]
    assert "already. There is no need" not in said(usher.modal() or {})


@pytest.mark.parametrize("closed", [False, True], ids=["in the window", "by a message"])
async def test_a_fault_of_ours_leaves_no_window_that_waits_for_ever(
    usher: Usher, monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    begun, gate = asyncio.Event(), asyncio.Event()

    async def broken(*_: object, **__: object) -> None:
        begun.set()
        await gate.wait()
        raise ArithmeticError("ours")

    monkeypatch.setattr(Pool, "try_out", broken)
    await usher.slack.command(OWNER, GENERAL, "/mcp connect time")
    shown = await usher.modal_with(":hourglass")
    await asyncio.wait_for(begun.wait(), 60)
    if closed:
        await usher.slack.close_view(OWNER, shown["id"])
    gate.set()
    told = "Something went wrong on our side"
    assert "ours" not in said(await (usher.message_with(told) if closed else usher.modal_with(told))).replace(told, "")


async def test_a_second_account_without_a_name_gets_a_number(usher: Usher) -> None:
    made = {"workspace_id": usher.member.workspace, "member_id": usher.member.id, "spec": {}}
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(usher.member.workspace)
        await tables.connections.add(Connection(card="github", title="GitHub", slug="github", **made))
        await tables.connections.add(Connection(card="custom", title="github 2", slug="github_2", **made))
    await usher.slack.command(OWNER, GENERAL, "/mcp connect github")
    await usher.press(await usher.modal_with("*GitHub* is connected already"), "connect.another")
    await usher.submit(await usher.modal_with("Your own name for it"), account="")
    assert await usher.modal_with("enter the token for GitHub 3")


async def test_a_form_with_fields_offers_a_name_and_needs_none(slack, client, sqlite_db, gemini) -> None:
    by_token = replace(supabase.CARD, oauth=None)  # else it would be asked, far away, whether one can sign in
    async with running_usher(slack, client, sqlite_db, gemini, cards=(by_token,)) as usher:
        await usher.slack.command(OWNER, GENERAL, "/mcp connect supabase")
        shown = await usher.modal_with("Project reference")
        named = next(block for block in shown["blocks"] if block["block_id"] == "account")
        assert named["optional"] is True
        await usher.submit(shown, project="a" * 20, account="Shop database")
        assert await usher.modal_with("enter the token for Shop database")
    assert supabase.CARD.complaints(supabase.CARD.filled({"project": "a" * 20, "account": ""})) == {}


async def test_a_server_of_ones_own_is_called_like_its_host_unless_it_is_named(usher: Usher) -> None:
    async with running(HandMade()) as server:
        for _ in range(2):
            shown = await form(usher)
            assert said(shown).count('"text": "Name"') == 1
            await usher.submit(shown, name="", url=server.url)
            await usher.modal_with("is connected: 1 tool")
            await usher.slack.close_view(OWNER, (usher.modal() or {})["id"])
    assert await titles(usher) == ["127.0.0.1", "127.0.0.1 2"]
    assert custom.CARD.title_for({"name": "", "url": "https://mcp.linear.app/mcp"}) == "linear.app"
    assert custom.CARD.title_for({"name": "", "url": "https://usher/mcp"}) == "Server"


async def test_a_connection_is_renamed_and_found_and_told_by_its_new_name(usher: Usher) -> None:
    async with running(HandMade()) as server:
        for name in ("Odd", "Other"):
            await usher.services.connections.begin(usher.member, custom.CARD, {"name": name, "url": server.url})
        before = [tool.name for tool in (await toolset(usher)).tools]
        await usher.slack.command(OWNER, DM, "/mcp tools odd")
        await usher.press(await usher.modal_with("Edit"), "connection.edit")
        asks = await usher.modal_with("Its tools are shown under this name")
        answer = await usher.submit(asks, account="other")
        assert "called other already" in answer["errors"]["account"]
        answer = await usher.submit(asks, account="Usher")
        assert "my own name" in answer["errors"]["account"]
        await usher.submit(asks, account="At work")
        edited = await usher.modal_with("At work is changed")
        await usher.slack.close_view(OWNER, edited["id"])
        assert "Asks first" in said(await usher.modal_with("At work"))
        tools = await toolset(usher)
        assert [tool.name for tool in tools.tools] == before
        assert {tool.title for tool in tools.tools} == {"At work: Look", "Other: Look"}
        await usher.slack.command(OWNER, DM, "/mcp test at work")
        assert await usher.message_with("At work answered in")


async def toolset(usher: Usher):
    return await usher.services.connections._pool.toolset(usher.member)


async def test_accepting_a_changed_tool_accepts_what_was_shown_and_nothing_newer(usher: Usher) -> None:
    async with running(HandMade()) as server:
        made = await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Odd", "url": server.url})

        async def changed(description: str) -> None:
            async def reply(body: Body, request: web.Request) -> web.StreamResponse:
                return result(body, {"tools": [{**LOOK, "description": description}]})

            server.on_list = reply
            await usher.services.connections.test(usher.member, made.connection.id)

        await changed("Looks twice.")
        await usher.slack.command(OWNER, DM, "/mcp tools odd")
        shown = await usher.modal_with("Now: Looks twice.")
        await changed("Looks, and tells others.")
        await usher.press(shown, "tools.accept")
        newer = await usher.modal_with("That tool has changed once more")
        assert "Now: Looks, and tells others." in said(newer)
        [tool] = await usher.services.connections.tools(usher.member, made.connection.id)
        assert (tool.state, tool.definition["description"]) == ("set_aside", "Looks.")
        await usher.press(newer, "tools.accept")
        await usher.modal_with("Asks first")
        await usher.slack.when(lambda: "has changed" not in said(usher.modal() or {}))
        [tool] = await usher.services.connections.tools(usher.member, made.connection.id)
        assert (tool.state, tool.description) == ("accepted", "Looks, and tells others.")


def test_a_button_of_before_pins_accepts_nothing() -> None:
    assert _shown("look") == ("look", "") and _shown(json.dumps(["look", "p"])) == ("look", "p")


async def test_more_connections_than_fit_are_on_further_pages(usher: Usher) -> None:
    made = {"workspace_id": usher.member.workspace, "member_id": usher.member.id, "spec": {}, "card": "custom"}
    number = 2 * screens.PAGE_SIZE + 1
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(usher.member.workspace)
        for each in range(number):
            await tables.connections.add(Connection(title=f"Tool {each:02}", slug=f"tool_{each}", **made))
    await usher.slack.command(OWNER, DM, "/mcp list")
    first = await usher.message_with(f"{number} connections, page 1 of 3")
    assert "Tool 00" in said(first) and f"Tool {screens.PAGE_SIZE:02}" not in said(first)
    await usher.press(first, "connection.page.more")
    second = await usher.message_with("page 2 of 3")
    assert f"Tool {screens.PAGE_SIZE:02}" in said(second) and second["ts"] == first["ts"]

    home = await usher.home()
    await usher.press(home, "connection.page.more")
    await usher.slack.when(lambda: "page 2 of 3" in said(usher.slack.snapshot(OWNER)["home"]))
    await usher.press(usher.slack.snapshot(OWNER)["home"], "connection.page.more")
    last = await usher.slack.when(lambda: "page 3 of 3" in said(h := usher.slack.snapshot(OWNER)["home"]) and h)
    assert f"Tool {number - 1}" in said(last) and "My temporary chat links" in said(last)
