"""Tools that a server lists and that cannot be taken: their member hears which, and why, wherever tools are shown."""

import pytest

from bot.services.connections.telling.left_out import CURE, left_out
from mcp_runtime.left_out import MAX_TOLD, LeftOut, counted
from tests.mcp_runtime.odd_server import TOOL, OddServer, Raw, odd
from tests.support.slack import DM, GENERAL, NOTES_TOKEN, OWNER, Usher, said

WRONG = {"name": "paint <!channel>", "inputSchema": {"type": "string"}}
TOLD = f"Left out: paint &lt;!channel&gt; (its arguments are described in a way that cannot be read). {CURE}"


async def connect(usher: Usher, server: OddServer) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    await usher.submit(await usher.modal_with("Server URL"), name="Odd", url=server.url)


async def test_a_tool_that_is_left_out_is_named_when_it_connects_and_where_tools_are_shown(usher: Usher) -> None:
    async with odd(OddServer(tools=[TOOL, WRONG])) as server:
        await connect(usher, server)
        done = said(await usher.modal_with("Odd is connected: 1 tool now available"))
        assert ":white_check_mark:" in done and TOLD in done
        await usher.slack.command(OWNER, DM, "/mcp tools")
        assert TOLD in said(await usher.modal_with("1 tool. "))
        await usher.slack.command(OWNER, DM, "/mcp test")
        assert TOLD in said(await usher.message_with("with 1 tool."))


async def test_what_is_left_out_follows_the_server(usher: Usher) -> None:
    server = OddServer(tools=[TOOL, WRONG])
    async with odd(server):
        await connect(usher, server)
        await usher.modal_with("Odd is connected")
        server.tools = [TOOL]
        await usher.slack.command(OWNER, DM, "/mcp test")
        assert "Left out" not in said(await usher.message_with("with 1 tool."))
        [view] = await usher.services.connections.of(usher.member)
        assert view.connection.left_out == []
        server.tools = [TOOL, {"name": "other"}, None]
        await usher.services.connections.test(usher.member, view.connection.id)
        [view] = await usher.services.connections.of(usher.member)
        assert view.connection.left_out == [["a tool without a name", "it is no tool at all"]]


@pytest.mark.parametrize(
    ("tools", "why"),
    [([], "Odd is connected, but its server offers no tools"), ([WRONG], "but none of its tools can be used")],
)
async def test_no_tools_at_all_is_a_warning_that_says_why(usher: Usher, tools: list[object], why: str) -> None:
    async with odd(OddServer(tools=tools)) as server:
        await connect(usher, server)
        done = said(await usher.modal_with(why))
    assert ":warning:" in done and ":white_check_mark:" not in done
    assert (TOLD in done) is bool(tools)


async def test_it_is_named_too_when_a_token_was_entered_on_its_page(usher: Usher) -> None:
    server = OddServer({"initialize": Raw("", "text/plain", 401)}, tools=[TOOL, WRONG])
    async with odd(server):
        await connect(usher, server)
        step_two = await usher.modal_with("Last step")
        url = next(each["url"] for block in step_two["blocks"] for each in block.get("elements", []) if "url" in each)
        del server.answers["initialize"]
        await usher.services.connections.finish(url.rsplit("/", 1)[1], {"token": NOTES_TOKEN})
        assert TOLD in said(await usher.modal_with("Odd is connected: 1 tool now available"))


async def test_it_is_named_too_after_signing_in_again(usher: Usher) -> None:
    server = OddServer(tools=[TOOL])
    async with odd(server):
        await connect(usher, server)
        await usher.modal_with("Odd is connected")
        [view] = await usher.services.connections.of(usher.member)
        server.tools = [TOOL, WRONG]
        again = await usher.services.connections.sign_in_with_secrets(
            usher.member, view.connection.id, {"token": NOTES_TOKEN}
        )
    assert "paint <!channel> (" in again.left_out
    [view] = await usher.services.connections.of(usher.member)
    assert [name for name, _ in view.connection.left_out] == ["paint <!channel>"]


def test_a_sentence_names_three_and_counts_the_rest() -> None:
    assert left_out([]) == ""
    told = left_out([LeftOut(f"t{number}", "it has no name") for number in range(5)])
    assert told == f"Left out: t0, t1, t2 (it has no name), and 2 more. {CURE}"


def test_as_many_are_kept_as_somebody_may_want_to_read() -> None:
    kept = counted(LeftOut(f"t{number}", "it has no name") for number in range(MAX_TOLD + 7))
    assert len(kept) == MAX_TOLD + 1 and kept[-1] == LeftOut("7 more", "for reasons like these")
