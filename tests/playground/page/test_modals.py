"""Forms: filled in, refused, kept and closed."""

import pytest
from playwright.async_api import expect

from playground.slack.server import LocalSlack
from tests.playground.page.screen import Screen
from tests.playground.page.scripted_app import ScriptedApp

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_what_is_filled_in_reaches_the_app(app: ScriptedApp, slack: LocalSlack, screen: Screen) -> None:
    await screen.open_form()
    form = screen.dialog
    await expect(form.get_by_label("Title")).to_be_focused()
    await form.get_by_label("Title").fill("Launch")
    await form.get_by_label("What is it for?").fill("Questions\nof guests")
    await form.get_by_label("Lives for").select_option(label="1 day")
    await form.locator("summary").click()
    await form.get_by_label("Notes").check()
    await form.get_by_label("Search").check()
    await form.get_by_label("Many").check()
    await form.get_by_role("button", name="Create").click()
    await expect(form).to_have_count(0)
    values = app.submitted[0]
    assert values["name"]["name"]["value"] == "Launch"
    assert values["purpose"]["purpose"]["value"] == "Questions\nof guests"
    assert values["hours"]["hours"]["selected_option"]["value"] == "1-day"
    assert [one["value"] for one in values["tools"]["tools"]["selected_options"]] == ["notes", "search"]
    assert values["guests"]["guests"]["selected_option"]["value"] == "many"
    assert [one["value"] for one in values["extras"]["extras"]["selected_options"]] == ["tell-me"]


async def test_a_required_field_is_asked_for_before_anything_is_sent(app: ScriptedApp, screen: Screen) -> None:
    await screen.open_form()
    await screen.dialog.get_by_role("button", name="Create").click()
    title = screen.dialog.get_by_label("Title")
    await expect(title).to_have_accessible_description(
        "The guest sees it on top of the page. Please complete this required field."
    )
    await expect(title).to_be_focused()
    assert app.submitted == []


async def test_the_apps_own_refusal_stands_under_its_field(app: ScriptedApp, screen: Screen) -> None:
    await screen.open_form()
    title = screen.dialog.get_by_label("Title")
    await title.fill("taken")
    await title.press("Enter")
    await expect(screen.dialog.get_by_role("alert")).to_have_text("That name is taken: choose another.")
    await expect(title).to_have_value("taken")
    await title.fill("free")
    await title.press("Enter")
    await expect(screen.dialog).to_have_count(0)


async def test_an_update_keeps_what_was_typed_and_where(app: ScriptedApp, screen: Screen) -> None:
    await screen.open_form()
    await screen.dialog.get_by_label("Title").fill("Launch")
    await screen.dialog.get_by_label("Lives for").select_option(label="1 day")
    await screen.dialog.get_by_role("button", name="Add another").click()
    await expect(screen.dialog).to_contain_text("Added afterwards.")
    await expect(screen.dialog.get_by_label("Title")).to_have_value("Launch")
    await expect(screen.dialog.get_by_label("Lives for")).to_have_value("1-day")
    await expect(screen.dialog.get_by_role("button", name="Add another")).to_be_focused()


async def test_a_pushed_view_lies_on_top_and_gives_way_again(app: ScriptedApp, screen: Screen) -> None:
    await screen.open_form()
    await screen.dialog.get_by_label("Title").fill("Launch")
    await screen.dialog.get_by_role("button", name="More about this").click()
    await expect(screen.dialog.get_by_role("heading")).to_have_text("More about this")
    await screen.dialog.get_by_role("button", name="Go back").click()
    await expect(screen.dialog.get_by_label("Title")).to_have_value("Launch")
    await screen.dialog.get_by_role("button", name="More about this").click()
    await expect(screen.dialog.get_by_role("heading")).to_have_text("More about this")
    await screen.dialog.get_by_role("button", name="Close", exact=True).click()
    await expect(screen.dialog).to_have_count(0)


async def test_escape_closes_a_form(app: ScriptedApp, slack: LocalSlack, screen: Screen) -> None:
    await screen.open_form()
    await screen.page.keyboard.press("Escape")
    await expect(screen.dialog).to_have_count(0)
    assert slack.snapshot("U0OWNER")["modals"] == []


async def test_a_slow_app_is_waited_for_and_then_told_as_trouble(
    slack: LocalSlack, app: ScriptedApp, screen: Screen
) -> None:
    await screen.open_form()
    slack.workspace.sockets.ack_seconds = 2.0
    await screen.dialog.get_by_label("Title").fill("slow")
    await screen.dialog.get_by_role("button", name="Create").click()
    await expect(screen.dialog.get_by_role("button", name="Working Create")).to_be_disabled()
    await expect(screen.dialog.get_by_role("alert")).to_contain_text("trouble connecting")
    await expect(screen.dialog.get_by_label("Title")).to_have_value("slow")
    slack.workspace.sockets.ack_seconds = 60.0
    app.go_on.set()
    await screen.dialog.get_by_role("button", name="Create").click()
    await expect(screen.dialog).to_have_count(0)
