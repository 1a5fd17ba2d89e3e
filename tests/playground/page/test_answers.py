"""Streams, buttons and the home: what an app shows, and what comes back from it."""

import re
import time

import pytest
from playwright.async_api import expect

from playground.slack.server import LocalSlack
from tests.playground.page.screen import Screen
from tests.playground.page.scripted_app import ScriptedApp
from tests.support.slack import DM, OWNER

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_streamed_answer_grows_and_an_opened_output_stays_open(app: ScriptedApp, screen: Screen) -> None:
    await screen.write("stream")
    answer = screen.message("Get the current time", thread=True)
    await expect(answer.get_by_role("img", name="Working")).to_be_visible()
    await answer.get_by_text("Output").click()
    await expect(answer.get_by_text("asking")).to_be_visible()
    app.go_on.set()
    await expect(answer).to_contain_text("It is 09:00 in Tokyo")
    await expect(answer.get_by_role("img", name="Done")).to_be_visible()
    await expect(answer.get_by_role("img", name="Failed")).to_be_visible()
    await expect(answer.get_by_text("asking")).to_be_visible()
    await expect(answer.locator("pre")).to_have_text("print(1)")


async def test_a_vote_under_an_answer_reaches_the_app(app: ScriptedApp, screen: Screen) -> None:
    app.go_on.set()
    await screen.write("stream")
    good = screen.message("Get the current time", thread=True).get_by_role("button", name="Good answer")
    await good.click()
    await expect(good).to_have_attribute("aria-pressed", "true")
    pressed = await app.pressed.get()
    assert pressed["actions"][0]["value"] == "up"


async def test_a_running_stream_can_be_stopped(app: ScriptedApp, screen: Screen) -> None:
    await screen.write("stream")
    answer = screen.message("Let me look", thread=True)
    await answer.get_by_role("button", name="Stop").click()
    await expect(answer).to_contain_text("Stopped")
    await expect(answer.get_by_role("button", name="Stop")).to_have_count(0)


async def test_pressing_approve_replaces_the_question_by_its_outcome(app: ScriptedApp, screen: Screen) -> None:
    await screen.write("approve")
    question = screen.message("may it add a note?", thread=True)
    await question.get_by_role("button", name="Approve").click()
    await expect(question).to_contain_text("Approved by @Owner")
    await expect(question.get_by_role("button", name="Approve")).to_have_count(0)
    pressed = await app.pressed.get()
    assert pressed["actions"][0]["value"] == "approve"


async def test_a_dangerous_button_asks_first(app: ScriptedApp, screen: Screen) -> None:
    await screen.go("general")
    await screen.write("/mcp blocks")
    question = screen.page.get_by_role("alertdialog")
    await screen.pane().get_by_role("button", name="Delete").click()
    await expect(question).to_contain_text("Water the plants is gone for good.")
    await question.get_by_role("button", name="Keep it").click()
    await expect(question).to_have_count(0)
    assert app.pressed.empty()
    await screen.pane().get_by_role("button", name="Delete").click()
    await question.get_by_role("button", name="Delete it").click()
    pressed = await app.pressed.get()
    assert pressed["actions"][0]["action_id"] == "delete"


async def test_a_select_and_a_menu_tell_what_was_chosen(app: ScriptedApp, screen: Screen) -> None:
    await screen.go("general")
    await screen.write("/mcp blocks")
    await screen.pane().get_by_label("Pick one").select_option(label="Two")
    picked = await app.pressed.get()
    await screen.pane().get_by_role("button", name="More actions").first.click()
    await screen.page.keyboard.press("ArrowDown")
    await screen.page.keyboard.press("Enter")
    chosen = await app.pressed.get()
    assert picked["actions"][0]["selected_option"]["value"] == "two"
    assert chosen["actions"][0]["selected_option"]["value"] == "disconnect"


async def test_marks_and_markdown_become_structure(app: ScriptedApp, screen: Screen) -> None:
    await screen.go("general")
    await screen.write("/mcp blocks")
    message = screen.message("Connections")
    await expect(message.get_by_role("heading", name="Connections")).to_be_visible()
    await expect(message.locator("strong", has_text="bold")).to_be_visible()
    await expect(message.locator("blockquote")).to_have_text("quoted")
    await expect(message.get_by_role("cell", name="Tokyo")).to_be_visible()
    await expect(message.locator("ol > li ul > li")).to_have_text("inner")
    await expect(message.get_by_role("img", name="Done")).to_be_visible()


async def test_the_home_is_published_when_it_is_looked_at_and_its_buttons_act(app: ScriptedApp, screen: Screen) -> None:
    await screen.page.get_by_role("link", name="Home").click()
    home = screen.page.get_by_role("region", name="Home")
    await expect(home.get_by_role("heading", name="Your connections")).to_be_visible()
    await home.get_by_role("button", name="Test").click()
    pressed = await app.pressed.get()
    assert pressed["container"]["type"] == "view"


async def test_a_global_shortcut_opens_its_form(app: ScriptedApp, screen: Screen) -> None:
    await screen.page.get_by_role("button", name="Shortcuts").click()
    await screen.page.get_by_role("menuitem", name="Connect a tool").click()
    await expect(screen.dialog).to_contain_text("Create a chat link")


async def test_dates_are_told_in_the_readers_own_words_and_zone(app: ScriptedApp, screen: Screen) -> None:
    past = "<!date^1392734382^{date_num} at {time}|in 2014>"
    now = f"<!date^{int(time.time())}^{{date_short_pretty}}|now>"
    await app.client.chat_postMessage(channel="D0OWNER", text=f"Dated {past}, {now}; <!date^1^{{moon}}|unknown>")
    zone = await screen.page.evaluate("new Date(1392734382000).toTimeString().slice(3, 5)")
    message = screen.message("Dated")
    await expect(message).to_contain_text(re.compile(rf"Dated 2014-02-1\d at \d+:{zone}\s[AP]M, today; unknown"))


async def test_plain_text_keeps_its_lines_and_its_marks(app: ScriptedApp, screen: Screen) -> None:
    block = {"type": "section", "text": {"type": "plain_text", "text": "Guest: *hello*\nUsher: <b>hi</b>"}}
    await app.client.chat_postMessage(channel="D0OWNER", text="Transcript", blocks=[block])
    said = screen.message("Guest: *hello*")
    assert "Guest: *hello*\nUsher: <b>hi</b>" in await said.inner_text()


async def test_a_thread_that_was_closed_stays_closed_whatever_is_said_in_it(
    slack: LocalSlack, app: ScriptedApp, screen: Screen
) -> None:
    await screen.write("hello")
    await screen.message("You said", thread=True).wait_for()
    await screen.page.get_by_role("button", name="Close the thread").click()
    [root] = [each for each in slack.messages(DM) if each["user"] == OWNER]
    await slack.person_says(OWNER, DM, "and again", root["ts"])
    await expect(screen.message("hello").get_by_role("button", name=re.compile("3 replies"))).to_be_visible()
    await expect(screen.pane(thread=True)).to_be_hidden()
