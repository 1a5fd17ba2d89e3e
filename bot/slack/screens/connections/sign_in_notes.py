"""The one message of a connection that needs its member to sign in again, and how it ended."""

from bot.slack.screens.blocks.elements import Block, actions, section
from bot.slack.screens.blocks.text import safe
from bot.slack.screens.connections.listing import sign_in_button
from storage.tables import Connection

ASKED = ":key: *{title}* needs you to sign in again. Until then I cannot use its tools."
WELL = ":white_check_mark: *{title}* lets me in again."
GONE = "*{title}* is disconnected, so there is nothing to sign in to. Connect it again if you need it."


def asked(title: str) -> str:
    return ASKED.format(title=safe(title, 80))


def well(title: str) -> str:
    return WELL.format(title=safe(title, 80))


def gone(title: str) -> str:
    return GONE.format(title=safe(title, 80))


def blocks(connection: Connection) -> list[Block]:
    return [section(asked(connection.title)), actions(sign_in_button(connection))]


def closed(told: str) -> list[Block]:
    """Without the button, which would lead nowhere."""
    return [section(told)]
