"""The Home tab: my connections, links and reminders, with their buttons, and what I have used."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.services.chats.ending.ratings import Figures
from bot.services.connections.values import ConnectionView
from bot.services.limits.budgets.budgets import Mine
from bot.services.memory import Kept
from bot.slack.screens.accounts import tokens as access
from bot.slack.screens.agents import granting
from bot.slack.screens.agents import listing as making
from bot.slack.screens.approvals import counted
from bot.slack.screens.approvals.allowed import on_home
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, divider, header, section
from bot.slack.screens.cards import listing as cards
from bot.slack.screens.connections import listing as connections
from bot.slack.screens.governing import audit
from bot.slack.screens.links import listing as links
from bot.slack.screens.links.usage import chart
from bot.slack.screens.memory import retention
from bot.slack.screens.memory import section as memory
from bot.slack.screens.spending import budgets
from bot.slack.screens.spending.mine import mine as mine_of
from bot.slack.screens.talking import openness
from bot.slack.screens.turns import closing
from bot.slack.screens.turns import reminders as reminding
from storage.tables import AccessToken, Agent, Connection, Link, Reminder

SANDBOX = {
    "reduced": "Programs that I start run in a reduced sandbox here: they see only their files, and those that need "
    "the network are refused.",
    "none": "There is no sandbox here for programs that I start, so connections that need one are refused.",
    "off": "The sandbox is switched off: programs that I start may do all that I may do on this machine.",
}
"""By the name of its level; of a full one there is nothing to tell."""
CURE = "Whoever runs this installation finds the reason and the cure with `usher doctor`."
WELCOME = "Connect your own tools, then ask me in a direct message or mention me in a channel."


def home(
    views: Sequence[ConnectionView],
    mine: Sequence[Link],
    now: datetime,
    page: int = 0,
    leaving: Sequence[Connection] = (),
    *,
    admin: bool = False,
    sandbox: str = "full",
    links_page: int = 0,
    counts: links.Figures = links.NO_FIGURES,
    starts: Sequence[tuple[date, int]] = (),
    kept: Kept | None = None,
    month: Mine | None = None,
    reminders: Sequence[Reminder] = (),
    ratings: Figures | None = None,
    tokens: Sequence[AccessToken] | None = None,
    agents: Sequence[Agent] = (),
    more: Sequence[Block] = (),
) -> View:
    """``page`` is that of the connections; ``more`` stands below all else that is the member's.

    ``admin``: with what only they may do, and should know.
    """
    blocks = [
        section(WELCOME),
        header("My connections"),
        *connections.listed(views, page, leaving),
        *on_home(views),
        *granting.on_home(agents),
        divider(),
        header("My temporary chat links"),
        *([section(chart(starts))] if any(number for _, number in starts) else []),
        *links.listed(mine, now, page=links_page, counts=counts),
        *([divider(), *mine_of(month)] if month else []),
        divider(),
        header("My reminders"),
        *reminding.waiting(reminders),
        *([divider(), header("My memory"), *memory.listed(kept)] if kept else []),
        *([divider(), header("My access tokens"), *access.listed(tokens)] if tokens is not None else []),
        *more,
        *(_for_admins(sandbox, ratings, remembers=kept is not None) if admin else []),
        context("Also as commands: `/mcp help` and `/tempchat help`."),
    ]
    return {"type": "home", "blocks": blocks}


def _for_admins(sandbox: str, ratings: Figures | None, *, remembers: bool) -> list[Block]:
    told = [section(f":warning: {SANDBOX[sandbox]} {CURE}")] if sandbox in SANDBOX else []
    rated = closing.figures(ratings) if ratings else []
    return [divider(), header("For admins"), *told, *rated, _acts(remembers=remembers)]


def _acts(*, remembers: bool) -> Block:
    forget = [button("Forget after a time", retention.OPEN)] if remembers else []
    cards_and_money = (button("Workspace cards", cards.OPEN), button("Budgets", budgets.OPEN))
    made = button(making.BUTTON, making.OPEN, label="Agents of this workspace")
    who = button(openness.BUTTON, openness.OPEN)
    return actions(made, *cards_and_money, counted.open_button(), who, audit.open_button(), *forget)
