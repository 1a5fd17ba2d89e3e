"""The row of tabs on an administrator's Home, and what stands round each tab."""

from collections.abc import Callable, Mapping, Sequence

from bot.slack.screens.blocks.elements import Block, View, actions, button, context, header
from bot.slack.screens.blocks.text import count

GO, PAGE = "home.go", "home.page"
MINE, OVERVIEW, PEOPLE, CONNECTIONS, AGENTS = "mine", "overview", "people", "connections", "agents"
LINKS, BUDGETS, POLICIES, AUDIT = "links", "budgets", "policies", "audit"
TABS: Mapping[str, str] = {
    MINE: "Mine",
    OVERVIEW: "Overview",
    PEOPLE: "People",
    CONNECTIONS: "Connections",
    AGENTS: "Agents",
    LINKS: "Links",
    BUDGETS: "Budgets",
    POLICIES: "Policies",
    AUDIT: "Audit",
}
"""In the order shown; the first is what every member has."""
LEADS: Mapping[str, str] = {
    OVERVIEW: "Is all well, what is to be done, and what was used: counts, never what was said, asked or found.",
    PEOPLE: "Who used what in the last 30 days, the most active first: counts, never what was said, asked or found.",
    CONNECTIONS: "What is connected by which card, the most used first, and what nobody may connect.",
    AGENTS: "Who answers here. Calls are of the last 30 days, money is of this month.",
    LINKS: "All chat links that are alive, whoever made them, with those that end first on top.",
    BUDGETS: "What was spent this month, on what, and how much may be.",
    POLICIES: "What holds for everybody here. A change acts at once, and is in the audit.",
    AUDIT: "Who did what, the newest first: names and counts, never what was said, typed or found.",
}
"""What each is about, under its name."""
ALONE = "Admins alone see this."
ONLY_ADMINS = "Only admins of this workspace look at this, and you are none any more. Ask one of them."
IN_A_ROW = 5
"""More of them break wherever a phone is narrow."""


def rows(chosen: str) -> list[Block]:
    """All tabs, as buttons."""
    shown = [_tab(name, text, chosen=name == chosen) for name, text in TABS.items()]
    return [
        actions(*shown[:IN_A_ROW], block_id="home.tabs"),
        actions(*shown[IN_A_ROW:], block_id="home.tabs.more"),
    ]


def _tab(name: str, text: str, *, chosen: bool) -> Block:
    label = f"{text}: shown now" if chosen else f"{text}: for admins" if name != MINE else f"{text}: what is my own"
    return button(text, f"{GO}.{name}", name, style="primary" if chosen else "", label=label)


def leads_to(tab: str, text: str, label: str) -> Block:
    """The button beside a line that is told more of elsewhere."""
    return button(text, f"{GO}.{tab}", tab, label=label)


def view(tab: str, blocks: Sequence[Block]) -> View:
    """The whole Home of an administrator who looks at this tab."""
    return {"type": "home", "blocks": [*rows(tab), header(TABS[tab]), context(f"{LEADS[tab]} {ALONE}"), *blocks]}


def turned(noun: str, page: int, size: int, total: int, named: Callable[[int], str] | None = None) -> list[Block]:
    """Where one is, and the way on and back; nothing when all stand on one page."""
    pages = max(1, -(-total // size))
    if pages == 1:
        return []
    page = min(page, pages - 1)
    told = named(total) if named else count(total, noun)
    back = [button("Back", f"{PAGE}.back", str(page - 1), label=f"Back to the page before this one of {pages}")]
    more = [button("More", f"{PAGE}.more", str(page + 1), label=f"More: page {page + 2} of {pages}")]
    turning = [*(back if page else []), *(more if page + 1 < pages else [])]
    return [context(f"{told}, page {page + 1} of {pages}"), actions(*turning)]
