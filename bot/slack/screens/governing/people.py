"""Who uses what: everybody in counts, and one member's page."""

from collections.abc import Sequence

from bot.services.limits.prices import in_words
from bot.services.watch.insights.insights import MOST_SHOWN, PAGE, OnePerson, Person
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, divider, modal, section, sure
from bot.slack.screens.blocks.text import count, escaped, safe, when
from bot.slack.screens.connections.listing import ICONS
from bot.slack.screens.governing import figures, links, tabs
from bot.slack.screens.spending import budgets
from bot.slack.screens.spending.amounts import used as told_of
from mcp_runtime.states import State, state_of
from storage.repositories.insights.calls import Calls
from storage.tables import Connection

LOOK, DISCONNECT = "people.look", "people.disconnect"
TITLE = "A member"
NOBODY = (
    "Nobody has connected a tool, made a link or asked me anything yet. Whoever opens my Home tab or writes to me"
    " is shown how to begin."
)
WAY_IN = "You can begin yourself: the first tab, *Mine*, has a button for a first tool."
GONE = "Disconnected: {count}. They were told."
SURE = (
    "All that they have connected here ends at once, and its tokens are deleted. They are told, and can connect again."
)


def people(found: Sequence[Person], total: int, page: int) -> list[Block]:
    if not total:
        return [section(NOBODY), actions(tabs.leads_to(tabs.MINE, "Begin with mine", "Begin with my own first tool"))]
    rows = [section(_line(each), _look(each.member)) for each in found]
    turning = tabs.turned("person", page, PAGE, total, lambda number: f"{number} people")
    return [context("In the last 30 days; the most active first."), *rows, *turning]


def _look(member: str) -> Block:
    return button("Look", LOOK, member, label="Look at what this member has connected and used")


def _line(each: Person) -> str:
    holds, used = each.holds, each.used
    parts = [count(holds.connections, "connection")]
    parts[0] += f" ({holds.troubled} not working)" if holds.troubled else ""
    parts += [count(each.calls, "call") + (f", {used.failed} failed" if used.failed else "")]
    parts += [count(holds.links, "link")] if holds.links else []
    parts += [in_words(used.money)] if used.money else []
    return f"<@{escaped(each.member)}>\n{' · '.join(parts)}"


def one(found: OnePerson, told: str = "") -> View:
    name = f"<@{escaped(found.member)}>"
    month = told_of(found.month) if found.month.requests else "nothing asked"
    lines = [f"*{name}*", f"This month: {month}", figures.of_limit(found.month.money, found.limit)]
    lines.append(f"Last 30 days: {figures.calls(found.all)}")
    shown = found.connections[:MOST_SHOWN]
    rows = [section(connection(each, found.calls.get(each.id, Calls()))) for each in shown]
    more = len(found.connections) - len(shown)
    return modal(
        TITLE,
        [
            *([section(told)] if told else []),
            section("\n".join(lines)),
            actions(button("Set a budget", budgets.ONE, found.member, label="Set a budget for this member")),
            divider(),
            section(f"*Connections* · {len(found.connections)}" if rows else "*No connections*"),
            *rows,
            *([context(f"And {more} more.")] if more > 0 else []),
            *([actions(_disconnect(found))] if rows else []),
            divider(),
            section(f"*Chat links alive* · {len(found.links)}" if found.links else "*No chat link is alive*"),
            *(links.row(each) for each in found.links[:MOST_SHOWN]),
        ],
        metadata=found.member,
    )


def connection(each: Connection, calls: Calls, *, whose: bool = False) -> str:
    """How it is and how it was used; of what went wrong the one word alone: what a server says is its member's."""
    state = state_of(each, permitted=not each.forbidden)
    since = f" since {when(each.failing_since)}" if each.failing_since and state is not State.CONNECTED else ""
    cause = f", {safe(each.cause, 24)}" if each.cause and state is State.NOT_ANSWERING else ""
    name = f"*{safe(each.title, 80)}*" + (f" of <@{escaped(each.member_id)}>" if whose else "")
    last = f", last {when(calls.last)}" if calls.last else ""
    return f"{ICONS[state]} {name} · {state}{since}{cause}\n{figures.calls(calls)}{last}"


def _disconnect(found: OnePerson) -> Block:
    confirm = sure("Disconnect all of it?", SURE, "Disconnect all")
    text = f"Disconnect all {len(found.connections)}" if len(found.connections) > 1 else "Disconnect it"
    return button(text, DISCONNECT, found.member, style="danger", confirm=confirm, label=f"{text}: the member is told")
