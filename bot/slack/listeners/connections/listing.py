"""The menu beside a connection, and the pages of the list."""

from bot.slack.acts.connections.testing import Outcome, tested, told_by_and_by
from bot.slack.acts.home import publish
from bot.slack.acts.installed.greeting import suggest
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections import departing, pausing
from bot.slack.listeners.connections.editing import edit
from bot.slack.listeners.connections.found import my_list, tools_window, view_of
from bot.slack.listeners.connections.signing_in import begin_sign_in
from bot.slack.listeners.connections.submissions import told_in
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import View, actions
from bot.slack.screens.connections import listing as screens
from bot.slack.screens.connections.testing import all_of
from bot.slack.services import Services
from mcp_runtime.states import State, state_of

TEST_TITLE = "Test"
SHORTCUT = "my_connections"
ASKING = "Asking the server for its tools… This may take up to 20 seconds."


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.TEST)
    async def test(interaction: Interaction) -> None:
        await interaction.ack()
        await _test(interaction, services, interaction.value)

    @registry.action(screens.TEST_ALL)
    async def test_all(interaction: Interaction) -> None:
        await interaction.ack()
        await _test_all(interaction, services)

    @registry.action(screens.MENU)
    async def choose(interaction: Interaction) -> None:
        await interaction.ack()
        verb, connection_id = screens.chosen(interaction.value)
        if act := _ACTS.get(verb):
            await act(interaction, services, connection_id)

    @registry.action(screens.SIGN_IN)
    async def sign_in(interaction: Interaction) -> None:
        await interaction.ack()
        await begin_sign_in(interaction, services, interaction.value)

    @registry.action(screens.TOOLS)
    async def show(interaction: Interaction) -> None:
        await interaction.ack()
        await show_tools(interaction, services, interaction.value)

    @registry.shortcut(SHORTCUT)
    async def show_list(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(screens.window(await my_list(interaction, services)))

    @registry.action(f"{screens.PAGE}.back")
    @registry.action(f"{screens.PAGE}.more")
    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        page = int(interaction.value)
        if interaction.channel:
            await interaction.reply("Your connections", await my_list(interaction, services, page), replace=True)
        elif interaction.in_modal:
            await interaction.update(interaction.view["id"], screens.window(await my_list(interaction, services, page)))
        else:
            await publish(interaction.client, services, interaction.member, page)


async def _test(interaction: Interaction, services: Services, connection_id: str) -> None:
    working = notices.working(ASKING, TEST_TITLE)
    if interaction.view.get("callback_id") == screens.TEST_WINDOW and await interaction.update(
        interaction.view["id"], working
    ):
        view_id = str(interaction.view["id"])  # once more, in the same window
    else:
        view_id = await interaction.show(working)
    async with told_in(interaction, view_id, TEST_TITLE):
        found = await tested(services, interaction.member, connection_id)
        await interaction.update(view_id, await _outcome(interaction, services, connection_id, found))
    await suggest(interaction.client, services, interaction.member)


async def _test_all(interaction: Interaction, services: Services) -> None:
    """In one window, which tells who has answered by now."""
    view_id = await interaction.show(notices.working(ASKING, TEST_TITLE))
    async with told_in(interaction, view_id, TEST_TITLE):
        mine = [view.connection for view in await services.connections.of(interaction.member)]
        lines = [] if mine else [screens.NONE_YET]
        if not mine:
            await interaction.update(view_id, all_of(lines, []))
        async for outcomes, left in told_by_and_by(services, interaction.member, mine):
            lines += [each.line for each in outcomes]
            await interaction.update(view_id, all_of(lines, [each.title for each in left]))
    await suggest(interaction.client, services, interaction.member)


async def show_tools(interaction: Interaction, services: Services, connection_id: str) -> None:
    """The modal opens at once: what triggers it is good for three seconds only."""
    view_id = await interaction.show(notices.working("Looking up the tools…", "Tools"))
    async with told_in(interaction, view_id, "Tools"):
        found = await view_of(interaction, services, connection_id)
        await interaction.update(view_id, tools_window(found))


async def _outcome(interaction: Interaction, services: Services, connection_id: str, outcome: Outcome) -> View:
    """With the button that cures it, where there is one."""
    mine = await services.connections.of(interaction.member)
    found = next((view.connection for view in mine if view.connection.id == connection_id), None)
    cures = {State.NEEDS_SIGN_IN: screens.sign_in_button, State.NOT_ANSWERING: screens.test_button}
    state = state_of(found) if found else None
    cure = [cures[state](found)] if found and state in cures else []
    blocks = [*outcome.card, *([actions(*cure)] if cure else [])]
    return notices.notice(outcome.line, blocks, title=TEST_TITLE) | {"callback_id": screens.TEST_WINDOW}


async def _disconnect(interaction: Interaction, services: Services, connection_id: str) -> None:
    await departing.ask(interaction, services, await view_of(interaction, services, connection_id))


_ACTS = {
    "test": _test,
    "sign_in": begin_sign_in,
    "tools": show_tools,
    "edit": edit,
    "pause": pausing.pause,
    "resume": pausing.resume,
    "disconnect": _disconnect,
}
