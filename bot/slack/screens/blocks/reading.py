"""What is long, read in a window page by page: whoever has come to its end has had all of it before them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.slack.screens.blocks.elements import Block, actions, context, section
from bot.slack.screens.blocks.paging import page_of

SECTION = 2900
MOST_SECTIONS = 40
PAGE = 30_000
"""Characters of a window: Slack takes 250 kB, and may count six bytes for one."""
MOST_PAGES = 40


@dataclass(frozen=True)
class Read:
    blocks: list[Block]
    last: bool
    """The end is on this page."""


def turned(pages: Sequence[Sequence[Block]], number: int, action: str, value: Callable[[int], str]) -> Read:
    """The page that is nearest to ``number``, with the way on and back."""
    page = page_of(pages, number, 1)
    blocks = [block for each in page.items for block in each]
    if page.pages > 1:
        blocks += [context(f"Page {page.number + 1} of {page.pages}"), actions(*page.buttons("page", action, value))]
    return Read(blocks, page.number + 1 == page.pages)


def in_pages(groups: Iterable[Iterable[str]]) -> list[list[Block]]:
    """All of it; nothing when even so it is too much. Takes a while where it is long."""
    pages = list(islice(packed(groups, PAGE), MOST_PAGES + 1))
    return [sections(page) for page in pages] if len(pages) <= MOST_PAGES else []


def sections(texts: Iterable[str]) -> list[Block]:
    return [section(text, expand=True) for text in texts]


def packed(groups: Iterable[Iterable[str]], most: int) -> Iterator[list[str]]:
    """Paragraphs, each at most a section long, as the sections of pages of ``most`` characters.

    Lazily, for they may be huge. A group begins a section of its own.
    """
    page: list[str] = []
    size = 0
    for group in groups:
        room = 0
        for part in group:
            if page and (size + len(part) > most or (room < len(part) and len(page) == MOST_SECTIONS)):
                yield page
                page, size, room = [], 0, 0
            if room < len(part):
                page, room = [*page, part], SECTION - len(part)
            else:
                page[-1] += f"\n{part}"
                room -= len(part) + 1
            size, room = size + len(part), max(room, 0)
    yield page
