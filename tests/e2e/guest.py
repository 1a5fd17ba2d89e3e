"""A guest's browser: no account, only a link."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.evidence import never_in_a_log

PHONE = {"width": 390, "height": 844}
DEAD = "This chat is not available"


@dataclass
class Guest:
    page: Page
    link: str

    def start(self, name: str) -> None:
        self.page.get_by_label(re.compile("Your name")).fill(name)
        self.page.get_by_role("checkbox").check()
        self.page.get_by_role("button", name="Start the chat").click()
        expect(self.page.locator("body[data-connection=live]")).to_be_attached()
        never_in_a_log(*(cookie["value"] for cookie in self.page.context.cookies()))

    def says(self, text: str) -> None:
        never_in_a_log(text)
        self.composer.fill(text)
        self.composer.press("Enter")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def talk(self) -> Locator:
        return self.page.get_by_role("log")

    def is_at_the_dead_page(self) -> None:
        expect(self.page.get_by_role("heading", name=DEAD)).to_be_visible()


@contextmanager
def guest(browser: Browser, link: str, **context: object) -> Iterator[Guest]:
    """One with an empty profile, on a phone unless told otherwise."""
    profile = browser.new_context(**{"viewport": PHONE, **context})  # type: ignore[arg-type]
    try:
        page = profile.new_page()
        page.goto(link)
        yield Guest(page, link)
    finally:
        profile.close()
