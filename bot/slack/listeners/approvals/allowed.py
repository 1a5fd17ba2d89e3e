"""What runs without a question is seen, and taken back."""

import json

from bot.errors import UserError
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.screens.approvals import allowed as screens
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.blocks.text import safe, unmarked
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.OPEN)
    async def see(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(await _window(interaction, services, 0))

    @registry.action(f"{screens.PAGE}.back")
    @registry.action(f"{screens.PAGE}.more")
    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        shown = await _window(interaction, services, int(interaction.value))
        await interaction.update(interaction.view["id"], shown)

    @registry.action(screens.ASK)
    async def ask_again(interaction: Interaction) -> None:
        await interaction.ack()
        try:
            told = screens.taken_back(safe(await _taken_back(interaction, services), 100))
        except UserError as error:  # shown as it is by now, with why nothing was taken back
            told = unmarked(str(error))
        page = int(interaction.view.get("private_metadata") or 0)
        await interaction.update(interaction.view["id"], await _window(interaction, services, page, told))


async def _taken_back(interaction: Interaction, services: Services) -> str:
    """The tool that asks again."""
    kind, *about = json.loads(interaction.value)
    if kind == "rule":
        return (await services.chats.deciding.take_back(interaction.member, about[0])).tool
    connection_id, tool = about
    await services.connections.choices.set_policy(interaction.member, connection_id, tool, "ask")
    return str(tool)


async def _window(interaction: Interaction, services: Services, page: int, told: str = "") -> View:
    member = interaction.member
    views = await services.connections.of(member)
    ids = {row.conversation_id for view in views for row in view.allowed if row.conversation_id}
    async with services.db.read() as tables:
        found = [await tables.conversations.get(member.workspace, each) for each in ids]
    chats = {each.id: each for each in found if each}
    return screens.window(screens.all_of(views, chats), page, told)
