"""A test of a connection tells all of it on one card, with what is new since last time."""

from run_cards import custom
from tests.mcp_runtime.odd_server import TOOL, OddServer, odd
from tests.support.slack import DM, OWNER, Usher, said


async def connected(usher: Usher, server: OddServer) -> None:
    await usher.slack.command(OWNER, DM, "/mcp connect custom")
    await usher.submit(await usher.modal_with("Server URL"), name="Odd", url=server.url)
    await usher.modal_with("Odd is connected")


def named(name: str, **more: object) -> dict[str, object]:
    return {**TOOL, "name": name, **more}


async def test_what_is_new_gone_and_changed_is_named(usher: Usher) -> None:
    server = OddServer(tools=[named("stays"), named("goes"), named("changes")])
    async with odd(server):
        await connected(usher, server)
        await usher.slack.command(OWNER, DM, "/mcp list")
        listed = await usher.message_with("*Odd*")
        await usher.choose(listed, "test")
        card = said(await usher.modal_with("*Odd* works."))
        assert "*Reached*\\nyes" in card and "*Sign-in*\\nnone needed" in card and "over HTTP" in card
        assert card.count(" ms") == 1 and "*Since last time*\\nnothing new or gone" in card
        server.tools = [named("stays"), named("comes"), named("changes", description="Something else.")]
        await usher.choose(listed, "test")
        card = said(await usher.modal_with("1 new, 1 gone, 1 changed"))
        assert (
            "New, and set aside until you have looked: comes. Gone: goes. "
            "Changed, and set aside until you have looked: changes."
        ) in card


async def test_a_server_that_is_away_is_told_with_its_cause(usher: Usher) -> None:
    server = OddServer(tools=[TOOL])
    async with odd(server):
        await connected(usher, server)
    await usher.services.connections._pool.forget((await usher.services.connections.of(usher.member))[0].connection.id)
    await usher.slack.command(OWNER, DM, "/mcp list")
    await usher.choose(await usher.message_with("*Odd*"), "test")
    card = said(await usher.modal_with("*Sign-in*"))
    assert "no: cannot reach" in card and "not tried" in card


async def test_a_test_is_made_once_more_in_the_same_window(usher: Usher) -> None:
    server = OddServer(tools=[TOOL])
    async with odd(server):
        await connected(usher, server)
    await usher.services.connections._pool.forget((await usher.services.connections.of(usher.member))[0].connection.id)
    await usher.slack.command(OWNER, DM, "/mcp list")
    await usher.choose(await usher.message_with("*Odd*"), "test")
    for _ in range(4):
        shown = await usher.modal_with("no: cannot reach")
        await usher.press(shown, "connection.test")
    await usher.modal_with("no: cannot reach")
    assert len(usher.slack.snapshot(OWNER)["modals"]) == 1


async def test_all_are_tested_by_one_press_in_the_home_tab(usher: Usher) -> None:
    async with odd(OddServer(tools=[TOOL])) as here:
        async with odd(OddServer(tools=[TOOL])) as away:
            for name, server in (("Here", here), ("Away", away)):
                await usher.services.connections.begin(usher.member, custom.CARD, {"name": name, "url": server.url})
        for view in await usher.services.connections.of(usher.member):
            await usher.services.connections._pool.forget(view.connection.id)
        await usher.press(await usher.home(), "connection.test_all")
        shown = said(await usher.modal_with("Away cannot be used"))
    assert "Here answered in" in shown and "Cannot reach" in shown and "Still asking" not in shown


async def test_a_press_on_test_all_after_the_last_one_went_says_so(usher: Usher, notes: str) -> None:
    made = [await usher.connect_notes(notes, name) for name in ("Notes", "Other")]
    await usher.slack.command(OWNER, DM, "/mcp list")
    listed = await usher.message_with("*Other*")
    for connection_id in made:
        await usher.services.connections.disconnect(usher.member, connection_id)
    await usher.press(listed, "connection.test_all")
    await usher.modal_with("Nothing is connected yet.")
