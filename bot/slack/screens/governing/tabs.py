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
ONLY_ADMINS = "Only admins of this workspace look at this, and you are none any more. Ask one of them."
"""In the order shown; the first is what every member has."""
SEEN = "Admins alone see this: counts and names, never what was said, asked or found."


def row(chosen: str) -> Block:
    return actions(*(_tab(name, text, chosen=name == chosen) for name, text in TABS.items()), block_id="home.tabs")


def _tab(name: str, text: str, *, chosen: bool) -> Block:
    label = f"{text}: shown now" if chosen else f"{text}: for admins" if name != MINE else f"{text}: what is my own"
    return button(text, f"{GO}.{name}", name, style="primary" if chosen else "", label=label)


def leads_to(tab: str, text: str, label: str) -> Block:
    """The button beside a line that is told more of elsewhere."""
    return button(text, f"{GO}.{tab}", tab, label=label)


def view(tab: str, blocks: Sequence[Block]) -> View:
    """The whole Home of an administrator who looks at this tab."""
    return {"type": "home", "blocks": [row(tab), header(TABS[tab]), context(SEEN), *blocks]}


def turned(noun: str, page: int, size: int, total: int, named: Callable[[int], str] | None = None) -> list[Block]:
    """Where one is, and the way on and back; nothing when all stand on one page."""
    pages = max(1, -(-total // size))
    if pages == 1:
        return []
    told = named(total) if named else count(total, noun)
    back = [button("Back", f"{PAGE}.back", str(page - 1), label=f"Back to the page before this one of {pages}")]
    more = [button("More", f"{PAGE}.more", str(page + 1), label=f"More: page {page + 2} of {pages}")]
    turning = [*(back if page else []), *(more if page + 1 < pages else [])]
    return [context(f"{told}, page {page + 1} of {pages}"), actions(*turning)]
