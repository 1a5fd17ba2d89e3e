"""No more connections may be made: what the limit is, when it lifts, and the one to do without."""

from bot.services.connections.values import TooMany
from bot.slack.screens.blocks.elements import Block, View, actions, alert, button, context, modal, section
from bot.slack.screens.blocks.text import count, safe, unmarked, when
from bot.slack.screens.connections import picker
from bot.slack.screens.talking.help import RUN_MCP
from run_cards.card import RunCard

MAKE_ROOM = "connection.make_room"
TITLE = picker.TITLE
MORE = "Your workspace's admins can allow more."


def full(limit: TooMany, card: RunCard) -> View:
    """``card`` is what was to be connected; it is offered again once there is room."""
    least, name = limit.least, safe(limit.least.title, 80)
    told = f"You have {count(limit.there, 'connection')}, as many as are allowed here."
    room = f"*{unmarked(card.title)}* can be connected as soon as you disconnect one. This one you have used least:"
    used = f"Last used {when(least.last)}" if least.last else f"Never used · connected {when(least.made)}"
    go = button("Disconnect…", MAKE_ROOM, f"{least.id}:{card.name}", label=f"Disconnect… {least.title}")
    return modal(
        TITLE,
        [
            alert(told, "warning"),
            section(room),
            section(f"*{name}*\n{used}", go),
            context(f"I ask you once more before it goes, and you can undo it for a minute. {MORE}"),
            actions(button("All my connections", RUN_MCP, "list")),
        ],
    )


def now_room(card: RunCard) -> list[Block]:
    """After that one is gone: on with what was to be connected."""
    return [actions(button(f"Connect {card.title}", picker.PICK, card.name, style="primary"))]
