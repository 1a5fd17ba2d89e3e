"""/mcp: the words after it, each answered for the member's eyes only."""

import asyncio

from bot.slack.edge import command_words
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners import connecting
from bot.slack.listeners.connections import show_test, show_tools
from bot.slack.screens import connections as screens
from bot.slack.screens import help as usage
from bot.slack.services import Services

COMMAND = "/mcp"


def hang(registry: Registry, services: Services) -> None:
    @registry.command(COMMAND)
    async def mcp(interaction: Interaction) -> None:
        text = interaction.payload.get("text") or ""
        word, rest = command_words.split(text)
        if command_words.looks_secret(text):
            await interaction.ack(text=usage.REFUSED)
        elif word == "connect":
            await connecting.start(interaction, services, rest)
        elif word in ("list", "tools", "test", "disconnect"):
            await interaction.ack()
            await _ABOUT[word](interaction, services, rest)
        elif word in ("", "help"):
            await interaction.ack(text="What /mcp can do", blocks=usage.mcp([card.name for card in services.cards]))
        else:
            await interaction.ack(text=usage.did_you_mean(COMMAND, command_words.nearest(word, usage.MCP)))


async def _list(interaction: Interaction, services: Services, _: str) -> None:
    mine = await services.connections.of(interaction.member)
    await interaction.reply("Your connections", screens.listed(mine))


async def _tools(interaction: Interaction, services: Services, name: str) -> None:
    if connection_id := await _meant(interaction, services, name, "Which tools?"):
        await show_tools(interaction, services, connection_id)


async def _test(interaction: Interaction, services: Services, name: str) -> None:
    if name:
        tested = [await services.connections.find(interaction.member, name)]
    else:
        tested = [view.connection for view in await services.connections.of(interaction.member)]
    if not tested:
        await _list(interaction, services, "")
        return
    told = await asyncio.gather(*(show_test(interaction, services, connection.id) for connection in tested))
    await interaction.reply("\n".join(told))


async def _disconnect(interaction: Interaction, services: Services, name: str) -> None:
    if not name:
        await _choose(interaction, services, "Disconnect which one?")
        return
    connection = await services.connections.find(interaction.member, name)
    await interaction.reply(f"Disconnect {connection.title}?", screens.disconnect_question(connection))


async def _meant(interaction: Interaction, services: Services, name: str, doing: str) -> str | None:
    """The connection named, or the only one; else the member is asked which."""
    if name:
        return (await services.connections.find(interaction.member, name)).id
    mine = await services.connections.of(interaction.member)
    if len(mine) == 1:
        return mine[0].connection.id
    await _choose(interaction, services, doing)
    return None


async def _choose(interaction: Interaction, services: Services, doing: str) -> None:
    mine = await services.connections.of(interaction.member)
    await interaction.reply(doing, screens.choose(mine, doing) if mine else screens.listed(mine))


_ABOUT = {"list": _list, "tools": _tools, "test": _test, "disconnect": _disconnect}
