"""Files that go with what is written: chosen, dropped and pasted; and what is counted on the page."""

import pytest
from playwright.async_api import expect

from playground.slack.server import LocalSlack
from tests.playground.page.screen import Screen

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
OWN_DM = "D0OWNER"
GIVE = """([node, how, name, words]) => {
  const carried = new DataTransfer()
  if (name) carried.items.add(new File([words], name, { type: 'text/plain' }))
  else carried.setData('text/plain', words)
  const told = how === 'paste' ? { clipboardData: carried } : { dataTransfer: carried }
  const event = how === 'paste' ? new ClipboardEvent(how, { ...told, bubbles: true, cancelable: true })
    : new DragEvent(how, { ...told, bubbles: true, cancelable: true })
  node.dispatchEvent(event)
  return event.defaultPrevented
}"""


async def test_files_go_with_a_message_and_one_can_be_taken_back_before(slack: LocalSlack, screen: Screen) -> None:
    given = [{"name": name, "mimeType": "text/plain", "buffer": b"words"} for name in ("a.txt", "b.txt")]
    await screen.pane().locator("input[type=file]").set_input_files(given)
    await screen.pane().get_by_role("button", name="Remove a.txt").click()
    await screen.pane().get_by_role("button", name="Send").click()
    await expect(screen.message("b.txt")).to_contain_text("Read it here")
    assert [file["name"] for file in slack.messages(OWN_DM)[-1]["files"]] == ["b.txt"]
    await expect(screen.pane().get_by_role("list", name="Files to send")).to_be_hidden()


async def test_files_are_taken_by_dropping_and_by_pasting_and_plain_words_are_not(
    slack: LocalSlack, screen: Screen
) -> None:
    async def give(how: str, name: str, words: str) -> bool:
        box = await screen.composer().element_handle()
        taken: bool = await screen.page.evaluate(GIVE, [box, how, name, words])
        return taken

    listed = screen.pane().get_by_role("list", name="Files to send").get_by_role("listitem")
    assert await give("dragover", "a.txt", "one")
    await expect(screen.page.locator(".dropping")).to_have_count(1)
    assert await give("drop", "a.txt", "one") and await give("paste", "b.txt", "two")
    await expect(listed).to_have_text(["a.txt", "b.txt"])
    await expect(screen.page.locator(".dropping")).to_have_count(0)
    assert not await give("paste", "", "words") and not await give("drop", "", "words"), "the browser's own affair"
    await expect(listed).to_have_count(2)
    await screen.write("both")
    await expect(screen.message("both")).to_contain_text("a.txt")
    assert [file["name"] for file in slack.messages(OWN_DM)[-1]["files"]] == ["a.txt", "b.txt"]


async def test_shares_of_a_pie_add_up_to_a_hundred(screen: Screen) -> None:
    asked = "values => import('/page/static/block_kit/charts.js').then(charts => charts.percents(values))"
    for values, shares in (([1, 1, 1], [34, 33, 33]), ([5, 3, 2], [50, 30, 20]), ([99.6, 0.2, 0.2], [100, 0, 0])):
        assert await screen.page.evaluate(asked, values) == shares
