"""The picker: searched and paged, and it tells who uses what."""

from dataclasses import replace
from typing import Any

from bot.slack.screens.connections import picker
from playground.slack.server import LocalSlack
from run_cards import CARDS, RunCard
from storage.database import Database
from storage.tables import Connection
from tests.support.gemini import Scripted
from tests.support.slack import DM, OWNER, TEAM, Usher, running_usher, said


def many(number: int = 30) -> tuple[RunCard, ...]:
    time = next(card for card in CARDS if card.name == "time")
    more = [replace(time, name=f"s{n}", title=f"Service {n:02}", about=f"Does number {n}.") for n in range(number)]
    return (*CARDS[:4], *more)


async def connected(usher: Usher, member: str, card: str) -> None:
    """Past the screens and any server."""
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
        given = {"workspace_id": TEAM, "member_id": member, "spec": {}, "title": "Service 07", "slug": card}
        await tables.connections.add(Connection(card=card, **given))


def offered(shown: dict[str, Any]) -> list[str]:
    return [each["accessory"]["value"] for each in shown["blocks"] if each.get("accessory", {}).get("type") == "button"]


async def test_cards_are_searched_by_name_and_by_what_they_give(
    slack: LocalSlack, client: Any, sqlite_db: Database, gemini: Scripted
) -> None:
    async with running_usher(slack, client, sqlite_db, gemini, cards=many()) as usher:
        await slack.command(OWNER, DM, "/mcp connect")
        shown = await usher.modal_with("page 1 of 3")
        assert len(offered(shown)) == picker.PAGE_SIZE + 1 and offered(shown)[-1] == "custom"
        await usher.press(shown, "connect.page.more")
        shown = await usher.modal_with("page 2 of 3")
        await usher.submit(shown, **{picker.SEARCH: "SERVICE number 17"})
        shown = await usher.modal_with("*Service 17*")
        assert offered(shown) == ["s17", "custom"]
        await usher.submit(shown, **{picker.SEARCH: "no such thing"})
        shown = await usher.modal_with("No card matches")
        assert offered(shown) == ["custom"], "it takes what has no card"
        await usher.submit(shown, **{picker.SEARCH: None})
        await usher.modal_with("page 1 of 3")


async def test_it_tells_how_many_colleagues_use_a_card_beside_oneself(
    slack: LocalSlack, client: Any, sqlite_db: Database, gemini: Scripted
) -> None:
    async with running_usher(slack, client, sqlite_db, gemini, cards=many()) as usher:
        for member in ("U0MEMBER", "U0THIRD", OWNER):
            await connected(usher, member, "s7")
        await connected(usher, "U0MEMBER", "s8")
        await slack.command(OWNER, DM, "/mcp connect")
        await usher.submit(await usher.modal_with("page 1 of 3"), **{picker.SEARCH: "service 0"})
        shown = said(await usher.modal_with("*Service 08*"))
        assert "2 colleagues use it" in shown and "1 colleague uses it" in shown
        assert shown.count("colleague") == 2 and ":white_check_mark: Connected: Service 07" not in shown


def test_a_search_is_not_needed_where_all_is_seen_at_a_glance() -> None:
    assert "'input'" not in str(picker.chooser(CARDS[: picker.FEW]))
    assert "'input'" in str(picker.chooser(many()))


async def test_who_has_as_many_as_may_be_makes_room_and_goes_on_in_the_same_window(usher: Usher, notes: str) -> None:
    usher.services.connections._saving._max = 2
    first = await usher.connect_notes(notes, "First <b>")
    await usher.connect_notes(notes, "Second")
    await usher.slack.command(OWNER, DM, "/mcp connect custom")
    shown = await usher.modal_with("You have 2 connections, as many as are allowed here.")
    assert "Never used" in said(shown) and "First &lt;b&gt;" in said(shown) and "*Custom*" in said(shown)
    await usher.press(shown, "connection.make_room")
    await usher.submit(await usher.modal_with("Disconnect *First"))
    gone = await usher.modal_with("is disconnected. Until")
    assert "connection.undo" in said(gone)
    await usher.press(gone, "connect.pick")
    await usher.modal_with("Server URL")
    assert len(usher.slack.snapshot(OWNER)["modals"]) == 1
    mine = await usher.services.connections.of(usher.member)
    assert first not in [each.connection.id for each in mine]


async def test_a_press_that_makes_room_for_what_is_gone_says_so(usher: Usher, notes: str) -> None:
    usher.services.connections._saving._max = 1
    only = await usher.connect_notes(notes)
    await usher.slack.command(OWNER, DM, "/mcp connect custom")
    shown = await usher.modal_with("You have 1 connection, as many as are allowed here.")
    await usher.services.connections.leave(usher.member, only)
    await usher.press(shown, "connection.make_room")
    await usher.modal_with("That connection is not there any more.")
