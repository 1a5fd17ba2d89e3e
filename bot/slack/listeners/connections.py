"""The buttons beside a connection: test, tools, disconnect."""

from bot.errors import UserError
from bot.services.connections.values import ConnectionView
from bot.slack.acts.home import republish
from bot.slack.edge.interaction import Act
from bot.slack.edge.registration import Door
from bot.slack.screens import connections as screens
from bot.slack.screens import notices, tools
from bot.slack.screens.blocks.text import escaped
from bot.slack.services import Services


def hang(door: Door, services: Services) -> None:
    @door.action(screens.TEST)
    async def test(act: Act) -> None:
        await act.ack()
        view_id = await act.show(notices.working("Asking the server for its tools…", "Test"))
        try:
            told = await show_test(act, services, act.value)
        except UserError as error:
            told = escaped(str(error))
        await act.update(view_id, notices.notice(told, title="Test"))
        await republish(act.client, services, act.member)

    @door.action(screens.TOOLS)
    async def show(act: Act) -> None:
        await act.ack()
        await show_tools(act, services, act.value)

    @door.action(screens.DISCONNECT)
    async def disconnect(act: Act) -> None:
        await act.ack()
        gone = await services.connections.disconnect(act.member, act.value)
        if act.channel:
            await act.reply(screens.disconnected(gone.title), replace=True)
        await republish(act.client, services, act.member)


async def show_tools(act: Act, services: Services, connection_id: str) -> None:
    """The modal opens at once: what triggers it is good for three seconds only."""
    view_id = await act.show(notices.working("Looking up the tools…", "Tools"))
    try:
        found = await view_of(act, services, connection_id)
    except UserError as error:
        await act.update(view_id, notices.notice(escaped(str(error)), title="Tools"))
        return
    await act.update(view_id, tools.tools(found.connection, found.tools))


async def view_of(act: Act, services: Services, connection_id: str) -> ConnectionView:
    """Raises `UserError` when it is not the member's, or not there any more."""
    mine = await services.connections.of(act.member)
    if found := next((view for view in mine if view.connection.id == connection_id), None):
        return found
    raise UserError("That connection is not there any more.")


async def show_test(act: Act, services: Services, connection_id: str) -> str:
    """How it went, as a line."""
    tested = await services.connections.test(act.member, connection_id)
    return screens.tested(tested.sentence, ok=tested.ok)
