"""A creator lets guests send files; a guest sends a picture from their telephone; the creator sees it in the thread."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.guest import guest
from tests.e2e.house import House
from tests.e2e.workspace import Workspace
from tests.support import guest_files

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_picture_goes_from_a_guests_telephone_to_the_hosts_thread(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    workspace = Workspace(context.new_page(), house.url).open()
    link = a_link_that_takes_pictures(workspace)
    picture = tmp_path / "IMG_0001.jpg"
    picture.write_bytes(guest_files.photograph((1_200, 900)))
    with guest(browser, link) as visitor:
        expect(visitor.page.get_by_text("You may send files")).to_be_visible()
        visitor.start("Robin")
        visitor.page.locator("#file").set_input_files(picture)
        expect(visitor.page.get_by_role("button", name="Remove IMG_0001.jpg")).to_be_visible()
        visitor.says("This is the broken door")
        expect(visitor.talk.locator("img")).to_have_js_property("naturalWidth", 900)
        expect(visitor.talk.locator(".agent .words")).to_contain_text(re.compile("picture|file", re.I))
    thread = workspace.thread_of("Robin opened your link")
    expect(thread).to_contain_text("This is the broken door")
    expect(thread.get_by_role("img", name="IMG_0001.jpg")).to_be_visible()
    context.close()


def a_link_that_takes_pictures(workspace: Workspace) -> str:
    def fill(form: Locator) -> None:
        form.get_by_label(re.compile("Files from guests")).select_option("3")
        expect(form.get_by_label(re.compile("How large each"))).to_be_visible()

    return workspace.make_link("Repairs", fill, "3 files from each guest at most")
