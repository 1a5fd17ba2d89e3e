"""The local workspace's page, as a person uses it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.support.evidence import never_in_a_log

HANDED = re.compile(r"http://\S+/temp-chat/(tc_[\w-]{49})")
"""A chat link; one token in sixty-four begins with a dash, which is no letter."""


@dataclass
class Workspace:
    page: Page
    url: str
    phone: bool = False

    def open(self) -> "Workspace":
        self.page.goto(self.url)
        expect(self.page.get_by_role("textbox", name="Message Usher")).to_be_visible()
        return self

    def act_as(self, name: str) -> None:
        self.close_thread()
        self._show_places()
        self.page.get_by_role("button", name=re.compile("Acting as")).click()
        self.page.get_by_role("menuitem", name=re.compile(name)).click()

    def go_to(self, place: str) -> None:
        """Usher, general, random: from the sidebar, which a phone keeps behind a button."""
        self.close_thread()
        self._show_places()
        self.page.get_by_role("navigation", name="Places").get_by_role("link", name=re.compile(place)).click()

    def _show_places(self) -> None:
        if self.phone:
            self.page.get_by_role("button", name="Show the places").click()

    def type(self, text: str, place: str = "Usher") -> None:
        if not text.startswith("/"):
            never_in_a_log(text)
        self.close_thread()
        box = self.page.get_by_role("textbox", name=re.compile(f"Message .*{place}"))
        box.fill(text)
        self.page.get_by_role("button", name="Send").first.click()

    def ask(self, text: str, place: str = "Usher") -> Locator:
        """Say it; the thread in which the answer comes."""
        self.type(text, place)
        return self.thread_of(text)

    def thread_of(self, text: str) -> Locator:
        """The thread under what was said; it opens by itself unless another is open."""
        root = self.page.get_by_role("main").get_by_role("article").filter(has_text=text).last
        reply = root.get_by_role("button", name=re.compile(r"\d+ repl"))
        thread = self.page.get_by_role("complementary")
        opened = thread.filter(has_text=text)
        expect(opened.or_(reply).first).to_be_visible()
        if not opened.is_visible():
            reply.click()
        expect(thread).to_contain_text(text)
        return thread

    def close_thread(self) -> None:
        close = self.page.get_by_role("complementary").get_by_role("button", name=re.compile("Close"))
        # All that are there now: one may open or close by itself meanwhile.
        close.evaluate_all("buttons => buttons.forEach(button => button.click())")
        expect(close).to_have_count(0)

    def connect(self, card: str) -> None:
        """With one click, where there is nothing to ask."""
        self.type("/mcp connect")
        self.dialog.get_by_role("button", name=f"Connect {card}").click()
        expect(self.dialog).to_contain_text(f"✅ {card} is connected")
        self.done_with_dialog()

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog").last

    def confirm(self, answer: str) -> None:
        """Say it in the dialog that asks whether one is sure."""
        self.page.get_by_role("alertdialog").get_by_role("button", name=re.compile(answer)).click()

    def done_with_dialog(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def code(self) -> str:
        """What the page asks for that the dialog leads to."""
        found = re.search(r"this code first: (\d{3} \d{3})", self.dialog.inner_text())
        assert found
        return found[1]

    def prove(self, page: Page) -> None:
        """Type it there."""
        page.get_by_label("Code from Slack").fill(self.code())
        page.get_by_role("button", name="Go on").click()

    @property
    def whisper(self) -> Locator:
        """The newest message that only this person sees."""
        return self.whispers.last

    @property
    def whispers(self) -> Locator:
        return self.page.get_by_role("article", name=re.compile("only visible to you"))

    def make_link(self, title: str, fill: Callable[[Locator], object] = lambda form: None, shown: str = "") -> str:
        """Its address; ``fill`` is given the form, and the preview says what was ``shown``."""
        self.type(f"/tempchat create {title}")
        fill(self.dialog)
        self.dialog.get_by_role("button", name="Preview", exact=True).click()
        expect(self.dialog).to_contain_text(shown)
        self.dialog.get_by_role("button", name="Create", exact=True).click()
        expect(self.whisper).to_contain_text(f"{title} is ready")
        return self.handed_link()

    def handed_link(self) -> str:
        """The chat link in the newest whisper."""
        expect(self.whisper).to_contain_text(HANDED)
        found = HANDED.search(self.whisper.inner_text())
        assert found
        never_in_a_log(found[1])
        return found[0]

    def fits(self) -> bool:
        """Nothing to scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
