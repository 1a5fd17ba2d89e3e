"""What open modals show, whatever Slack lets wait."""

import asyncio
from typing import Any

import pytest

from bot.slack.edge.calls.modals import REMEMBERED, by_now, updated
from bot.slack.edge.interaction import Interaction
from playground.slack.server import LocalSlack
from tests.support.slack import GENERAL, MEMBER, NOTES_TOKEN, Usher, said

OLDER, NEWER = {"title": "older"}, {"title": "newer"}


class Slow:
    """Lets the first call wait until ``let`` is set."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.shown: list[tuple[str, str]] = []
        self._waits = True

    async def views_update(self, *, view: dict[str, Any], view_id: str = "", external_id: str = "") -> None:
        waits, self._waits = self._waits, False
        if waits:
            await self.let.wait()
        self.shown.append((view_id or external_id, view["title"]))


async def test_what_slack_lets_wait_does_not_come_after_what_is_newer() -> None:
    client: Any = Slow()
    calls = [asyncio.create_task(updated(client, *each)) for each in (("V1", OLDER), ("V1", NEWER), ("V2", OLDER))]
    while not client.shown:
        await asyncio.sleep(0)
    client.let.set()
    assert all(await asyncio.gather(*calls))
    assert client.shown == [("V2", "older"), ("V1", "older"), ("V1", "newer")], "another modal waits for nothing"


@pytest.mark.parametrize("which", [("V1", ""), ("", "named")], ids=["by its id", "by its name"])
async def test_what_repeats_an_ack_is_left_out_once_something_newer_is_shown(which: tuple[str, str]) -> None:
    client: Any = Slow()
    client.let.set()
    acked = by_now()
    for calls, view in ((1, OLDER), (1, OLDER), (2, NEWER)):
        since = by_now() if view is NEWER else acked
        assert await updated(client, which[0], view, external_id=which[1], unless_since=since)
        assert len(client.shown) == calls


async def test_only_so_many_modals_are_remembered() -> None:
    client: Any = Slow()
    client.let.set()
    since = by_now()
    for number in range(REMEMBERED + 1):
        await updated(client, f"V{number}", OLDER)
    for view, calls in (("V1", 0), ("V0", 1)):
        before = len(client.shown)
        await updated(client, view, NEWER, unless_since=since)
        assert len(client.shown) - before == calls


async def test_who_is_through_before_the_forms_own_answer_has_settled_sees_what_came_of_it(
    slack: LocalSlack, usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled, over = asyncio.Event(), asyncio.Event()
    real = Interaction.still_shows

    async def settle(_: Interaction) -> None:
        await settled.wait()

    async def still_shows(interaction: Interaction, view: Any) -> bool:
        try:
            return await real(interaction, view)
        finally:
            over.set()

    monkeypatch.setattr(Interaction, "_settle", settle)
    monkeypatch.setattr(Interaction, "still_shows", still_shows)
    await slack.command(MEMBER, GENERAL, "/mcp connect custom")
    form = await usher.modal_with("Nothing secret is typed into Slack", MEMBER)
    await usher.submit(form, MEMBER, name="Notes", url=notes)
    step_two = await usher.modal_with("Last step: enter the token for Notes", MEMBER)
    url = next(each["url"] for block in step_two["blocks"] for each in block.get("elements", []) if "url" in each)
    await usher.services.connections.finish(str(url).rpartition("/")[2], {"token": NOTES_TOKEN})
    await usher.modal_with("Notes is connected: 4 tools now available", MEMBER)
    settled.set()
    await over.wait()
    assert "Notes is connected" in said(slack.snapshot(MEMBER)["modals"][-1])
