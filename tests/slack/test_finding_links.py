"""Many links: in pages, found by words of their titles, and several revoked at once, from the list and Home alike."""

from typing import Any

from bot.services.links import Draft
from bot.slack.screens.links import listing, menu, window
from tests.slack.test_links import choose
from tests.support.slack import DM, OWNER, Usher, said


async def many(usher: Usher, number: int = 23) -> None:
    """The newest comes first in every list: «Link 23»."""
    for each in range(1, number + 1):
        await usher.services.links.create(usher.member, Draft(f"Link {each:02}"))


async def my_list(usher: Usher) -> dict[str, Any]:
    await usher.slack.command(OWNER, DM, "/tempchat list")
    return await usher.message_with("Create a link")


async def my_window(usher: Usher) -> dict[str, Any]:
    await usher.press(await my_list(usher), listing.FIND)
    return await usher.modal_with("Revoke the chosen")


def titles(shown: dict[str, Any]) -> list[str]:
    texts = [block["text"]["text"] for block in shown["blocks"] if block.get("accessory")]
    return [text.splitlines()[0].strip("*") for text in texts]


async def test_a_long_list_is_turned_page_by_page(usher: Usher) -> None:
    await many(usher)
    shown = await my_list(usher)
    seen = titles(shown)
    assert "23 links, page 1 of 3" in said(shown)
    for page in (2, 3):
        await usher.press(shown, f"{listing.PAGE}.more")
        shown = await usher.message_with(f"page {page} of 3")
        seen += titles(shown)
    assert seen == [f"Link {each:02}" for each in range(23, 0, -1)]
    assert f"{listing.PAGE}.more" not in said(shown)
    await usher.press(shown, f"{listing.PAGE}.back")
    assert await usher.message_with("page 2 of 3")


async def test_home_turns_its_links_too(usher: Usher) -> None:
    await many(usher, 11)
    home = await usher.home()
    await usher.press(home, f"{listing.PAGE}.more")
    shown = await usher.slack.when(lambda: "page 2 of 2" in said(h := usher.slack.snapshot(OWNER)["home"]) and h)
    assert "Link 01" in said(shown) and "Link 02" not in said(shown)


async def test_a_link_is_found_by_words_of_its_title_and_changed_in_the_window(usher: Usher) -> None:
    await many(usher)
    await usher.services.links.create(usher.member, Draft("Acme <kick-off>"))
    shown = await my_window(usher)
    await usher.submit(shown, **{window.SEARCH: "KICK acme"})
    found = await usher.slack.when(lambda: (m := usher.modal()) and titles(m) == ["Acme &lt;kick-off&gt;"] and m)
    await choose(usher, found, menu.PAUSE)
    paused = await usher.modal_with("is paused")
    assert titles(paused) == ["Acme &lt;kick-off&gt;"]
    await choose(usher, paused, menu.REVOKE)
    question = await usher.modal_with("It is over for good")
    await usher.submit(question)
    await usher.slack.close_view(OWNER, (await usher.modal_with("is revoked"))["id"])
    none = await usher.modal_with(window.NONE_FOUND)
    await usher.submit(none, **{window.SEARCH: "09 link"})
    assert titles(await usher.modal_with("Link 09")) == ["Link 09"]


async def test_several_are_revoked_at_once_and_no_others(usher: Usher) -> None:
    await many(usher, 5)
    shown = await my_window(usher)
    block = next(each for each in shown["blocks"] if each.get("block_id", "").startswith(window.CHOSEN))
    wanted = [each["value"] for each in block["element"]["options"] if each["text"]["text"] in ("Link 02", "Link 04")]
    await _revoke(usher, shown, block["block_id"], wanted)
    left = await usher.modal_with("are revoked")
    assert titles(left) == ["Link 05", "Link 03", "Link 01"]
    assert [link.title for link in await usher.services.links.of(usher.member)] == titles(left)


async def test_nothing_chosen_revokes_nothing_and_says_so(usher: Usher) -> None:
    await many(usher, 2)
    shown = await my_window(usher)
    await usher.press(shown, window.REVOKE_CHOSEN)
    await usher.modal_with("Choose the links first")
    assert len(await usher.services.links.of(usher.member)) == 2


async def _revoke(usher: Usher, shown: dict[str, Any], block_id: str, ids: list[str]) -> None:
    """The form's state comes with the press."""
    where = {"container": {"type": "view", "view_id": shown["id"]}, "action_id": window.REVOKE_CHOSEN}
    block = next(each["block_id"] for each in shown["blocks"] if "Revoke the chosen" in said({"blocks": [each]}))
    values = {block_id: {"value": ids}}
    await usher.slack.press(OWNER, {**where, "block_id": block, "values": values})
