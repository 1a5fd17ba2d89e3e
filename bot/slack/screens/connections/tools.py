"""The tools of one connection, searched and paged, and what each may do without asking."""

from collections.abc import Collection, Iterator, Sequence

from bot.services.connections.telling.left_out import left_out, of
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    alert,
    button,
    context,
    divider,
    field,
    header,
    modal,
    section,
    text_input,
)
from bot.slack.screens.blocks.paging import Page, page_of
from bot.slack.screens.blocks.text import clipped, count, safe
from bot.slack.screens.connections import listing
from bot.slack.screens.connections import tool_filters as filters
from bot.slack.screens.connections.offerings import offerings_button
from bot.slack.screens.connections.tool_filters import Looking
from bot.slack.screens.connections.tool_lines import accept_new, line
from mcp_runtime.left_out import MAX_TOLD
from mcp_runtime.sessions.speaks import Speaks
from storage.repositories.mcp.connections import text_pin
from storage.tables import AllowedCalls, Connection, PinnedTool

FORGET = "tools.forget"
PAGE = "tools.page"
ACCEPT_WORDS = "tools.accept_words"
SEARCH, SEARCH_FORM = "tools.search", "tools.search_form"

PAGE_SIZE = 10
FEW = 5
"""So many are seen at a glance, and need no search."""
LONGEST_SECTION = 2900
EXPLAINED = "*Asks first*: I ask you before each call. *Always*: I do not ask. *Off*: I never see it."
NONE_MATCH = ":mag: No tool matches. Search for less, or show all tools."
NO_TOOLS = "Its server offers no tools."


def tools(
    connection: Connection,
    pinned: Sequence[PinnedTool],
    looking: Looking | None = None,
    told: str = "",
    *,
    costs: Collection[str] = (),
    allowed: Sequence[AllowedCalls] = (),
) -> View:
    """``told`` is what has to be said on top of it; escaped already. A call of ``costs`` costs money or quota.

    ``allowed`` is what runs without a question, for less than a whole tool.
    """
    looking = looking or Looking(connection.id)
    found = filters.matching(pinned, looking)
    here = on_page(pinned, looking)
    blocks: list[Block] = [alert(told, "warning")] if told else []
    blocks += [header(clipped(connection.title, 150)), context(f"{_counted(pinned)}. {EXPLAINED}")]
    blocks += _finding(connection, pinned, found, looking, allowed)
    if unfit := left_out(of(connection), MAX_TOLD + 1):
        blocks.append(context(safe(unfit, 2900)))
    blocks += _words_of(connection) + accept_new(here.items)
    narrow = {tool.name: [row for row in allowed if row.tool == tool.name] for tool in here.items}
    lines = (line(tool, costs=tool.name in costs, allowed=narrow[tool.name]) for tool in here.items)
    blocks += [block for each in lines for block in each] or [section(NONE_MATCH if pinned else NO_TOOLS)]
    blocks += here.turned("tool", PAGE)
    submit = "Search" if len(pinned) > FEW else ""
    metadata = looking.elsewhere(page=here.number).metadata()
    return modal("Tools", blocks, callback_id=SEARCH_FORM, submit=submit, close="Done", metadata=metadata)


def on_page(pinned: Sequence[PinnedTool], looking: Looking) -> Page[PinnedTool]:
    return page_of(filters.matching(pinned, looking), looking.page, PAGE_SIZE)


def _counted(pinned: Sequence[PinnedTool]) -> str:
    there = [tool for tool in pinned if tool.state != "gone"]
    reading = sum(filters.reads(tool) for tool in there)
    free = sum(tool.policy in ("free", "always") for tool in there)
    off = sum(tool.policy == "off" for tool in there)
    waiting = sum(tool.state == "set_aside" for tool in there)
    told = {"only read": reading, "run without asking": free, "are off": off, "wait for you": waiting}
    counted = [f"{number} {words}" for words, number in told.items() if number]
    return ", ".join([count(len(there), "tool"), *counted])


def _finding(
    connection: Connection,
    pinned: Sequence[PinnedTool],
    found: Sequence[PinnedTool],
    looking: Looking,
    allowed: Sequence[AllowedCalls],
) -> list[Block]:
    about = [
        button("Edit", listing.EDIT, connection.id, label=f"Edit {connection.title}"),
        _pause_or_resume(connection),
    ]
    if Speaks.stored(connection.speaks or {}).may_offer and not connection.nothing_beside:
        about.append(offerings_button(connection))
    if allowed or any(tool.policy == "always" for tool in pinned):
        about.append(
            button("Forget every “always”", FORGET, connection.id, label="Forget every “always” and ask again")
        )
    if len(pinned) <= FEW:
        return [actions(*about)]
    box = text_input(initial=looking.words, placeholder="A word of its name or of what it does", most=filters.LONGEST)
    return [
        field(SEARCH, "Search", box, optional=True),
        actions(filters.show_choice(looking), *filters.for_all(found), *about),
    ]


def _pause_or_resume(connection: Connection) -> Block:
    if connection.paused_at:
        return listing.resume_button(connection)
    return button("Pause", listing.PAUSE, connection.id, label=f"Pause {connection.title}: I use none of its tools")


def _words_of(connection: Connection) -> list[Block]:
    """What the server says about its tools, which I read as well; a change waits for the member."""
    before, now = connection.instructions or "", connection.instructions_offered
    if now is None:
        return [context(f"*Its server tells me about its tools:* {safe(before, 500)}")] if before else []
    if not now:
        return []  # it says nothing any more, so there is nothing to accept
    told = (
        ":warning: *What its server tells me about its tools has changed.* I leave it out until you have looked.\n"
        f"*It said:* {safe(before, 500) or '_nothing_'}\n*Now it says:*"
    )
    label = "Accept what the server now says about its tools"
    accept = button("Accept the change", ACCEPT_WORDS, text_pin(now), label=label)
    return [section(told), *(section(piece, expand=True) for piece in _whole(now)), actions(accept), divider()]


def _whole(text: str) -> Iterator[str]:
    """To the last character, since all of it is accepted; in pieces that a section takes."""
    while text:
        size = LONGEST_SECTION
        while len(piece := safe(text[:size], size)) > LONGEST_SECTION:
            size //= 2
        yield piece or "…"
        text = text[size:]
