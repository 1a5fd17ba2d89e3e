"""What runs without a question since its member said «always»: each with the way to be asked again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.services.approvals.phrases import plainly
from bot.services.connections.values import ConnectionView
from bot.slack.screens.blocks.elements import Block, View, button, context, modal, section
from bot.slack.screens.blocks.paging import page_of
from bot.slack.screens.blocks.text import count, escaped, safe, when
from storage.tables import AllowedCalls, Conversation

OPEN = "allowed.open"
ASK = "allowed.ask"
PAGE = "allowed.page"
TITLE = "What runs without asking"
NONE = "Nothing: I ask before each call that may change something."
LEAD = "You said “always” to these. Tools that only read by their card's own list are not among them."
PAGE_SIZE, ON_HOME = 15, 3


@dataclass(frozen=True)
class Allowed:
    """``value`` is what a button takes it back by."""

    text: str
    value: str


def all_of(views: Sequence[ConnectionView], chats: Mapping[str, Conversation] | None = None) -> list[Allowed]:
    """``chats`` are the conversations that some of it holds in, where they are to be named."""
    found: list[Allowed] = []
    for view in views:
        titles = {tool.name: tool.title or tool.name for tool in view.tools}
        for tool in view.tools:
            if tool.policy == "always" and tool.state == "accepted":
                value = json.dumps(["tool", view.connection.id, tool.name])
                found.append(Allowed(f"*{_called(view, titles, tool.name)}*: every call", value))
        for row in view.allowed:
            where = _where(row, (chats or {}).get(row.conversation_id or ""))
            text = f"*{_called(view, titles, row.tool)}*: {where}, since {when(row.created_at)}"
            found.append(Allowed(text, json.dumps(["rule", row.id])))
    return found


def on_home(views: Sequence[ConnectionView]) -> list[Block]:
    """A few of them, and the way to all; nothing where there are none."""
    there = all_of(views)
    if not there:
        return []
    lines = [f"• {each.text}" for each in there[:ON_HOME]]
    more = [f"_and {len(there) - ON_HOME} more_"] if len(there) > ON_HOME else []
    see = button("See and take back", OPEN, label="See and take back what runs without asking")
    return [section("\n".join([f"*{TITLE}* · {count(len(there), 'rule')}", *lines, *more]), see)]


def window(there: Sequence[Allowed], page: int, told: str = "") -> View:
    here = page_of(there, page, PAGE_SIZE)
    ask = "Ask me again"
    rows = [section(each.text, button(ask, ASK, each.value, label=f"{ask}: {each.text}")) for each in here.items]
    head = [context(told)] if told else []
    blocks = [*head, section(LEAD if there else NONE), *rows, *here.turned("rule", PAGE)]
    return modal(TITLE, blocks, close="Done", metadata=str(here.number))


def narrow(rows: Sequence[AllowedCalls]) -> str:
    """For a line of the tool browser: what of this tool runs without a question; empty where nothing does."""
    places = [_where(row, None) for row in rows if row.conversation_id is None]
    chats = sum(row.conversation_id is not None for row in rows)
    told = [*places[:3], *([f"in {count(chats, 'conversation')}"] if chats else [])]
    return f":fast_forward: _Without asking:_ {'; '.join(told)}" if told else ""


def taken_back(text: str) -> str:
    return f":leftwards_arrow_with_hook: Taken back. I ask before the next call of {text}."


def _called(view: ConnectionView, titles: Mapping[str, str], tool: str) -> str:
    return f"{safe(view.connection.title, 60)}: {safe(titles.get(tool, tool), 80)}"


def _where(row: AllowedCalls, chat: Conversation | None) -> str:
    if row.conversation_id is None:
        told = " and ".join(f"{safe(name, 40)} is {safe(plainly(value), 60)}" for name, value in row.arguments.items())
        return f"where {told}"
    if chat is None:
        return "in one conversation"
    place = chat.place
    if place.get("private"):
        return f"in a conversation of our direct messages, begun {when(chat.created_at)}"
    return f"in a thread of <#{escaped(str(place.get('channel', '')))}>, begun {when(chat.created_at)}"
