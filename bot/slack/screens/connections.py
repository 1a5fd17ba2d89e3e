"""A member's connections, with what can be done about each."""

from collections.abc import Sequence

from bot.services.connections.values import ConnectionView
from bot.slack.screens.blocks.elements import Block, actions, button, context, section, sure
from bot.slack.screens.blocks.text import count, safe
from storage.tables import Connection, PinnedTool

CONNECT = "connection.connect"
TEST = "connection.test"
TOOLS = "connection.tools"
DISCONNECT = "connection.disconnect"
AGAIN = "connection.again"

NONE_YET = "Nothing is connected yet."
MOST = 20


def listed(views: Sequence[ConnectionView]) -> list[Block]:
    """For an ephemeral answer and for the Home tab alike."""
    if not views:
        return [section(f"{NONE_YET} A good first one is *Time*: it takes one click."), actions(connect_button())]
    blocks = [block for view in views[:MOST] for block in row(view)]
    return [*blocks, actions(connect_button(primary=False))]


def connect_button(*, primary: bool = True) -> Block:
    return button("Connect a tool", CONNECT, style="primary" if primary else "")


def row(view: ConnectionView) -> list[Block]:
    connection = view.connection
    name = safe(connection.title, 80)
    mark = ":warning:" if connection.trouble else ":white_check_mark:"
    state = f"not working: {safe(connection.trouble, 300)}" if connection.trouble else _summary(view.tools)
    return [
        section(f"{mark} *{name}*  {state}"),
        actions(
            test_button(connection),
            button("Tools", TOOLS, connection.id, label=f"Tools of {connection.title}"),
            disconnect_button(connection),
        ),
    ]


def test_button(connection: Connection) -> Block:
    return button("Test", TEST, connection.id, label=f"Test {connection.title}")


def _summary(tools: Sequence[PinnedTool]) -> str:
    there = [tool for tool in tools if tool.state != "gone"]
    changed = sum(tool.state == "set_aside" for tool in there)
    told = count(len(there), "tool")
    return f"{told}, {changed} changed and waiting for you" if changed else told


def disconnect_button(connection: Connection) -> Block:
    title = connection.title
    confirm = sure(
        f"Disconnect {title}?",
        f"The tools of *{safe(title, 80)}* go away; its token, if it has one, is deleted.",
        "Disconnect",
    )
    return button("Disconnect", DISCONNECT, connection.id, style="danger", confirm=confirm, label=f"Disconnect {title}")


def disconnect_question(connection: Connection) -> list[Block]:
    """After `/mcp disconnect name`: a press and a yes are still to come."""
    return [
        section(f"Disconnect *{safe(connection.title, 80)}*? Its tools go away; its token, if it has one, is deleted."),
        actions(disconnect_button(connection)),
    ]


def choose(views: Sequence[ConnectionView], doing: str) -> list[Block]:
    """Which one is meant, when a command named none."""
    return [context(f"{doing} Choose a connection:"), *listed(views)]


def instead(told: str, views: Sequence[ConnectionView]) -> list[Block]:
    """After a name that nothing has: what may have been meant, or what there is. ``told`` is escaped already."""
    return [section(told), *listed(views)]


def disconnected(title: str) -> str:
    return f"{safe(title, 80)} is disconnected; its token, if it had one, is deleted."


def disconnected_blocks(title: str, card: str) -> list[Block]:
    """It cannot be undone; ``card`` makes it anew, and is empty when there is none."""
    again = button("Connect it again", AGAIN, card)
    return [section(disconnected(title)), *([actions(again)] if card else [])]


def tested(sentence: str, *, ok: bool) -> str:
    return f"{':white_check_mark:' if ok else ':warning:'} {safe(sentence, 1000)}"
