"""A connection is disconnected: what stops with it, and the way back for a minute."""

from collections.abc import Sequence

from bot.services.connections.leaving import UNDO_FOR
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, modal, section
from bot.slack.screens.blocks.text import count, safe, when
from storage.tables import Connection

DISCONNECT = "connection.disconnect"
KEEP = "connection.keep"
UNDO = "connection.undo"
AGAIN = "connection.again"
FORM = "connection.disconnect_form"
TITLE = "Disconnect"
NAMED = 5

AFTERWARDS = "You can undo it for a minute. After that its token, if it has one, is deleted."


def question(connection: Connection, leaning: Sequence[str], tools: int, then: str = "") -> View:
    """``leaning`` are titles of the links that have tools of it; ``then`` is the card that it makes room for."""
    blocks = [section(_asked(connection)), *(section(text) for text in _stops(leaning, tools)), context(AFTERWARDS)]
    about = f"{connection.id}:{then}"
    return modal(TITLE, blocks, callback_id=FORM, submit="Disconnect", close="Keep it", metadata=about)


def question_blocks(connection: Connection, leaning: Sequence[str], tools: int) -> list[Block]:
    """After `/mcp disconnect name`: this is the question, so the press asks no other."""
    title = connection.title
    go = button("Disconnect", DISCONNECT, connection.id, style="danger", label=f"Disconnect {title}")
    keep = button("Keep it", KEEP, title, label=f"Keep {title}")
    told = "\n".join([_asked(connection), *_stops(leaning, tools)])
    return [section(told), context(AFTERWARDS), actions(go, keep)]


def _asked(connection: Connection) -> str:
    return f"Disconnect *{safe(connection.title, 80)}*?"


def _stops(leaning: Sequence[str], tools: int) -> list[str]:
    told = [f"Its {count(tools, 'tool')} {'stops' if tools == 1 else 'stop'} at once."] if tools else []
    if leaning:
        named = ", ".join(f"“{safe(title, 60)}”" for title in leaning[:NAMED])
        more = f" and {len(leaning) - NAMED} more" if len(leaning) > NAMED else ""
        lose = "This chat link loses" if len(leaning) == 1 else "These chat links lose"
        told.append(f":warning: {lose} its tools: {named}{more}.")
    return told


def disconnected(connection: Connection) -> str:
    return f"{safe(connection.title, 80)} is disconnected."


def disconnected_blocks(connection: Connection) -> list[Block]:
    until = f" Until {when(connection.leaving_since + UNDO_FOR)} you can undo it." if connection.leaving_since else ""
    undo = button("Undo", UNDO, f"{connection.id}:{connection.card}", label=f"Undo: keep {connection.title}")
    return [section(f"{disconnected(connection)}{until}", undo)]


def stays(title: str) -> str:
    return f"{safe(title, 80)} stays connected."


def kept(connection: Connection) -> str:
    name = safe(connection.title, 80)
    return f":leftwards_arrow_with_hook: {name} is connected again, with its tools as they were."


def gone_blocks(told: str, card: str) -> list[Block]:
    """``told`` is escaped already; ``card`` makes it anew, and is empty when there is none."""
    return [section(told), *([actions(button("Connect it again", AGAIN, card))] if card else [])]
