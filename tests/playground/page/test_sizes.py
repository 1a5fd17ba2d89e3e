"""A phone's width, a keyboard alone, and a reader that hears the page."""

import pytest
from playwright.async_api import expect

from tests.playground.page.screen import Screen
from tests.playground.page.scripted_app import ScriptedApp

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NAMED = {"button", "link", "textbox", "combobox", "checkbox", "radio", "dialog", "image", "region", "navigation"}


async def nameless(screen: Screen) -> list[str]:
    """Roles of what a screen reader would meet without a name."""
    session = await screen.page.context.new_cdp_session(screen.page)
    tree = await session.send("Accessibility.getFullAXTree")
    nodes = [node for node in tree["nodes"] if not node["ignored"] and node["role"]["value"] in NAMED]
    assert nodes
    return [node["role"]["value"] for node in nodes if not node.get("name", {}).get("value")]


async def test_all_can_be_done_on_a_phone(app: ScriptedApp, phone: Screen) -> None:
    app.go_on.set()
    assert await phone.fits()
    await phone.write("stream")
    await expect(phone.message("It is 09:00", thread=True)).to_be_visible()
    assert await phone.fits()
    await phone.page.get_by_role("button", name="Close the thread").click()
    await expect(phone.message("stream")).to_be_visible()
    await phone.go("general")
    await phone.write("/mcp blocks")
    await expect(phone.message("Connections")).to_be_visible()
    assert await phone.fits()
    await phone.open_form()
    assert await phone.fits()
    await phone.dialog.get_by_label("Title").fill("Launch")
    await phone.dialog.get_by_role("button", name="Create").click()
    await expect(phone.dialog).to_have_count(0)
    await phone.go("Usher")
    await phone.page.get_by_role("link", name="Home").click()
    await expect(phone.page.get_by_role("heading", name="Your connections")).to_be_visible()
    assert await phone.fits()


async def test_back_leaves_the_thread_on_a_phone(app: ScriptedApp, phone: Screen) -> None:
    await phone.write("hello")
    await phone.message("You said", thread=True).wait_for()
    await phone.page.go_back()
    await expect(phone.pane(thread=True)).to_be_hidden()
    await expect(phone.message("hello")).to_be_visible()


async def test_everything_that_acts_has_a_name(app: ScriptedApp, screen: Screen) -> None:
    app.go_on.set()
    await screen.write("stream")
    await screen.message("It is 09:00", thread=True).wait_for()
    assert await nameless(screen) == []
    await screen.go("general")
    await screen.write("/mcp blocks")
    await screen.message("Connections").wait_for()
    assert await nameless(screen) == []
    await screen.open_form()
    assert await nameless(screen) == []


async def test_an_administrators_day_is_told_step_by_step_and_stays_where_it_was(phone: Screen) -> None:
    show = phone.page.get_by_role("button", name="Show the places")
    await show.click()
    await phone.page.get_by_role("button", name="An administrator's day").click()
    await phone.page.get_by_role("button", name="Next").click()
    await phone.page.reload()
    await show.click()
    await expect(phone.page.get_by_role("group", name="Who did that?")).to_be_visible()
    assert await phone.fits() and await nameless(phone) == []
    for _ in range(4):
        await phone.page.get_by_role("button", name="Next").click()
    await expect(phone.page.get_by_role("group", name="The other workspace")).to_contain_text("usher try --two")
    await phone.page.get_by_role("button", name="Done").click()
    await expect(phone.page.locator(".day-step")).to_have_count(0)
