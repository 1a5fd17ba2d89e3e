"""Writing, reading and finding one's way."""

import pytest
from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.server import LocalSlack
from tests.playground.page.screen import Screen
from tests.playground.page.scripted_app import ScriptedApp

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
OWN_DM = "D0OWNER"


async def test_a_question_in_the_dm_opens_the_thread_in_which_it_is_answered(app: ScriptedApp, screen: Screen) -> None:
    await screen.write("hello")
    await expect(screen.message("You said: hello", thread=True)).to_be_visible()
    await expect(screen.message("hello")).to_contain_text("1 reply")
    await screen.write("and again", thread=True)
    await expect(screen.message("You said: and again", thread=True)).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await expect(screen.pane(thread=True)).to_be_hidden()


async def test_enter_sends_and_shift_enter_makes_a_line(slack: LocalSlack, screen: Screen) -> None:
    await screen.composer().press_sequentially("one")
    await screen.composer().press("Shift+Enter")
    await screen.composer().press_sequentially("two")
    await screen.composer().press("Enter")
    await expect(screen.composer()).to_have_value("")
    # The composer is empty before the workspace has it.
    await expect(screen.message("one")).to_be_visible()
    assert slack.messages(OWN_DM)[-1]["text"] == "one\ntwo"


async def test_commands_complete_by_keyboard(app: ScriptedApp, screen: Screen) -> None:
    box = screen.composer()
    await box.press_sequentially("/")
    options = screen.page.get_by_role("option")
    await expect(options).to_have_count(2)
    await box.press("ArrowDown")
    await box.press("Tab")
    await expect(box).to_have_value("/tempchat ")
    await expect(screen.pane()).to_contain_text("/tempchat create [title]")
    await box.fill("/mcp")
    await box.press("Enter")
    await expect(screen.message("Only visible to you")).to_contain_text("Usher's commands")


async def test_what_is_seen_of_a_control_is_in_its_name(app: ScriptedApp, screen: Screen) -> None:
    """Who speaks to the machine says what they see."""
    await screen.write("/mcp")
    await screen.message("Only visible to you").wait_for()
    unlike = await screen.page.evaluate(
        """() => [...document.querySelectorAll('button[aria-label], a[aria-label], summary[aria-label]')]
          .map(node => [node.getAttribute('aria-label'), node.innerText.replace(/\\s+/g, ' ').trim()])
          .filter(([label, seen]) => seen.length > 1 && !label.toLowerCase().includes(seen.toLowerCase()))"""
    )
    # A letter or number in a square is a picture.
    assert [each for each in unlike if each[0] != "Acting as Owner. Switch person"] == []
    switcher = screen.page.locator(".switcher-name")
    await expect(switcher).to_have_text("Acting as Owner")


async def test_the_first_bullets_of_a_message_are_filled(slack: LocalSlack, screen: Screen) -> None:
    """The conversation is a list itself, of which a browser would take them for inner ones."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    await client.chat_postMessage(channel="D0OWNER", markdown_text="- one\n  - two\n- three")
    await screen.message("three").wait_for()
    styles = await screen.page.evaluate(
        "[...document.querySelectorAll('.prose ul')].map(list => getComputedStyle(list).listStyleType)"
    )
    assert styles == ["disc", "circle"]


async def test_names_complete_after_an_at_sign(slack: LocalSlack, screen: Screen) -> None:
    await screen.go("general")
    box = screen.composer()
    await box.press_sequentially("hi @us")
    await box.press("Enter")
    await expect(box).to_have_value("hi @Usher ")
    await box.press("Enter")
    await expect(screen.message("hi @Usher")).to_be_visible()
    assert slack.messages("C0GENERAL")[-1]["text"] == "hi <@U0USHER>"


async def test_an_ephemeral_answer_is_seen_by_nobody_else_and_can_be_dismissed(
    app: ScriptedApp, slack: LocalSlack, screen: Screen
) -> None:
    await screen.go("general")
    await screen.write("/mcp")
    answer = screen.message("Only visible to you")
    await expect(answer).to_be_visible()
    assert slack.messages("C0GENERAL", "U0MEMBER") == []
    await answer.hover()
    await answer.get_by_role("button", name="Dismiss this message").click()
    await expect(answer).to_have_count(0)


async def test_a_command_that_is_never_acknowledged_says_so(
    slack: LocalSlack, app: ScriptedApp, screen: Screen
) -> None:
    slack.workspace.sockets.ack_seconds = 0.2
    await screen.write("/tempchat list")
    await expect(screen.page.locator("body")).to_contain_text("/tempchat failed because the app did not respond")


async def test_a_command_in_a_thread_is_refused_and_stays_in_the_field(app: ScriptedApp, screen: Screen) -> None:
    await screen.write("hello")
    await screen.message("You said", thread=True).wait_for()
    await screen.write("/mcp list", thread=True)
    await expect(screen.composer(thread=True)).to_have_value("/mcp list")
    await expect(screen.page.locator(".remark")).to_contain_text("thread")


async def test_what_looks_like_html_stays_text(app: ScriptedApp, screen: Screen) -> None:
    await screen.write("script")
    message = screen.message("a link", thread=True)
    await expect(message).to_contain_text("<script>window.hit=1</script>")
    link = message.get_by_role("link")
    await expect(link).to_have_count(1)
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(link).to_have_attribute("target", "_blank")
    assert await screen.page.evaluate("window.hit") is None


async def test_what_came_elsewhere_is_marked_until_it_was_looked_at(slack: LocalSlack, screen: Screen) -> None:
    await slack.person_says("U0MEMBER", "C0RANDOM", "look at this")
    line = screen.page.get_by_role("link", name="random, 1 unread message")
    await expect(line).to_be_visible()
    await expect(screen.page).to_have_title("(1) Usher · Local workspace")
    await line.click()
    await expect(screen.page.get_by_role("separator", name="New")).to_be_visible()
    await expect(screen.page.get_by_role("link", name="random", exact=True)).to_be_visible()
    await expect(screen.page).to_have_title("random · Local workspace")


async def test_a_reply_in_a_closed_thread_is_marked_at_its_root(slack: LocalSlack, screen: Screen) -> None:
    await screen.go("general")
    await screen.write("who knows?")
    await expect(screen.message("who knows?")).to_be_visible()
    root = slack.messages("C0GENERAL")[-1]["ts"]
    await slack.person_says("U0MEMBER", "C0GENERAL", "I do", thread_ts=root)
    line = screen.page.get_by_role("button", name="1 reply, 1 new")
    await line.click()
    await expect(screen.message("I do", thread=True)).to_be_visible()
    await expect(line).to_have_count(0)


async def test_a_second_question_brings_its_own_thread(app: ScriptedApp, screen: Screen) -> None:
    await screen.write("first")
    await expect(screen.message("You said: first", thread=True)).to_be_visible()
    await screen.write("second")
    await expect(screen.message("You said: second", thread=True)).to_be_visible()
    await expect(screen.message("You said: first", thread=True)).to_have_count(0)


async def test_another_person_sees_their_own_conversation(app: ScriptedApp, screen: Screen) -> None:
    await screen.write("a secret of the owner")
    await screen.page.get_by_role("button", name="Acting as Owner").click()
    await screen.page.get_by_role("menuitem", name="Member").click()
    await expect(screen.page.get_by_role("button", name="Acting as Member")).to_be_visible()
    await expect(screen.pane()).not_to_contain_text("a secret of the owner")
    await screen.page.reload()
    await expect(screen.page.get_by_role("button", name="Acting as Member")).to_be_visible()


async def test_an_address_of_nobody_or_nowhere_leads_to_the_first_person(screen: Screen) -> None:
    await screen.page.goto("about:blank")
    await screen.open("#/U0NOBODY/C0NOWHERE")
    await expect(screen.page.get_by_role("button", name="Acting as Owner")).to_be_visible()
    await expect(screen.page.get_by_role("heading", level=1)).to_have_text("Usher")


async def test_the_reader_stays_where_they_are_and_follows_at_the_end(slack: LocalSlack, screen: Screen) -> None:
    for number in range(40):
        await slack.person_says("U0MEMBER", "C0GENERAL", f"line {number}")
    await screen.go("general")
    await expect(screen.message("line 39")).to_be_in_viewport()
    await slack.person_says("U0MEMBER", "C0GENERAL", "followed")
    await expect(screen.message("followed")).to_be_in_viewport()
    log = screen.page.get_by_role("region", name="Messages in #general")
    await log.evaluate("node => node.scrollTo(0, 100)")
    await expect(screen.page.get_by_role("button", name="Newest messages")).to_be_visible()
    await slack.person_says("U0MEMBER", "C0GENERAL", "not followed")
    await screen.message("not followed").wait_for(state="attached")
    assert await log.evaluate("node => node.scrollTop") == 100
    await screen.page.get_by_role("button", name="Newest messages").click()
    await expect(screen.message("not followed")).to_be_in_viewport()


async def test_an_app_that_is_away_is_told_and_its_return_too(
    app: ScriptedApp, slack: LocalSlack, screen: Screen
) -> None:
    banner = screen.page.get_by_text("Usher is offline")
    await expect(banner).to_have_count(0)
    await app.stop()
    await expect(banner).to_be_visible()
    again = ScriptedApp(slack)
    await again.start()
    await expect(banner).to_have_count(0)
    await again.stop()


async def test_a_status_is_shown_while_the_app_works(app: ScriptedApp, screen: Screen) -> None:
    await screen.write("think about it")
    await expect(screen.pane(thread=True)).to_contain_text("Usher is thinking")


async def test_a_suggested_prompt_asks_for_the_person(app: ScriptedApp, slack: LocalSlack, screen: Screen) -> None:
    await screen.page.get_by_role("button", name="Add a note").click()
    await expect(screen.pane(thread=True).get_by_role("button", name="Approve")).to_be_visible()


async def test_a_link_to_a_message_leads_to_it_in_the_open_page(slack: LocalSlack, screen: Screen) -> None:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    await screen.write("hello")
    await expect(screen.message("hello")).to_be_visible()
    await screen.page.keyboard.press("Escape")
    root = slack.messages(OWN_DM)[0]["ts"]
    first = await client.chat_postMessage(channel=OWN_DM, text="The first reply", thread_ts=root)
    for number in range(30):
        await client.chat_postMessage(channel=OWN_DM, text=f"Another\n\n{number}", thread_ts=root)
    found = await client.chat_getPermalink(channel=OWN_DM, message_ts=first["ts"])
    await client.chat_postMessage(channel=OWN_DM, text=f"See <{found['permalink']}|the first>.")
    await screen.message("See the first").get_by_role("link").click()
    await expect(screen.message("The first reply", thread=True)).to_be_in_viewport()
    assert len(screen.page.context.pages) == 1
