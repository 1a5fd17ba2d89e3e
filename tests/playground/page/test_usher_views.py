"""Every view of Usher's, with the most hostile words it can hold, is drawn by a real browser as Slack would draw it."""

import pytest
from playwright.async_api import expect

from bot.slack.screens import schema_forms
from bot.slack.screens.blocks.elements import modal
from playground.slack.server import LocalSlack
from tests.playground.page.conftest import DESKTOP, PHONE
from tests.playground.page.screen import Screen
from tests.playground.page.scripted_app import ScriptedApp
from tests.slack.test_screens import MESSAGES, MODALS, NOW, VIEWS, home
from tests.support.slack import DM, OWNER

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
NOT_DRAWN = "This page does not show"


async def drawn(app: ScriptedApp, slack: LocalSlack, screen: Screen, name: str) -> None:
    trigger = slack.workspace.triggers.new(OWNER)
    view = MODALS[name]
    await app.client.views_open(trigger_id=trigger, view=view)
    dialog = screen.dialog.last
    await expect(dialog.get_by_role("heading", level=1).or_(dialog.locator("h2")).first).to_be_visible()
    assert NOT_DRAWN not in await dialog.inner_text(), name
    assert await screen.fits(), f"{name} is wider than the window"


async def test_every_modal_is_drawn_and_fits_a_desktop_and_a_phone(
    app: ScriptedApp, slack: LocalSlack, screen: Screen
) -> None:
    for name in MODALS:
        await drawn(app, slack, screen, name)
        await screen.page.set_viewport_size(PHONE)
        assert await screen.fits(), f"{name} is wider than a phone"
        await screen.page.set_viewport_size(DESKTOP)


async def test_every_message_is_drawn(app: ScriptedApp, screen: Screen) -> None:
    for name, blocks in MESSAGES.items():
        await app.client.chat_postMessage(channel=DM, text=f"This is {name}.", blocks=blocks)
    await expect(screen.message("Approve").first).to_be_visible()
    assert NOT_DRAWN not in await screen.pane().inner_text()
    assert await screen.fits()


async def test_the_home_tab_is_drawn(app: ScriptedApp, slack: LocalSlack, screen: Screen) -> None:
    await screen.page.get_by_role("link", name="Home").click()
    await expect(screen.page.get_by_text("Your connections")).to_be_visible()  # the scripted app's own, once opened
    await app.client.views_publish(user_id=OWNER, view=home.home(VIEWS, [], NOW))
    await expect(screen.page.get_by_role("button", name="More actions").first).to_be_visible()
    assert await screen.fits()


async def test_each_kind_of_field_of_a_tools_form_is_filled_in_and_read_back(
    app: ScriptedApp, slack: LocalSlack, screen: Screen
) -> None:
    kinds = {
        "title": {"type": "string"},
        "mail": {"type": "string", "format": "email"},
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time", "default": "2026-01-31T09:30:00Z"},
        "number": {"type": "integer", "default": 3},
        "state": {"enum": ["open", "closed"]},
        "labels": {"type": "array", "items": {"enum": ["bug", "idea"]}},
        "lines": {"type": "array", "items": {"type": "string"}},
    }
    schema = {"properties": kinds, "required": list(kinds)}
    form = modal("Try it", schema_forms.blocks(schema).blocks, callback_id="form", submit="Run it")
    await app.client.views_open(trigger_id=slack.workspace.triggers.new(OWNER), view=form)
    shown = screen.dialog
    await shown.get_by_label("Title").fill("Milk")
    await shown.get_by_label("Mail").fill("ada@example.com")
    await shown.get_by_label("Day").fill("2026-02-01")
    await shown.get_by_label("State").select_option(label="closed")
    await shown.locator("summary").click()
    await shown.get_by_label("bug").check()
    await shown.get_by_label("Lines").fill("a\nb")
    await shown.get_by_role("button", name="Run it").click()
    await expect(shown).to_have_count(0)
    found = schema_forms.read(schema, app.submitted[-1])
    assert found.complaints == {}
    assert found.arguments == {
        "title": "Milk",
        "mail": "ada@example.com",
        "day": "2026-02-01",
        "at": "2026-01-31T09:30:00Z",
        "number": 3,
        "state": "closed",
        "labels": ["bug"],
        "lines": ["a", "b"],
    }
