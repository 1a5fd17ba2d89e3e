"""A link's creator and a guest, each in their own browser: what one does, the other sees, from hello to revoked."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.guest import Guest, guest
from tests.e2e.house import House
from tests.e2e.test_walk import enter, fill_in_custom
from tests.e2e.workspace import HANDED, Workspace
from tests.support.evidence import never_in_a_log

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def workspace(browser: Browser, house: House) -> Iterator[Workspace]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Workspace(context.new_page(), house.url).open()
    context.close()


def test_a_host_follows_a_guest_steps_in_and_minds_the_link(
    workspace: Workspace, house: House, browser: Browser
) -> None:
    a_server_that_only_says_it_reads_is_connected(workspace, house)
    link = a_link_with_a_tool_that_asks(workspace)
    with guest(browser, link) as visitor:
        visitor.start("Robin")
        thread = what_is_said_stands_in_the_hosts_thread(workspace, visitor)
        a_call_that_the_host_denies_is_not_made(thread, visitor)
        a_call_that_the_host_approves_is_made(thread, visitor)
        the_host_answers_in_person_and_the_assistant_is_silent(thread, visitor)
        handed_back_the_assistant_answers_and_a_whisper_stays_between_the_two(thread, visitor)
        more_time_is_seen_by_the_guest(workspace, visitor)
        new = a_new_address_leaves_the_guest_where_they_are(workspace, visitor, browser, link)
        revoked_it_is_over_and_the_guest_keeps_a_copy(workspace, visitor)
        deleted_by_the_guest_nothing_of_it_is_left_in_the_hosts_thread(workspace, visitor)
    with guest(browser, new) as late:
        late.is_at_the_dead_page()


def a_server_that_only_says_it_reads_is_connected(workspace: Workspace, house: House) -> None:
    """By its address, so that no card of ours vouches for it: its tools may be chosen, and ask each time."""
    workspace.type("/mcp connect custom")
    fill_in_custom(workspace, house.notes_url)
    with workspace.page.context.expect_page() as opened:
        workspace.dialog.get_by_text("Enter the token", exact=True).click()
    workspace.prove(opened.value)
    enter(opened.value, house.notes_token)
    expect(workspace.dialog).to_contain_text("✅ Notebook is connected")
    opened.value.close()
    workspace.done_with_dialog()


def a_link_with_a_tool_that_asks(workspace: Workspace) -> str:
    def fill(form: Locator) -> None:
        form.get_by_label(re.compile("What it is for")).fill("Questions about our opening hours")
        form.get_by_label("How many guests").select_option("2 guests")
        form.get_by_role("group").filter(has_text="Choose").last.locator("summary").click()
        form.get_by_role("checkbox", name=re.compile("List notes")).check()

    return workspace.make_link("Opening hours", fill, "List notes")


def what_is_said_stands_in_the_hosts_thread(workspace: Workspace, visitor: Guest) -> Locator:
    visitor.says("hello, what are you?")
    expect(visitor.talk).to_contain_text("offline demo model")
    expect(workspace.page.get_by_text("Robin opened your link")).to_be_visible()
    thread = workspace.thread_of("Robin opened your link")
    expect(thread).to_contain_text("hello, what are you?")
    expect(thread).to_contain_text("offline demo model")
    return thread


def a_call_that_the_host_denies_is_not_made(thread: Locator, visitor: Guest) -> None:
    visitor.says("list my notes")
    expect(visitor.page.get_by_text("Waiting for the host to approve").first).to_be_visible()
    thread.get_by_role("button", name=re.compile("^Deny")).click()
    expect(thread).to_contain_text("Skipped by")
    expect(visitor.page.get_by_text("Waiting for the host to approve")).to_have_count(0)
    expect(visitor.talk.get_by_role("article").last).to_contain_text("The host declined")


def a_call_that_the_host_approves_is_made(thread: Locator, visitor: Guest) -> None:
    visitor.says("list my notes, please")
    thread.get_by_role("button", name=re.compile("^Approve")).click()
    expect(thread).to_contain_text("Approved by")
    expect(visitor.talk.get_by_role("article").last).to_contain_text("You have no notes yet")


def the_host_answers_in_person_and_the_assistant_is_silent(thread: Locator, visitor: Guest) -> None:
    reply(thread, "Hello Robin, yes, until two.")
    expect(visitor.talk.get_by_role("article").last).to_contain_text("Hello Robin, yes, until two.")
    expect(visitor.page.locator("#who")).to_have_text(re.compile("answers you"))
    visitor.says("thank you, until Saturday then")
    expect(thread).to_contain_text("thank you, until Saturday then")
    reply(thread, "See you then.")
    expect(visitor.talk.get_by_role("article").last).to_contain_text("See you then.")
    expect(visitor.talk.get_by_role("article").nth(-2)).to_contain_text("thank you, until Saturday then")


def handed_back_the_assistant_answers_and_a_whisper_stays_between_the_two(thread: Locator, visitor: Guest) -> None:
    thread.get_by_role("button", name="Hand back to the assistant").click()
    expect(visitor.page.locator("#who")).to_contain_text("AI assistant")
    reply(thread, "whisper: our wholesale price is a secret")
    visitor.says("hello, what are you?")
    expect(visitor.talk.get_by_role("article").last).to_contain_text("offline demo model")
    expect(visitor.talk).not_to_contain_text("wholesale")


def more_time_is_seen_by_the_guest(workspace: Workspace, visitor: Guest) -> None:
    expect(visitor.page.locator("#closes")).to_contain_text("24 h")
    choose(workspace, "Give it more time")
    workspace.dialog.get_by_label("How much longer").select_option("3 days")
    workspace.dialog.get_by_role("button", name="Give time").click()
    expect(visitor.page.locator("#closes")).to_contain_text("4 d")
    workspace.done_with_dialog()


def a_new_address_leaves_the_guest_where_they_are(
    workspace: Workspace, visitor: Guest, browser: Browser, old: str
) -> str:
    choose(workspace, "New address")
    workspace.dialog.get_by_role("button", name="Make it").click()
    expect(workspace.dialog).to_contain_text(HANDED)
    found = HANDED.search(workspace.dialog.inner_text())
    assert found
    never_in_a_log(found[1])
    new = found[0]
    workspace.done_with_dialog()
    assert new != old
    with guest(browser, old) as late:
        late.is_at_the_dead_page()
    visitor.says("are you still there?")
    expect(visitor.talk).to_contain_text("are you still there?")
    return new


def revoked_it_is_over_and_the_guest_keeps_a_copy(workspace: Workspace, visitor: Guest) -> None:
    workspace.type("/tempchat revoke Opening hours")
    workspace.whisper.get_by_role("button", name="Revoke Opening hours").click()
    workspace.confirm("Revoke")
    expect(visitor.composer).to_have_count(0)
    with visitor.page.expect_download() as saved:
        visitor.page.get_by_role("link", name=re.compile("Save")).first.click()
    kept = saved.value.path().read_text()
    assert "Hello Robin, yes, until two." in kept and "wholesale" not in kept


def deleted_by_the_guest_nothing_of_it_is_left_in_the_hosts_thread(workspace: Workspace, visitor: Guest) -> None:
    visitor.page.get_by_role("button", name="Delete the conversation").click()
    visitor.page.get_by_role("dialog").get_by_role("button", name="Delete it").click()
    expect(visitor.page.locator("body")).to_contain_text("You deleted this conversation.")
    expect(workspace.page.get_by_text("A guest has deleted their chat")).to_be_visible()
    workspace.page.get_by_role("link", name="message 1").click()
    thread = workspace.page.get_by_role("complementary")
    expect(thread).to_contain_text("Hello Robin, yes, until two.")
    expect(thread).not_to_contain_text("until Saturday")
    expect(workspace.page.get_by_role("main")).not_to_contain_text("until Saturday")


def reply(thread: Locator, words: str) -> None:
    box = thread.get_by_role("textbox")
    box.fill(words)
    box.press("Enter")
    expect(thread).to_contain_text(words)


def choose(workspace: Workspace, act: str) -> None:
    """From the menu beside the link in the list."""
    workspace.type("/tempchat list")
    expect(workspace.whisper).to_contain_text("Opening hours")
    workspace.whisper.get_by_role("button", name="More actions").first.click()
    workspace.page.get_by_role("menuitem", name=act).click()
