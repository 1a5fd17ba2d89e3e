"""The window in which a member searches their own past conversations: hits with date, source and the way there."""

from collections.abc import Sequence

from bot.services.memory import Found, Hit
from bot.services.memory.values import WORDS_ONLY
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    field,
    modal,
    section,
    text_input,
)
from bot.slack.screens.blocks.text import clipped, safe, unmarked, when

FORM, QUERY = "memory.search_form", "query"
SHOW, OPEN = "memory.show", "memory.open"
TITLE = "Search my conversations"
LONGEST, MOST_LINES = 600, 12
HINT = "Of what you said, what I answered, and what your tools gave. Nobody else can search it."
NOTHING = ":mag: Nothing like it was found. Try other words; what was said a few seconds ago comes soon."
AS_OF = "Quoted as of the dates shown. Ask me for the present."
SEARCHING = "Searching…"
KINDS = {"said": "You said", "answer": "I answered"}
OFFERED = "I found something in your past conversations. Others read along here, so only you can look at it."


def form(query: str = "", found: Found | None = None, links: Sequence[str] = ()) -> View:
    """Empty, or with what was found for ``query``."""
    box = text_input(initial=query, placeholder="A few words, as they may have been written", most=300)
    blocks: list[Block] = [field(QUERY, "What are you looking for?", box, hint=HINT)]
    if found is not None:
        blocks += _hits(found, links)
    return modal(TITLE, blocks, callback_id=FORM, submit="Search")


def searching(query: str) -> View:
    view = form(query)
    return {**view, "blocks": [*view["blocks"], section(SEARCHING)]}


def offer(query: str) -> list[Block]:
    """In a thread that others read, for the member's eyes."""
    return [section(OFFERED), actions(button("Show me", SHOW, query[:1900]))]


def _hits(found: Found, links: Sequence[str]) -> list[Block]:
    remark = [context(WORDS_ONLY)] if found.words_only else []
    if not found.hits:
        return [section(NOTHING), *remark]
    shown = [block for hit, link in zip(found.hits, links, strict=True) for block in _hit(hit, link)]
    return [context(AS_OF), *remark, *shown]


def _hit(hit: Hit, link: str) -> list[Block]:
    source = safe(hit.source, 120) if hit.source else KINDS.get(hit.kind, hit.kind)
    about = f" · {safe(hit.about, 120)}" if hit.about else ""
    lines = clipped(hit.text, LONGEST).splitlines()[:MOST_LINES]
    quoted = "\n".join(f"&gt; {unmarked(line)}".replace("&gt; ", ">", 1) for line in lines)
    way = button("Open thread", OPEN, url=link, label="Open the thread in which this stands") if link else None
    return [divider(), section(f"*{source}*{about}\n{when(hit.at)}", way), section(quoted)]
