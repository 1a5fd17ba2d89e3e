"""A guest attaches files in a real browser: chosen, pasted, dropped, taken back, sent and seen again."""

import base64

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, FilePayload, Page, Route, expect

from storage.tables import GuestFile
from tests.support import guest_files as files
from tests.support.axe import complaints
from tests.web.sidecar import House
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, house, on_both_sizes, opened, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER
CUT_OFF = "Failed to load resource: net::ERR_FAILED"
GIVE = """(target, [kind, name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), each => each.charCodeAt(0))
  const given = new DataTransfer()
  given.items.add(new File([bytes], name, { type }))
  const event = kind === 'paste'
    ? new ClipboardEvent('paste', { clipboardData: given, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true })
  target.dispatchEvent(event)
}"""


def payload(name: str, content: bytes, mime: str = "application/octet-stream") -> FilePayload:
    return FilePayload(name=name, mimeType=mime, buffer=content)


async def give(page: Page, kind: str, name: str, content: bytes, mime: str = "image/png") -> None:
    """As a paste or a drop brings it."""
    data = base64.b64encode(content).decode()
    await page.locator("#text").evaluate(GIVE, [kind, name, mime, data])


def ready(page: Page, name: str):
    return page.get_by_role("button", name=f"Remove {name}")


async def count(house: House) -> int:
    async with house.db.read() as tables:
        return await tables.session.scalar(sa.select(sa.func.count()).select_from(GuestFile)) or 0


@on_both_sizes
async def test_files_are_chosen_pasted_dropped_and_sent_and_stand_there_after_a_reload(
    house: House, opened: Opening
) -> None:
    page = await opened((await house.link(files=5)).url)
    complaints_seen: list[str] = []
    page.on("console", lambda each: complaints_seen.append(each.text) if each.type == "error" else None)
    send = page.get_by_role("button", name="Send", exact=True)
    await page.locator("#file").set_input_files([payload("beach.jpg", files.photograph((600, 400)))])
    await expect(ready(page, "beach.jpg")).to_be_visible()
    await expect(send).to_be_enabled()
    await give(page, "paste", "image.png", files.picture())
    await expect(ready(page, "image.png")).to_be_visible()
    await give(page, "dragover", "list.csv", b"a;b", "text/csv")
    await expect(page.get_by_text("Drop files here")).to_be_visible()
    await give(page, "drop", "list.csv", b"a;b", "text/csv")
    await expect(ready(page, "list.csv")).to_be_visible()
    await expect(page.get_by_text("Drop files here")).to_be_hidden()
    await page.route("**/remove", lambda route: route.abort())
    await ready(page, "image.png").click()
    await expect(page.locator("#complaint")).to_contain_text("offline")  # so it is there still, and stays
    await expect(page.locator("#tray li")).to_have_count(3)
    await page.unroute("**/remove")
    await ready(page, "image.png").click()
    await expect(page.locator("#tray li")).to_have_count(2)
    await page.reload()
    await expect(page.locator("#tray li")).to_have_count(2)
    other = await page.context.new_page()
    await other.goto(page.url)
    await expect(other.locator("#tray li")).to_have_count(2)
    house.model.will_say("A beach, and a list.")
    await send.click()
    await expect(page.locator(".agent .words", has_text="A beach")).to_be_visible()
    await expect(page.locator("#tray")).to_be_hidden()
    await expect(other.locator("#tray")).to_be_hidden()  # they went with a message, so it has them no more
    await other.close()
    for _ in range(2):  # as it came, and as it stands in the log
        said = page.locator(".said.guest")
        await expect(said.locator("img")).to_have_js_property("naturalWidth", 400)
        await expect(said.get_by_role("link", name="list.csv")).to_be_visible()
        await expect(said.locator(".words")).to_be_hidden()
        await page.reload()
    assert await count(house) == 2 and complaints_seen == [CUT_OFF]


async def test_what_cannot_be_sent_says_why_and_keeps_what_was_written(house: House, opened: Opening) -> None:
    page = await opened((await house.link(files=5, file_megabytes=1)).url)
    await page.locator("#text").fill("Half a sentence")
    await page.locator("#file").set_input_files([payload("logo.svg", files.SVG), payload("ok.txt", b"fine")])
    failed = page.locator("#tray [data-failed]")
    await expect(failed).to_contain_text("not what its name says")
    await expect(ready(page, "ok.txt")).to_be_visible()
    await page.locator("#file").set_input_files([payload("large.png", b"\x89PNG" + b"x" * 1_200_000)])
    await expect(page.locator("#complaint")).to_have_text(
        "large.png: A file may have 1 MB. Send a smaller one, or a part of it."
    )
    house.model.will_say("Thank you.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".said.guest .words")).to_have_text("Half a sentence")
    await expect(page.locator(".said.guest .files")).to_have_text("ok.txt")
    await failed.get_by_role("button", name="Cancel logo.svg").click()
    await expect(page.locator("#tray")).to_be_hidden()


async def test_a_file_on_its_way_can_be_cancelled_and_one_that_was_cut_off_sent_again(
    house: House, opened: Opening
) -> None:
    page = await opened((await house.link(files=5)).url)
    held: list[Route] = []

    async def hold_the_first(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            await route.abort()

    await page.route("**/files", hold_the_first)
    await page.locator("#file").set_input_files([payload("slow.txt", b"slow"), payload("next.txt", b"next")])
    await page.locator("#text").fill("Not yet")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("#complaint")).to_contain_text("Wait until your files have arrived")
    await page.get_by_role("button", name="Cancel slow.txt").click()
    await expect(page.locator("#tray li")).to_have_count(1)
    await expect(page.locator("#tray [data-failed]")).to_contain_text("Not sent")
    await page.unroute("**/files")
    await page.get_by_role("button", name="Try again").click()
    await expect(ready(page, "next.txt")).to_be_visible()
    assert await count(house) == 1


async def test_the_tray_is_accessible_and_fits_a_small_phone(house: House, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 320, "height": 568}, bypass_csp=True)
    page = await context.new_page()
    link = await house.link(files=5)
    await page.goto(link.url)
    await expect(page.get_by_text("You may send files: up to 5, each up to 5 MB")).to_be_visible()
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Start the chat").click()
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    await page.locator("#file").set_input_files(
        [payload("beach.jpg", files.photograph()), payload("a-very-long-name-" * 5 + ".pdf", files.pdf())]
    )
    await expect(page.locator("#tray .remove[aria-label^=Remove]")).to_have_count(2)
    await page.locator("#file").set_input_files([payload("logo.svg", files.SVG)])
    await expect(page.locator("#tray [data-failed]")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await complaints(page) == []
    house.model.will_say("Nice.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".agent .words", has_text="Nice.")).to_be_visible()
    assert await complaints(page) == []
    await context.close()


@pytest.mark.parametrize("name", ["beach.jpg"])
async def test_without_scripts_a_file_is_added_seen_removed_and_sent(house: House, browser: Browser, name: str) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto((await house.link(files=5)).url)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Start the chat").click()
    for _ in range(2):
        await page.locator("#file").set_input_files([payload(name, files.photograph())])
        await page.get_by_role("button", name="Add").click()
    await expect(page.locator("#tray li")).to_have_count(2)
    await ready(page, name).first.click()
    await expect(page.locator("#tray li")).to_have_count(1)
    house.model.will_say("Seen.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await house.all_told()
    await page.reload()
    await expect(page.locator(".said.guest img")).to_have_js_property("alt", name)
    await expect(page.get_by_text("Seen.")).to_be_visible()
    await context.close()
