"""One page of a long list, and the buttons that turn it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.slack.screens.blocks.elements import Block, actions, button, context
from bot.slack.screens.blocks.text import count

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    items: Sequence[Item]
    """Those on this page."""
    number: int
    """From zero."""
    pages: int
    """At least one."""
    total: int
    """Of all pages."""

    def turned(self, noun: str, action: str, value: Callable[[int], str] = str) -> list[Block]:
        """Where one is, and the way on and back; nothing when all stand on one page."""
        if self.pages == 1:
            return []
        told = context(f"{count(self.total, noun)}, page {self.number + 1} of {self.pages}")
        return [told, actions(*self.buttons(noun, action, value))]

    def buttons(self, noun: str, action: str, value: Callable[[int], str] = str) -> list[Block]:
        """``action`` with .back and .more; ``value`` makes a button's value of the page it leads to."""
        before, after = self.number - 1, self.number + 1
        back = [button("Back", f"{action}.back", value(before), label=f"Back to the {noun}s before these")]
        more = [button("More", f"{action}.more", value(after), label=f"More {noun}s")]
        return [*(back if before >= 0 else []), *(more if after < self.pages else [])]


def page_of(items: Sequence[Item], number: int, size: int) -> Page[Item]:
    """The nearest page there is: a list may have become shorter since the button was drawn."""
    pages = max(1, -(-len(items) // size))
    number = min(max(number, 0), pages - 1)
    return Page(items[number * size : (number + 1) * size], number, pages, len(items))
