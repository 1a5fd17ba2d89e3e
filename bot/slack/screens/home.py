"""The Home tab: my connections, links and reminders, with their buttons, and what I have used."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.services.connections.values import ConnectionView
from bot.services.limits.budgets.budgets import Mine
from bot.services.memory import Kept
from bot.services.watch.insights.mine import Mine as MyUse
from bot.slack.screens.accounts import tokens as access
from bot.slack.screens.agents import granting
from bot.slack.screens.approvals.allowed import on_home
from bot.slack.screens.blocks.elements import Block, View, context, divider, header, section
from bot.slack.screens.connections import listing as connections
from bot.slack.screens.governing import tabs
from bot.slack.screens.links import listing as links
from bot.slack.screens.links.usage import chart
from bot.slack.screens.memory import section as memory
from bot.slack.screens.spending import mine
from bot.slack.screens.talking import beginning
from bot.slack.screens.turns import reminders as reminding
from storage.tables import AccessToken, Agent, Connection, Link, Reminder

GUIDES = (
    ("member", "asking and connecting"),
    ("creator", "chat links"),
    ("administrator", "administrators"),
    ("operator", "operators"),
)
FOR_MEMBERS = 2
WELCOME = "Connect your own tools, then ask me in a direct message or mention me in a channel."


def home(
    views: Sequence[ConnectionView],
    live: Sequence[Link],
    now: datetime,
    page: int = 0,
    leaving: Sequence[Connection] = (),
    *,
    admin: bool = False,
    links_page: int = 0,
    counts: links.Figures = links.NO_FIGURES,
    starts: Sequence[tuple[date, int]] = (),
    kept: Kept | None = None,
    month: Mine | None = None,
    reminders: Sequence[Reminder] = (),
    tokens: Sequence[AccessToken] | None = None,
    agents: Sequence[Agent] = (),
    use: MyUse = mine.NO_USE,
    top: Sequence[Block] = (),
    more: Sequence[Block] = (),
    pages: str = "",
) -> View:
    """``page`` is that of the connections; ``top`` stands above all else that is the member's, and ``more`` below.

    ``admin``: with the way to what only they see; ``pages``: where Usher's own are, if they can be had.
    """
    new = _new(views, leaving, live, month)
    blocks = [
        *(tabs.rows(tabs.MINE) if admin else []),
        *top,
        *(beginning.first_steps() if new else [section(WELCOME)]),
        header("My connections"),
        *connections.listed(views, page, leaving, first=not new),
        *on_home(views),
        *granting.on_home(agents),
        divider(),
        header("My temporary chat links"),
        *([section(chart(starts))] if any(number for _, number in starts) else []),
        *links.listed(live, now, page=links_page, counts=counts, first=not new),
        *([divider(), *mine.mine(month, use)] if month else []),
        divider(),
        header("My reminders"),
        *reminding.waiting(reminders),
        *([divider(), header("My memory"), *memory.listed(kept)] if kept else []),
        *([divider(), header("My access tokens"), *access.listed(tokens)] if tokens is not None else []),
        *more,
        context(_help(pages, admin=admin)),
    ]
    return {"type": "home", "blocks": blocks}


def _help(pages: str, *, admin: bool) -> str:
    told = "Also as commands: `/mcp help` and `/tempchat help`."
    shown = GUIDES if admin else GUIDES[:FOR_MEMBERS]
    links = " · ".join(f"<{pages}/guides/{name}|{words}>" for name, words in shown)
    return f"{told} Guides: {links}" if pages else told


def _new(
    views: Sequence[ConnectionView], leaving: Sequence[Connection], live: Sequence[Link], month: Mine | None
) -> bool:
    """Nothing was ever done here, as far as can be seen."""
    return not (views or leaving or live or (month and month.own.requests))
