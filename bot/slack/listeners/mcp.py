"""/mcp: the words after it, each answered for the member's eyes only."""

import asyncio

from bot.slack.edge import command_words
from bot.slack.edge.interaction import Act
from bot.slack.edge.registration import Door
from bot.slack.listeners import connecting
from bot.slack.listeners.connections import show_test, show_tools
from bot.slack.screens import connections as screens
from bot.slack.screens import help as usage
from bot.slack.services import Services
from run_cards import CARDS

COMMAND = "/mcp"


def hang(door: Door, services: Services) -> None:
    @door.command(COMMAND)
    async def mcp(act: Act) -> None:
        text = act.payload.get("text") or ""
        word, rest = command_words.split(text)
        if command_words.looks_secret(text):
            await act.ack(text=usage.REFUSED)
        elif word == "connect":
            await connecting.start(act, services, rest)
        elif word in ("list", "tools", "test", "disconnect"):
            await act.ack()
            await _ABOUT[word](act, services, rest)
        elif word in ("", "help"):
            await act.ack(text="What /mcp can do", blocks=usage.mcp([card.name for card in CARDS]))
        else:
            await act.ack(text=usage.did_you_mean(COMMAND, command_words.nearest(word, usage.MCP)))


async def _list(act: Act, services: Services, _: str) -> None:
    mine = await services.connections.of(act.member)
    await act.reply("Your connections", screens.listed(mine))


async def _tools(act: Act, services: Services, name: str) -> None:
    if connection_id := await _meant(act, services, name, "Which tools?"):
        await show_tools(act, services, connection_id)


async def _test(act: Act, services: Services, name: str) -> None:
    if name:
        tested = [await services.connections.find(act.member, name)]
    else:
        tested = [view.connection for view in await services.connections.of(act.member)]
    if not tested:
        await _list(act, services, "")
        return
    told = await asyncio.gather(*(show_test(act, services, connection.id) for connection in tested))
    await act.reply("\n".join(told))


async def _disconnect(act: Act, services: Services, name: str) -> None:
    if not name:
        await _choose(act, services, "Disconnect which one?")
        return
    connection = await services.connections.find(act.member, name)
    await act.reply(f"Disconnect {connection.title}?", screens.disconnect_question(connection))


async def _meant(act: Act, services: Services, name: str, doing: str) -> str | None:
    """The connection named, or the only one; else the member is asked which."""
    if name:
        return (await services.connections.find(act.member, name)).id
    mine = await services.connections.of(act.member)
    if len(mine) == 1:
        return mine[0].connection.id
    await _choose(act, services, doing)
    return None


async def _choose(act: Act, services: Services, doing: str) -> None:
    mine = await services.connections.of(act.member)
    await act.reply(doing, screens.choose(mine, doing) if mine else screens.listed(mine))


_ABOUT = {"list": _list, "tools": _tools, "test": _test, "disconnect": _disconnect}
