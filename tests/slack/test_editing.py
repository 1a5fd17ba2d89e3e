"""«Edit» in a connection's menu: what it is now, what would become of its tools, and Save."""

from typing import Any

from aiohttp import web

from run_cards import custom
from tests.mcp_runtime.hand_made import LOOK, Body, HandMade, result, running
from tests.support.slack import DM, OWNER, Usher, said


def field(shown: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(block for block in shown["blocks"] if block["block_id"] == name)
    return found["element"]


async def opened(usher: Usher, listed: str) -> dict[str, Any]:
    await usher.slack.command(OWNER, DM, "/mcp list")
    await usher.choose(await usher.message_with(listed), "edit")
    return await usher.modal_with("Its tools are shown under this name")


async def test_what_changes_is_shown_before_it_is_saved(usher: Usher) -> None:
    other = HandMade()

    async def on_list(body: Body, request: web.Request) -> web.StreamResponse:
        return result(body, {"tools": [LOOK, {**LOOK, "name": "draw"}]})

    other.on_list = on_list
    async with running(HandMade()) as server, running(other):
        made = await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Odd", "url": server.url})
        await usher.services.connections.choices.set_policy(usher.member, made.connection.id, "look", "always")
        shown = await opened(usher, "*Odd*")
        assert field(shown, "account")["initial_value"] == "Odd" and field(shown, "url")["initial_value"] == server.url
        assert not any(block.get("block_id") == "token" for block in shown["blocks"])
        await usher.submit(shown, account="Even", url=other.url)
        draft = await usher.modal_with("1 stay, 1 new")
        assert "Nothing is saved yet." in said(draft) and other.url.split("/")[2] in said(draft)
        (view,) = await usher.services.connections.of(usher.member)
        assert view.connection.title == "Odd"
        await usher.submit(draft)
        assert await usher.modal_with("Even is changed. Of its tools: 1 stay, 1 new.")
        tools = await usher.services.connections.tools(usher.member, made.connection.id)
        assert {tool.name: tool.policy for tool in tools} == {"look": "always", "draw": "ask"}


async def test_a_new_address_that_does_not_answer_is_told_under_it_and_nothing_is_changed(usher: Usher) -> None:
    async with running(HandMade()) as server:
        await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Odd", "url": server.url})
        answer = await usher.submit(await opened(usher, "*Odd*"), url="http://127.0.0.1:9/mcp")
        assert "Cannot reach" in answer["errors"]["url"]
        (view,) = await usher.services.connections.of(usher.member)
        assert view.connection.spec["url"] == server.url


async def test_a_new_token_is_entered_from_there_without_a_failure(usher: Usher) -> None:
    async with running(HandMade()) as server:
        await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Odd", "url": server.url})
        shown = await opened(usher, "*Odd*")
        assert "Enter a token" in said(shown) and "its token" not in said(shown), "it has none yet"
        await usher.press(shown, "connection.sign_in")
        assert "/connect/" in str(await usher.modal_with("enter the token for Odd"))


async def test_who_has_a_token_there_is_told_that_another_server_asks_for_one_anew(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    shown = said(await opened(usher, "*Notes*"))
    assert "Enter a new token" in shown and "its token is asked for once more" in shown
