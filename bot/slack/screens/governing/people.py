"""Who uses what: everybody in counts, and one member's page."""

from collections.abc import Sequence

from bot.services.limits.prices import in_words
from bot.services.watch.insights.insights import MOST_SHOWN, PAGE, OnePerson
from bot.slack.screens.accounts import tokens
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    member,
    modal,
    plain,
    section,
    sure,
)
from bot.slack.screens.blocks.text import count, escaped, safe, when
from bot.slack.screens.connections.listing import ICONS
from bot.slack.screens.governing import figures, links, tabs
from bot.slack.screens.spending import budgets
from bot.slack.screens.spending.amounts import answers
from mcp_runtime.states import State, state_of
from storage.repositories.insights.calls import Calls
from storage.repositories.insights.people import Person
from storage.tables import Connection

LOOK, FIND, DISCONNECT, END = "people.look", "people.find", "people.disconnect", "people.end_token"
"""``END`` ends one access token."""
TITLE = "A member"
NOBODY = (
    "Nobody has connected a tool, made a link or asked me anything yet. Whoever opens my Home tab or writes to me"
    " is shown how to begin."
)
GONE = "Disconnected: {count}. They were told."
REVOKED = "Revoked: *{name}*. Programs that use it are refused from now on; its member was told."
SURE = (
    "All that they have connected here ends at once, and its tokens are deleted. They are told, and can connect again."
)


def people(found: Sequence[Person], total: int, page: int) -> list[Block]:
    find = member(FIND) | {"placeholder": plain("Find a member", 150)}
    if not total:
        begin = tabs.leads_to(tabs.MINE, "Begin with mine", "Begin with my own first tool")
        return [section(NOBODY), actions(find, begin)]
    rows = [section(_line(each), _look(each.member)) for each in found]
    turning = tabs.turned("person", page, PAGE, total, lambda number: f"{number} people")
    return [actions(find), *rows, *turning]


def _look(whom: str) -> Block:
    return button("Look", LOOK, whom, label="Look at what this member has connected and used")


def _line(each: Person) -> str:
    troubled = f" ({each.troubled} not working)" if each.troubled else ""
    parts = [count(each.connections, "connection") + troubled] if each.connections else []
    parts += [count(each.calls, "call") + (f", {each.failed} failed" if each.failed else "")]
    parts += [count(each.links, "link")] if each.links else []
    parts += [in_words(each.money)] if each.money else []
    return f"<@{escaped(each.member)}>\n{' · '.join(parts)}"


def one(found: OnePerson, told: str = "") -> View:
    name = f"<@{escaped(found.member)}>"
    month = f" · {answers(found.month)}" if found.month.requests else ""
    lines = [f"*{name}*", f"*This month:* {figures.of_limit(found.month.money, found.limit)}{month}"]
    lines.append(f"*Last 30 days:* {figures.calls(found.all)}")
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
            divider(),
            section(f"*Access tokens* · {len(found.tokens)}" if found.tokens else "*No access token*"),
            *tokens.rows(found.tokens, END),
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
