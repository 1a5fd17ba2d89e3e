"""What a person sees and does on the page, in the words of the tests."""

from playwright.async_api import Locator, Page, expect


class Screen:
    def __init__(self, page: Page, url: str, token: str) -> None:
        self.page = page
        self.url = url
        self._token = token

    async def open(self, address: str = "") -> "Screen":
        await self.page.goto(f"{self.url}/?token={self._token}{address}")
        await self.page.locator("#composer").wait_for(state="attached")
        return self

    async def go(self, place: str) -> None:
        """Press a place of the sidebar, on a phone behind its button."""
        show = self.page.get_by_role("button", name="Show the places")
        if await show.is_visible():
            await show.click()
        await self.page.locator(".place", has_text=place).click()
        # Its own draft stands in the composer only once the place is there.
        await expect(self.page.locator("main h1")).to_contain_text(place)

    async def write(self, text: str, *, thread: bool = False) -> None:
        box = self.composer(thread=thread)
        await box.fill(text)
        await self.pane(thread=thread).get_by_role("button", name="Send").click()

    def composer(self, *, thread: bool = False) -> Locator:
        return self.pane(thread=thread).get_by_role("textbox")

    def pane(self, *, thread: bool = False) -> Locator:
        return self.page.locator("aside.thread" if thread else "main")

    def message(self, text: str, *, thread: bool = False) -> Locator:
        return self.pane(thread=thread).get_by_role("article").filter(has_text=text)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    async def open_form(self) -> None:
        await self.write("/mcp connect")
        await self.dialog.get_by_label("Title").wait_for()

    async def fits(self) -> bool:
        """Nothing is wider than the window."""
        wide: bool = await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        return wide
