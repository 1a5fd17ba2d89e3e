"""What a newcomer does, from the first command to the second start, in a real browser and against real processes."""

import re
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.e2e.guest import guest
from tests.e2e.house import House
from tests.e2e.workspace import Workspace
from tests.support.evidence import never_in_a_log

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(300)]

DESKTOP: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture
def house(empty_house: House) -> House:
    """From nothing, as a newcomer has it."""
    empty_house.start()
    return empty_house


@pytest.fixture
def workspace(browser: Browser, house: House) -> Iterator[Workspace]:
    """On a desktop; Calendar's walk is on a phone."""
    context = browser.new_context(viewport=DESKTOP)
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Workspace(page, house.url, phone=False).open()
    context.close()
    assert complaints == []


def test_a_newcomer_walks_through_the_whole_house(workspace: Workspace, house: House, browser: Browser) -> None:
    help_is_shown(workspace)
    time_is_connected_with_one_click(workspace)
    each_trouble_has_its_own_sentence(workspace, house)
    a_server_is_connected_with_a_token(workspace, house)
    a_connection_is_ended(workspace, "Notebook")
    notes_is_connected_with_one_click(workspace)
    connections_are_listed_looked_at_and_tested(workspace)
    the_time_in_tokyo_is_told(workspace)
    a_note_waits_for_approval(workspace)
    a_denial_is_respected(workspace)
    nobody_else_may_press(workspace)
    link = a_link_is_handed_out(workspace)
    a_guest_chats_and_is_the_only_one(workspace, browser, link)
    a_link_is_revoked_under_a_guest(workspace, browser)
    home_shows_all(workspace)
    a_connection_is_ended(workspace, "Time")
    assert workspace.fits()
    all_is_still_there_after_a_restart(workspace, house)


def help_is_shown(workspace: Workspace) -> None:
    workspace.type("/mcp")
    expect(workspace.whisper).to_contain_text("/mcp connect [card]")
    workspace.type("/mcp conect")
    expect(workspace.whisper).to_contain_text("/mcp connect")


def time_is_connected_with_one_click(workspace: Workspace) -> None:
    workspace.type("/mcp connect")
    workspace.dialog.get_by_role("button", name="Connect Time").click()
    expect(workspace.dialog).to_contain_text("✅ Time is connected: 2 tools now available")
    workspace.done_with_dialog()


def notes_is_connected_with_one_click(workspace: Workspace) -> None:
    workspace.connect("Notes")


def each_trouble_has_its_own_sentence(workspace: Workspace, house: House) -> None:
    told = set()
    for url in (house.usher_url + "/healthz", "https://192.168.77.7/mcp", "https://nobody.invalid/mcp", "not a url"):
        workspace.type("/mcp connect custom")
        fill_in_custom(workspace, url)
        trouble = workspace.dialog.get_by_role("alert").first
        expect(trouble).to_be_visible()
        told.add(trouble.inner_text())
        expect(workspace.dialog.get_by_label("Server URL")).to_have_value(url)
        workspace.done_with_dialog()
    assert len(told) >= 3
    workspace.type("/mcp list")
    expect(workspace.whisper).not_to_contain_text("Notebook")


def fill_in_custom(workspace: Workspace, url: str) -> None:
    workspace.dialog.get_by_label("Name").fill("Notebook")
    workspace.dialog.get_by_label("Server URL").fill(url)
    workspace.dialog.get_by_role("button", name="Connect", exact=True).click()


def a_server_is_connected_with_a_token(workspace: Workspace, house: House) -> None:
    workspace.type("/mcp connect custom")
    fill_in_custom(workspace, house.notes_url)
    with workspace.page.context.expect_page() as opened:
        workspace.dialog.get_by_text("Enter the token", exact=True).click()
    page = opened.value
    never_in_a_log(page.url.rsplit("/", 1)[1])
    workspace.prove(page)
    field = page.get_by_label("Token or key")
    expect(field).to_have_attribute("type", "password")
    enter(page, "wrong-token-of-the-test")
    expect(page.get_by_role("alert")).to_contain_text("refused this token")
    expect(workspace.dialog).to_contain_text("refused this token")
    enter(page, house.notes_token)
    expect(page.get_by_role("heading")).to_contain_text("Notebook is connected: 4 tools now available")
    expect(workspace.dialog).to_contain_text("✅ Notebook is connected: 4 tools now available")
    expect(workspace.dialog).to_contain_text("2 of them say that they only read")
    page.reload()
    expect(page.get_by_role("heading")).to_contain_text("Notebook is connected: 4 tools now available")
    expect(page.get_by_label("Token or key")).to_have_count(0)
    page.close()
    workspace.done_with_dialog()


def enter(page: Page, token: str) -> None:
    never_in_a_log(token)
    page.get_by_label("Token or key").fill(token)
    page.get_by_role("button", name="Connect").click()


def connections_are_listed_looked_at_and_tested(workspace: Workspace) -> None:
    workspace.type("/mcp list")
    expect(workspace.whisper).to_contain_text("Time")
    expect(workspace.whisper).to_contain_text("Notes")
    workspace.type("/mcp test Notes")
    expect(workspace.page.get_by_text("Notes works.").last).to_be_visible()
    workspace.type("/mcp tools Notes")
    expect(workspace.dialog).to_contain_text("Delete a note")
    workspace.done_with_dialog()


def the_time_in_tokyo_is_told(workspace: Workspace) -> None:
    thread = workspace.ask("what time is it in Tokyo?")
    expect(thread).to_contain_text("Time: Get current time")
    expect(thread).to_contain_text("In Tokyo it is")


def a_note_waits_for_approval(workspace: Workspace) -> None:
    thread = workspace.ask("add a note: water the plants")
    thread.get_by_role("button", name="Approve Notes: Add a note").click()
    expect(thread).to_contain_text("Approved by")
    expect(thread).to_contain_text("Added the note")
    expect(thread.get_by_role("button", name=re.compile("Approve"))).to_have_count(0)


def a_denial_is_respected(workspace: Workspace) -> None:
    thread = workspace.ask("add a note: sell the house")
    thread.get_by_role("button", name="Deny Notes: Add a note").click()
    expect(thread).to_contain_text("Skipped by")
    answer = thread.get_by_role("article", name="Usher").last
    expect(answer).to_contain_text("Skipped: Add a note")


def nobody_else_may_press(workspace: Workspace) -> None:
    workspace.go_to("general")
    workspace.type("@Usher add a note: feed the cat", "general")
    thread = workspace.thread_of("feed the cat")
    expect(thread.get_by_role("button", name="Approve Notes: Add a note")).to_be_visible()
    workspace.close_thread()
    workspace.act_as("Member")
    workspace.go_to("general")
    thread = workspace.thread_of("feed the cat")
    thread.get_by_role("button", name="Approve Notes: Add a note").click()
    expect(workspace.page.get_by_text(re.compile("Only the member"))).to_be_visible()
    workspace.close_thread()
    workspace.act_as("Owner")
    workspace.go_to("general")
    thread = workspace.thread_of("feed the cat")
    thread.get_by_role("button", name="Approve Notes: Add a note").click()
    expect(thread).to_contain_text("I have asked in private")
    expect(thread).not_to_contain_text("Added the note")
    workspace.close_thread()
    workspace.go_to("Usher")
    workspace.page.get_by_role("button", name=re.compile("^Answer there")).click()
    workspace.go_to("general")
    expect(workspace.thread_of("feed the cat")).to_contain_text("Added the note")
    workspace.close_thread()
    workspace.go_to("Usher")


def a_link_is_handed_out(workspace: Workspace) -> str:
    def fill(form: Locator) -> None:
        expect(form.get_by_label("Title")).to_have_value("Website support")
        form.get_by_label(re.compile("What it is for")).fill("Questions about opening hours")

    return workspace.make_link("Website support", fill)


def a_guest_chats_and_is_the_only_one(workspace: Workspace, browser: Browser, link: str) -> None:
    with guest(browser, link) as first:
        first.start("Visitor")
        first.says("hello, what are you?")
        expect(first.talk).to_contain_text("offline demo model")
        first.page.reload()
        expect(first.talk).to_contain_text("hello, what are you?")
        expect(first.talk).to_contain_text("offline demo model")
        with guest(browser, link) as second:
            second.is_at_the_dead_page()
            dead = second.page.content()
        with guest(browser, link[:-1] + ("A" if link[-1] != "A" else "B")) as unknown:
            unknown.is_at_the_dead_page()
            assert unknown.page.content() == dead
        expect(workspace.page.get_by_text("Visitor opened your link")).to_be_visible()
        first.page.get_by_role("group").first.click()
        first.page.get_by_text(re.compile("End the chat", re.I)).first.click()
        first.page.get_by_role("dialog").get_by_role("button", name=re.compile("End")).click()
        expect(first.composer).to_have_count(0)
    thread = workspace.thread_of("Visitor opened your link")
    expect(thread).to_contain_text("hello, what are you?")
    expect(thread).to_contain_text("has ended")


def a_link_is_revoked_under_a_guest(workspace: Workspace, browser: Browser) -> None:
    link = workspace.make_link("Second chance")
    with guest(browser, link) as visitor:
        visitor.start("Visitor two")
        workspace.type("/tempchat revoke")
        expect(workspace.whisper).to_contain_text("1 of 1 guest")
        workspace.whisper.get_by_role("button", name="Revoke Second chance").click()
        workspace.confirm("Revoke")
        expect(visitor.composer).to_have_count(0)
        with guest(browser, link) as late:
            late.is_at_the_dead_page()


def home_shows_all(workspace: Workspace) -> None:
    workspace.close_thread()
    workspace.page.get_by_role("link", name="Home").click()
    home = workspace.page.get_by_role("region", name="Home")
    for name in ("Connect a tool", "Create a link"):
        expect(home.get_by_role("button", name=name)).to_be_visible()
    expect(home.get_by_role("button", name="More actions")).to_have_count(3)
    workspace.page.get_by_role("link", name="Messages", exact=True).click()


def a_connection_is_ended(workspace: Workspace, title: str) -> None:
    workspace.type(f"/mcp disconnect {title}")
    expect(workspace.whisper).to_contain_text(f"Disconnect {title}?")
    workspace.whisper.get_by_role("button", name=f"Disconnect {title}").click()
    expect(workspace.whisper).to_contain_text(f"{title} is disconnected")
    workspace.type("/mcp list")
    expect(workspace.whisper).to_contain_text(f"{title} is disconnected. Until")


def all_is_still_there_after_a_restart(workspace: Workspace, house: House) -> None:
    assert house.stop() < 20
    house.start()
    workspace.open()
    log = workspace.page.get_by_role("log").first
    expect(log).to_contain_text("what time is it in Tokyo?")
    workspace.type("/mcp list")
    expect(workspace.whisper).to_contain_text("Notes")
    thread = workspace.ask("list my notes")
    expect(thread).to_contain_text("water the plants")
    expect(thread.get_by_role("button", name=re.compile("Approve"))).to_have_count(0)
    expect(thread).not_to_contain_text("sell the house")
    assert urllib.request.urlopen(house.usher_url + "/readyz").status == 200  # noqa: S310
