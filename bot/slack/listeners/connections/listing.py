"""The buttons beside a connection: test, sign in again, tools, disconnect; and the pages of the list."""

from bot.errors import UserError
from bot.services.connections.values import ConnectionView
from bot.slack.acts.greeting import suggest
from bot.slack.acts.home import publish
from bot.slack.acts.testing import tested
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.signing_in import begin_sign_in
from bot.slack.listeners.connections.submissions import told_in
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import View, actions, section
from bot.slack.screens.connections import listing as screens
from bot.slack.screens.connections import tools
from bot.slack.services import Services
from mcp_runtime.states import State, state_of

ASKING = "Asking the server for its tools… This may take up to 20 seconds."


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.TEST)
    async def test(interaction: Interaction) -> None:
        await interaction.ack()
        view_id = await interaction.show(notices.working(ASKING, "Test"))
        async with told_in(interaction, view_id, "Test"):
            told = await tested(services, interaction.member, interaction.value)
            await interaction.update(view_id, await _outcome(interaction, services, told))
        await suggest(interaction.client, services, interaction.member)

    @registry.action(screens.SIGN_IN)
    async def sign_in(interaction: Interaction) -> None:
        await interaction.ack()
        await begin_sign_in(interaction, services, interaction.value)

    @registry.action(screens.TOOLS)
    async def show(interaction: Interaction) -> None:
        await interaction.ack()
        await show_tools(interaction, services, interaction.value)

    @registry.action(f"{screens.PAGE}.back")
    @registry.action(f"{screens.PAGE}.more")
    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        page = int(interaction.value)
        if interaction.channel:
            mine = await services.connections.of(interaction.member)
            await interaction.reply("Your connections", screens.listed(mine, page), replace=True)
        else:
            await publish(interaction.client, services, interaction.member, page)

    @registry.action(screens.DISCONNECT)
    async def disconnect(interaction: Interaction) -> None:
        await interaction.ack()
        gone = await services.connections.disconnect(interaction.member, interaction.value)
        if interaction.channel:
            again = await services.card_for(interaction.member, gone.card) is not None
            blocks = screens.disconnected_blocks(gone.title, gone.card if again else "")
            await interaction.reply(screens.disconnected(gone.title), blocks, replace=True)
        elif interaction.in_modal:
            told = notices.notice(screens.disconnected(gone.title), title="Disconnected")
            await interaction.update(interaction.view["id"], told)
        await suggest(interaction.client, services, interaction.member)


async def show_tools(interaction: Interaction, services: Services, connection_id: str) -> None:
    """The modal opens at once: what triggers it is good for three seconds only."""
    view_id = await interaction.show(notices.working("Looking up the tools…", "Tools"))
    async with told_in(interaction, view_id, "Tools"):
        found = await view_of(interaction, services, connection_id)
        await interaction.update(view_id, tools.tools(found.connection, found.tools))


async def view_of(interaction: Interaction, services: Services, connection_id: str) -> ConnectionView:
    """Raises `UserError` when it is not the member's, or not there any more."""
    mine = await services.connections.of(interaction.member)
    if found := next((view for view in mine if view.connection.id == connection_id), None):
        return found
    raise UserError("That connection is not there any more.")


async def _outcome(interaction: Interaction, services: Services, told: str) -> View:
    """With the button that cures it, where there is one."""
    mine = await services.connections.of(interaction.member)
    found = next((view.connection for view in mine if view.connection.id == interaction.value), None)
    cure = [screens.sign_in_button(found)] if found and state_of(found) is State.NEEDS_SIGN_IN else []
    blocks = [section(told), *([actions(*cure)] if cure else [])]
    return notices.notice(told, blocks, title="Test")
