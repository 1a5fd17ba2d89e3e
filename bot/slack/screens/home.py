"""The Home tab: my connections and my links, with their buttons."""

from collections.abc import Sequence
from datetime import datetime

from bot.services.connections.values import ConnectionView
from bot.slack.screens import links
from bot.slack.screens.blocks.elements import View, actions, button, context, divider, header, section
from bot.slack.screens.cards import listing as cards
from bot.slack.screens.connections import listing as connections
from storage.tables import Connection, Link

WELCOME = "Connect your own tools, then ask me in a direct message or mention me in a channel."


def home(
    views: Sequence[ConnectionView],
    mine: Sequence[Link],
    now: datetime,
    page: int = 0,
    leaving: Sequence[Connection] = (),
    *,
    admin: bool = False,
) -> View:
    """``page`` is that of the connections; ``admin``: with what only they may do."""
    blocks = [
        section(WELCOME),
        header("My connections"),
        *connections.listed(views, page, leaving),
        divider(),
        header("My temporary chat links"),
        *links.listed(mine, now),
        *([divider(), header("For admins"), actions(button("Workspace cards", cards.OPEN))] if admin else []),
        context("Also as commands: `/mcp help` and `/tempchat help`."),
    ]
    return {"type": "home", "blocks": blocks}
