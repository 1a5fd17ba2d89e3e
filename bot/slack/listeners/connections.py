"""The buttons beside a connection: test, tools, disconnect."""

from bot.errors import UserError
from bot.services.connections.values import ConnectionView
from bot.slack.acts.greeting import connections_changed
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.screens import connections as screens
from bot.slack.screens import notices, tools
from bot.slack.screens.blocks.text import escaped
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.TEST)
    async def test(interaction: Interaction) -> None:
        await interaction.ack()
        view_id = await interaction.show(notices.working("Asking the server for its tools…", "Test"))
        try:
            told = await show_test(interaction, services, interaction.value)
        except UserError as error:
            told = escaped(str(error))
        await interaction.update(view_id, notices.notice(told, title="Test"))
        await connections_changed(interaction.client, services, interaction.member)

    @registry.action(screens.TOOLS)
    async def show(interaction: Interaction) -> None:
        await interaction.ack()
        await show_tools(interaction, services, interaction.value)

    @registry.action(screens.DISCONNECT)
    async def disconnect(interaction: Interaction) -> None:
        await interaction.ack()
        gone = await services.connections.disconnect(interaction.member, interaction.value)
        if interaction.channel:
            again = any(card.name == gone.card for card in services.cards)
            blocks = screens.disconnected_blocks(gone.title, gone.card if again else "")
            await interaction.reply(screens.disconnected(gone.title), blocks, replace=True)
        elif interaction.in_modal:
            told = notices.notice(screens.disconnected(gone.title), title="Disconnected")
            await interaction.update(interaction.view["id"], told)
        await connections_changed(interaction.client, services, interaction.member)


async def show_tools(interaction: Interaction, services: Services, connection_id: str) -> None:
    """The modal opens at once: what triggers it is good for three seconds only."""
    view_id = await interaction.show(notices.working("Looking up the tools…", "Tools"))
    try:
        found = await view_of(interaction, services, connection_id)
    except UserError as error:
        await interaction.update(view_id, notices.notice(escaped(str(error)), title="Tools"))
        return
    await interaction.update(view_id, tools.tools(found.connection, found.tools))


async def view_of(interaction: Interaction, services: Services, connection_id: str) -> ConnectionView:
    """Raises `UserError` when it is not the member's, or not there any more."""
    mine = await services.connections.of(interaction.member)
    if found := next((view for view in mine if view.connection.id == connection_id), None):
        return found
    raise UserError("That connection is not there any more.")


async def show_test(interaction: Interaction, services: Services, connection_id: str) -> str:
    """How it went, as a line."""
    tested = await services.connections.test(interaction.member, connection_id)
    return screens.tested(tested.sentence, ok=tested.ok)
