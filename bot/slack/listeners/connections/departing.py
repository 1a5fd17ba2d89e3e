"""A connection is disconnected after a question, and had back by Undo."""

from bot.errors import UserError
from bot.services.connections.values import ConnectionView
from bot.slack.acts.installed.greeting import suggest
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.found import view_of
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import Block, View
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.connections import departures as screens
from bot.slack.screens.connections.full import MAKE_ROOM, now_room
from bot.slack.screens.connections.listing import LEAVE
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.DISCONNECT)
    async def pressed(interaction: Interaction) -> None:
        await interaction.ack()
        await _disconnect(interaction, services, interaction.value)

    @registry.action(screens.KEEP)
    async def stays(interaction: Interaction) -> None:
        await interaction.ack()
        told = screens.stays(interaction.value)
        await _put(interaction, told, screens.gone_blocks(told, ""))

    @registry.action(LEAVE)
    async def chosen(interaction: Interaction) -> None:
        await interaction.ack()
        await ask(interaction, services, await view_of(interaction, services, interaction.value))

    @registry.action(MAKE_ROOM)
    async def make_room(interaction: Interaction) -> None:
        """In the same window, in which it goes on with what there is room for then."""
        await interaction.ack()
        connection_id, _, card = interaction.value.partition(":")
        found = await view_of(interaction, services, connection_id)
        question = await _question(interaction, services, found, then=card)
        await interaction.update(interaction.view["id"], question)

    @registry.view(screens.FORM)
    async def submitted(interaction: Interaction) -> None:
        connection_id, _, then = str(interaction.view["private_metadata"]).partition(":")
        left = await services.connections.leave(interaction.member, connection_id)
        card = await services.card_for(interaction.member, then) if then else None
        blocks = [*screens.disconnected_blocks(left), *(now_room(card) if card else [])]
        await interaction.ack_with(notices.notice("", blocks, title="Disconnected"))
        await suggest(interaction.client, services, interaction.member)

    @registry.action(screens.UNDO)
    async def undo(interaction: Interaction) -> None:
        await interaction.ack()
        connection_id, _, card = interaction.value.partition(":")
        try:
            kept = await services.connections.keep(interaction.member, connection_id)
        except UserError as error:
            told, again = unmarked(str(error)), card if await services.card_for(interaction.member, card) else ""
            await _put(interaction, told, screens.gone_blocks(told, again), aloud=True)
            return
        told = screens.kept(kept)
        await _put(interaction, told, screens.gone_blocks(told, ""))
        await suggest(interaction.client, services, interaction.member)


async def ask(interaction: Interaction, services: Services, found: ConnectionView) -> None:
    """In a window, where a press in a menu can still be thought over."""
    await interaction.show(await _question(interaction, services, found))


async def ask_below(interaction: Interaction, services: Services, found: ConnectionView) -> None:
    """As an answer to a command."""
    leaning = await services.connections.leans_on(interaction.member, found.connection.id)
    blocks = screens.question_blocks(found.connection, leaning, _tools(found))
    await interaction.reply(f"Disconnect {unmarked(found.connection.title)}?", blocks)


async def _question(interaction: Interaction, services: Services, found: ConnectionView, then: str = "") -> View:
    leaning = await services.connections.leans_on(interaction.member, found.connection.id)
    return screens.question(found.connection, leaning, _tools(found), then)


async def _disconnect(interaction: Interaction, services: Services, connection_id: str) -> None:
    left = await services.connections.leave(interaction.member, connection_id)
    await _put(interaction, screens.disconnected(left), screens.disconnected_blocks(left))
    await suggest(interaction.client, services, interaction.member)


async def _put(interaction: Interaction, told: str, blocks: list[Block], *, aloud: bool = False) -> None:
    """In the place of what was pressed; the Home tab follows by itself, unless nothing has changed: ``aloud``."""
    if interaction.in_modal:
        await interaction.update(interaction.view["id"], notices.notice(told, blocks, title="Disconnect"))
    elif interaction.channel:
        await interaction.reply(told, blocks, replace=True)
    elif aloud:
        await interaction.reply(told, blocks)


def _tools(found: ConnectionView) -> int:
    return sum(tool.state != "gone" for tool in found.tools)
