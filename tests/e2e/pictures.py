"""The documents' pictures, made anew from the playground as it is: ``make pictures``, then look at each."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from tests.e2e.guest import Guest, guest
from tests.e2e.house import ROOT, House
from tests.e2e.test_calendar import sign_in
from tests.e2e.test_hosting import reply
from tests.e2e.workspace import Workspace
from tests.support.browser import options

PICTURES = ROOT / "docs" / "pictures"
SIZE: ViewportSize = {"width": 1280, "height": 800}
HIGHER: ViewportSize = {"width": 1280, "height": 920}
"""A whole answer, its plan, and a question below it."""


def main() -> int:
    """In a playground of its own, which is thrown away."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        house = House(Path(folder) / "try", "pictures")
        house.start()
        browser = driver.chromium.launch(**options())
        try:
            context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
            workspace = Workspace(context.new_page(), house.url).open()
            a_question_and_an_approval(workspace)
            what_may_be_connected(workspace)
            a_server_that_asks_back(workspace)
            a_guest_and_their_host(workspace, browser)
            an_administrators_home(workspace)
        finally:
            browser.close()
            house.stop()
    return 0


def a_question_and_an_approval(workspace: Workspace) -> None:
    workspace.connect("Time")
    workspace.connect("Notes")
    already_running(workspace, "Time")
    thread = workspace.ask("What time is it in Tokyo and in Lisbon?")
    expect(thread).to_contain_text("Answered by the offline demo model")
    reply(thread, "add a note: call the Tokyo office at 9:00")
    expect(thread.get_by_role("button", name=re.compile("^Approve"))).to_be_visible()
    workspace.page.set_viewport_size(HIGHER)
    workspace.page.mouse.move(0, 0)  # over nothing
    taken(workspace.page, "workspace")
    workspace.page.set_viewport_size(SIZE)


def already_running(workspace: Workspace, card: str) -> None:
    """As it is when somebody asks twice: a program's start is no part of what its calls take."""
    workspace.type(f"/mcp test {card}")
    expect(workspace.page.get_by_text(f"{card} works.").last).to_be_visible()
    dismissed(workspace)


def dismissed(workspace: Workspace) -> None:
    """All that only this person sees."""
    for _ in range(workspace.whispers.count()):
        workspace.whisper.get_by_role("button", name="Dismiss this message").click()
    expect(workspace.whispers).to_have_count(0)


def what_may_be_connected(workspace: Workspace) -> None:
    workspace.type("/mcp connect")
    expect(workspace.dialog.get_by_role("button", name="Connect Calendar")).to_be_visible()
    taken(workspace.page, "picker")
    workspace.done_with_dialog()
    workspace.type("/mcp tools Notes")
    expect(workspace.dialog).to_contain_text("Delete a note")
    taken(workspace.page, "tools")
    workspace.done_with_dialog()


def a_server_that_asks_back(workspace: Workspace) -> None:
    workspace.type("/mcp connect calendar")
    page = sign_in(workspace, workspace.dialog.get_by_text("Sign in", exact=True))
    expect(page.get_by_role("heading")).to_contain_text("Calendar is connected")
    page.close()
    expect(workspace.dialog).to_contain_text("Calendar is connected")
    workspace.done_with_dialog()
    for what in ("tea", "cake"):  # the second at a time that is taken by then, whatever day it is
        thread = workspace.ask(f"add an event: {what} today at 17:00")
        thread.get_by_role("button", name=re.compile("^Approve")).click()
    thread.get_by_role("button", name=re.compile("^Answer")).click()
    workspace.dialog.get_by_role("textbox").fill("17:30")
    taken(workspace.page, "asks")
    workspace.done_with_dialog()


def a_guest_and_their_host(workspace: Workspace, browser: Browser) -> None:
    def fill(form: Locator) -> None:
        form.get_by_label(re.compile("What it is for")).fill("Questions about our opening hours")
        taken(workspace.page, "link-form")

    link = workspace.make_link("Opening hours", fill)
    with guest(browser, link, device_scale_factor=2) as visitor:
        visitor.start("Robin")
        heard(visitor, "Are you open on Saturday?", visitor.talk)
        thread = workspace.thread_of("Robin opened your link")
        expect(thread).to_contain_text("offline demo model")
        reply(thread, "Hello Robin, yes, from nine until two.")
        expect(visitor.talk).to_contain_text("from nine until two")
        heard(visitor, "Lovely, see you then!", thread)
        reply(thread, "I will put your order aside.")
        expect(visitor.talk).to_contain_text("aside")
        taken(visitor.page, "chat-phone")
        dismissed(workspace)  # the link's address is nobody's business
        taken(workspace.page, "host-thread")


def an_administrators_home(workspace: Workspace) -> None:
    """After what was done before: there is something to count."""
    workspace.close_thread()
    workspace.page.set_viewport_size(HIGHER)
    workspace.page.get_by_role("link", name="Home", exact=True).click()
    for name, tab in (("admin-overview", "Overview"), ("admin-agents", "Agents"), ("admin-audit", "Audit")):
        workspace.page.get_by_role("button", name=re.compile(f"^{tab}")).first.click()
        expect(workspace.page.get_by_role("button", name=re.compile(f"^{tab}: shown now"))).to_be_visible()
        taken(workspace.page, name)
    workspace.page.get_by_role("link", name="Messages", exact=True).click()
    workspace.page.set_viewport_size(SIZE)


def heard(visitor: Guest, words: str, where: Locator) -> None:
    """By the assistant, or by the host in the thread."""
    visitor.says(words)
    expect(where).to_contain_text(words)
    expect(visitor.page.locator("#status")).to_be_hidden()


def taken(page: Page, name: str, smaller: Callable[..., object] = subprocess.run) -> None:
    """With as many colours as a picture of a page needs, where there is a program that sees to that."""
    page.evaluate("document.fonts.ready")
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    if quantizer := shutil.which("pngquant"):
        smaller([quantizer, "--force", "--skip-if-larger", "--strip", "--output", path, "256", path], check=True)


if __name__ == "__main__":
    sys.exit(main())
