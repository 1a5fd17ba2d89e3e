"""Somebody who was an administrator a moment ago: whatever a tab of theirs still shows, nothing of it does anything."""

import asyncio
from collections.abc import Iterator
from typing import Any

from bot.services.links import Draft
from bot.slack.screens.governing import tabs
from playground.slack.interactions import payloads
from playground.slack.surfaces.state_values import element_of
from tests.slack.test_admin_tabs import acts, no_admin_any_more
from tests.support.slack import OWNER, Usher

ALL_MAY = {tabs.GO + "." + tabs.MINE}


def buttons(shown: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for block in shown["blocks"]:
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if element.get("type") == "button" and "url" not in element:
                yield block["block_id"], element["action_id"]


async def pressed_late(usher: Usher, shown: dict[str, Any], block: str, action: str) -> None:
    """On what a window that stayed open still shows, or somebody's program made up."""
    pressing = usher.slack.workspace.pressing
    found = element_of(shown["blocks"], block, action)
    assert found
    acted = payloads.action(*found, None, "1.0")
    view = {**pressing._view(OWNER, shown["view_id"]), "blocks": shown["blocks"]}
    await pressing._send("block_actions", OWNER, actions=[acted], **payloads.in_view(view, {}))


async def test_every_button_of_every_tab_is_refused_to_who_is_none_any_more(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await usher.services.links.create(usher.member, Draft("Survey"))
    shown = {tab: await usher.tab(tab) for tab in tabs.TABS if tab != tabs.MINE}
    there = {action: (tab, block) for tab, view in shown.items() for block, action in buttons(view)}
    no_admin_any_more(usher)
    before = await acts(usher)
    for action in there.keys() - ALL_MAY:
        await pressed_late(usher, shown[there[action][0]], there[action][1], action)
    refused = before + ["admin.refused"] * len(there.keys() - ALL_MAY)
    async with asyncio.timeout(60):
        while len(await acts(usher)) < len(refused):
            await asyncio.sleep(0.01)
    assert len(there) > 15 and await acts(usher) == refused
    [link] = await usher.services.links.of(usher.member)
    assert link.revoked_at is None and len(await usher.services.connections.of(usher.member)) == 1
