"""Slack opens a window once, and within three seconds; who waited for it in vain hears so, with the way to go on."""

import asyncio

import pytest

from bot.slack.screens.notices import ONCE_MORE, TOO_LATE
from bot.slack.screens.talking import help as usage
from tests.support.slack import DM, GENERAL, OWNER, PATIENCE, Usher, said

CODES = ["expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"]
LATE = TOO_LATE.removeprefix(":hourglass: ")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("line", ["/mcp connect", "/tempchat create Survey of 2026"])
async def test_a_command_offers_itself_again(usher: Usher, code: str, line: str) -> None:
    usher.slack.will_refuse("views.open", code)
    await usher.slack.command(OWNER, GENERAL, line)
    told = await usher.message_with(LATE, GENERAL)
    assert told["ephemeral"] and usher.modal() is None
    await usher.press(told, usage.RUN_MCP if line.startswith("/mcp") else usage.RUN_TEMPCHAT)
    wanted = "Connect a tool" if line.startswith("/mcp") else "Survey of 2026"
    assert wanted in str(await usher.slack.when(usher.modal))


async def test_a_button_of_the_home_tab_is_answered_in_the_direct_message(usher: Usher) -> None:
    home = await usher.home()
    usher.slack.will_refuse("views.open", "expired_trigger_id", times=2)
    await usher.press(home, "link.create")
    told = await usher.message_with(LATE, DM)
    await usher.press(told, "link.create")
    assert await usher.modal_with("How many guests")


async def test_a_shortcut_is_answered_in_the_direct_message(usher: Usher) -> None:
    usher.slack.will_refuse("views.open", "expired_trigger_id", times=2)
    await usher.shortcut("connect_tool")
    assert ONCE_MORE in said(await usher.message_with(LATE, DM))


async def test_a_button_in_a_message_is_answered_beside_it(usher: Usher) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp list")
    shown = await usher.message_with("Nothing is connected yet", GENERAL)
    usher.slack.will_refuse("views.open", "exchanged_trigger_id")
    await usher.press(shown, "connection.connect")
    await usher.message_with(LATE, GENERAL)
    assert usher.slack.refusals[-1][1] == "exchanged_trigger_id"


async def test_a_real_trigger_expires(usher: Usher, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the local Slack's own clock, not by a refusal that was made up."""
    candidates = usher.services.links.candidates

    async def slow(*args: object) -> object:
        usher.slack.clock.forward(PATIENCE + 1)
        return await candidates(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(usher.services.links, "candidates", slow)
    await usher.slack.command(OWNER, DM, "/tempchat create")
    assert await usher.message_with(LATE, DM)


async def form(usher: Usher, channel: str = DM) -> dict:
    await usher.slack.command(OWNER, channel, "/tempchat create Survey")
    shown: dict = await usher.modal_with("How many guests")
    return shown


async def test_a_form_that_is_sent_twice_makes_one_link_and_shows_it_once(usher: Usher) -> None:
    await usher.submit(await form(usher))
    shown = await usher.modal_with("What you decided")
    both = [usher.submit(shown) for _ in range(2)]
    await asyncio.gather(*both, return_exceptions=True)
    await usher.message_with("/temp-chat/")
    await usher.tasks.drain(5)
    assert len(await usher.services.links.of(usher.member)) == 1
    assert sum("/temp-chat/" in said(each) for each in usher.slack.messages(DM)) == 1


async def test_two_forms_make_two_links(usher: Usher) -> None:
    for count in (1, 2):
        await usher.submit(await form(usher))
        await usher.submit(await usher.modal_with("What you decided"))
        await usher.slack.when(
            lambda count=count: sum("/temp-chat/" in said(each) for each in usher.slack.messages(DM)) == count, 10
        )
    assert len(await usher.services.links.of(usher.member)) == 2


async def test_a_form_that_was_refused_can_be_sent_again(usher: Usher) -> None:
    shown = await form(usher)
    await usher.submit(shown, title=" ")
    await usher.submit(shown, title="Better")
    await usher.submit(await usher.modal_with("What you decided"))
    await usher.message_with("/temp-chat/")
    assert [link.title for link in await usher.services.links.of(usher.member)] == ["Better"]
