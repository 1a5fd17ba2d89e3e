"""A window with a list in it: opened by a button, and its pages turned."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.submissions import told_in
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import View


@dataclass(frozen=True)
class Window:
    """``opened`` is the button's name, ``page`` what those that turn pages begin with, ``looking`` said meanwhile."""

    opened: str
    page: str
    title: str
    looking: str


def hang_window(registry: Registry, window: Window, drawn: Callable[[Interaction, int], Awaitable[View]]) -> None:
    """``drawn`` makes the view of a page; raises `UserError` for whoever may not see it."""

    @registry.action(window.opened)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        view_id = await interaction.show(notices.working(window.looking, window.title))
        async with told_in(interaction, view_id, window.title):
            await interaction.update(view_id, await drawn(interaction, 0))

    @registry.action(f"{window.page}.back")
    @registry.action(f"{window.page}.more")
    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.update(interaction.view["id"], await drawn(interaction, int(interaction.value)))
