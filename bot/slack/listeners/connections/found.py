"""A member's connections, looked up for what they see of them."""

from bot.errors import UserError
from bot.services.connections.entering.signing_in import NOT_THERE
from bot.services.connections.values import ConnectionView
from bot.slack.edge.interaction import Interaction
from bot.slack.screens.blocks.elements import Block, View
from bot.slack.screens.connections.listing import listed
from bot.slack.screens.connections.tool_filters import Looking
from bot.slack.screens.connections.tools import tools
from bot.slack.services import Services


async def view_of(interaction: Interaction, services: Services, connection_id: str) -> ConnectionView:
    """Raises `UserError` when it is not the member's, or not there any more."""
    mine = await services.connections.of(interaction.member)
    if found := next((view for view in mine if view.connection.id == connection_id), None):
        return found
    raise UserError(NOT_THERE)


async def my_list(interaction: Interaction, services: Services, page: int = 0) -> list[Block]:
    """All of them, and those that can still be kept."""
    mine = await services.connections.of(interaction.member)
    return listed(mine, page, await services.connections.leaving(interaction.member))


def tools_window(found: ConnectionView, looking: Looking | None = None, told: str = "") -> View:
    """Its tools, and what of them runs without asking; ``told`` is what has to be said on top, escaped already."""
    return tools(found.connection, found.tools, looking, told, costs=found.costs, allowed=found.allowed)
