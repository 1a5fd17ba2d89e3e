"""Disconnecting asks, says what stops with it, and can be undone for a minute."""

from datetime import timedelta

import pytest

from bot.services.connections import leaving
from bot.services.links import Draft
from bot.slack.screens.connections import listing
from tests.slack.test_screens import VIEWS
from tests.support.slack import DM, OWNER, Usher, said


async def test_undo_brings_all_of_it_back_where_it_was_disconnected(usher: Usher, notes: str) -> None:
    connection_id = await usher.connect_notes(notes)
    await usher.services.connections.choices.set_policy(usher.member, connection_id, "add_note", "always")
    await usher.slack.command(OWNER, DM, "/mcp disconnect notes")
    question = await usher.message_with("Disconnect *Notes*?")
    assert "Its 4 tools stop at once." in said(question)
    await usher.press(question, "connection.disconnect")
    gone = await usher.message_with("Notes is disconnected. Until")
    await usher.press(gone, "connection.undo")
    assert await usher.message_with("Notes is connected again")
    [view] = await usher.services.connections.of(usher.member)
    assert {tool.name: tool.policy for tool in view.tools}["add_note"] == "always"
    assert (await usher.services.connections.test(usher.member, connection_id)).ok


async def test_the_command_asks_once_and_it_can_be_kept(usher: Usher, notes: str) -> None:
    connection_id = await usher.connect_notes(notes)
    await usher.slack.command(OWNER, DM, "/mcp disconnect notes")
    question = await usher.message_with("Disconnect *Notes*?")
    assert "confirm" not in question["blocks"][-1]["elements"][0]
    await usher.press(question, "connection.keep")
    assert "Disconnect" not in said(await usher.message_with("Notes stays connected."))
    assert (await usher.services.connections.test(usher.member, connection_id)).ok


async def test_after_the_minute_undo_says_so_and_offers_to_connect_it_anew(usher: Usher, notes: str) -> None:
    connection_id = await usher.connect_notes(notes)
    await usher.slack.command(OWNER, DM, "/mcp disconnect notes")
    await usher.press(await usher.message_with("Disconnect *Notes*?"), "connection.disconnect")
    gone = await usher.message_with("Notes is disconnected")
    await usher.services.connections.disconnect(usher.member, connection_id)
    await usher.press(gone, "connection.undo")
    late = await usher.message_with("It is too late to undo this")
    await usher.press(late, "connection.again")
    assert await usher.modal_with("Server URL")


async def test_the_home_tab_shows_what_can_still_be_kept(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await usher.choose(await usher.home(), "disconnect")
    await usher.submit(await usher.modal_with("Disconnect *Notes*?"))
    home = await usher.slack.when(lambda: (h := usher.slack.snapshot(OWNER)["home"]) and "Until" in said(h) and h)
    await usher.press(home, "connection.undo")
    await usher.slack.when(lambda: "4 tools" in said(usher.slack.snapshot(OWNER)["home"]))


async def test_links_that_lean_on_it_are_named_before(usher: Usher, notes: str) -> None:
    connection_id = await usher.connect_notes(notes)
    await usher.services.links.create(usher.member, Draft("Support", tools=((connection_id, "list_notes"),)))
    await usher.services.links.create(usher.member, Draft("Other"))
    await usher.slack.command(OWNER, DM, "/mcp disconnect notes")
    question = said(await usher.message_with("Disconnect *Notes*?"))
    assert "This chat link loses its tools: “Support”." in question


async def test_the_shortcut_opens_the_list_whose_menus_work_there(usher: Usher, notes: str) -> None:
    connection_id = await usher.connect_notes(notes)
    await usher.shortcut("my_connections")
    shown = await usher.modal_with("*Notes*")
    await usher.choose(shown, "pause")
    shown = await usher.modal_with("I use none of its tools until you resume it")
    assert "My connections" in str(shown)
    await usher.press(shown, "connection.resume")
    await usher.modal_with("Connected: 4 tools")
    await usher.choose(usher.modal() or {}, "test")
    await usher.modal_with("*Notes* works.")
    assert (await usher.services.connections.of(usher.member))[0].connection.id == connection_id


async def test_nobody_has_to_do_anything_for_it_to_be_gone_in_the_end(
    usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "UNDO_FOR", timedelta(0))
    await usher.connect_notes(notes)
    await usher.choose(await usher.home(), "disconnect")
    await usher.submit(await usher.modal_with("Disconnect *Notes*?"))

    def gone() -> bool:
        home = said(usher.slack.snapshot(OWNER)["home"])
        return "Nothing is connected yet" in home and "Undo" not in home

    await usher.slack.when(gone)
    async with usher.services.db.read() as tables:
        assert await tables.connections.leaving(usher.member.workspace, OWNER) == []
        assert await tables.connections.slugs(usher.member.workspace, OWNER) == set()


async def test_a_command_without_a_name_is_done_by_one_press_on_the_connection_meant(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    other = await usher.connect_notes(notes, "Other notes")
    await usher.slack.command(OWNER, DM, "/mcp disconnect")
    which = await usher.message_with("Disconnect which one?")
    assert "connection.menu" not in said(which)
    await usher.press(which, "connection.leave")
    await usher.submit(await usher.modal_with("Disconnect *Notes*?"))
    assert await usher.modal_with("Notes is disconnected")
    assert [each.connection.id for each in await usher.services.connections.of(usher.member)] == [other]


async def test_tools_without_a_name_are_one_press_away(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await usher.connect_notes(notes, "Other notes")
    await usher.slack.command(OWNER, DM, "/mcp tools")
    await usher.press(await usher.message_with("Which tools?"), "connection.tools")
    assert await usher.modal_with("Asks first")


def test_a_choice_among_more_than_a_message_takes_says_how_to_reach_the_others() -> None:
    blocks = listing.choose([VIEWS[0]] * (listing.MOST_TO_CHOOSE + 2), "Which tools?", "Tools", listing.TOOLS)
    assert len(blocks) <= 50
    assert "2 more connections" in str(blocks[-1])
