"""A newcomer connects the server that signs people in, asks it something, and takes the access away again."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.e2e.house import House
from tests.e2e.workspace import Workspace
from tests.support.evidence import never_in_a_log

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(300)]

PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def workspace(browser: Browser, house: House) -> Iterator[Workspace]:
    context = browser.new_context(viewport=PHONE)
    yield Workspace(context.new_page(), house.url, phone=True).open()
    context.close()


def sign_in(workspace: Workspace, pressed: Locator, answer: str = "Allow") -> Page:
    """Through Usher's page, to the service's, and back; the page that tells how it went."""
    with workspace.page.context.expect_page() as opened:
        pressed.click()
    page = opened.value
    page.wait_for_load_state()
    never_in_a_log(page.url.partition("ticket=")[2])
    workspace.prove(page)
    page.get_by_role("button", name=re.compile("Sign in at")).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Work").click()
    expect(page.get_by_role("list")).to_contain_text("Add events and cancel them")
    page.get_by_role("button", name=answer).click()
    return page


def test_a_newcomer_signs_in_to_calendar_asks_it_and_takes_the_access_away(workspace: Workspace, house: House) -> None:
    workspace.type("/mcp connect calendar")
    page = sign_in(workspace, workspace.dialog.get_by_text("Sign in", exact=True))
    expect(page.get_by_role("heading")).to_contain_text("Calendar is connected: 3 tools now available")
    page.close()
    expect(workspace.dialog).to_contain_text("✅ Calendar is connected")
    workspace.done_with_dialog()

    thread = workspace.ask("What is in my calendar tomorrow?")
    expect(thread).to_contain_text("Answered by the offline demo model")
    expect(thread).to_contain_text(re.compile("List events.*I found", re.DOTALL))

    apps = workspace.page.context.new_page()
    apps.goto(house.calendar_url)
    expect(apps.get_by_role("listitem")).to_contain_text("See your events; Add events and cancel them")
    apps.get_by_role("button", name="Remove the access of Usher").click()
    expect(apps.get_by_role("main")).to_contain_text("No app has been let in")
    apps.close()

    workspace.type("/mcp test calendar")
    expect(workspace.whisper).to_contain_text(re.compile("Calendar.*Needs sign-in"))
    workspace.whisper.get_by_role("button", name="Sign in again").click()
    page = sign_in(workspace, workspace.dialog.get_by_text("Sign in", exact=True))
    expect(page.get_by_role("heading")).to_contain_text("Calendar works again: 3 tools available")
    page.close()
    expect(workspace.dialog).to_contain_text("Calendar works again")
