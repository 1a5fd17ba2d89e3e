"""The list of tools: searched, and what may run without asking chosen by tool or for all; changes accepted."""

import asyncio
import json
from typing import Any

from bot.errors import UserError
from bot.services.connections.tool_choices import CHANGED_ONCE_MORE
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.found import tools_window, view_of
from bot.slack.screens.blocks.text import count, unmarked
from bot.slack.screens.connections import tool_filters as filters
from bot.slack.screens.connections import tool_lines as lines
from bot.slack.screens.connections import tools as screens
from bot.slack.screens.connections.tool_filters import Looking
from bot.slack.services import Services

OTHERS_BY_NOW = "Other tools match by now, so nothing was changed: look at them, and choose once more."
UNDER = "under"
"""In what is kept with a window that is read: the list below it."""
DONE = {
    "ask": "I ask before each call of {} now.",
    "always": "I do not ask any more before I call {}.",
    "off": "{} switched off: I do not see them.",
}


def hang(registry: Registry, services: Services) -> None:
    _choosing(registry, services)
    _accepting(registry, services)

    @registry.action(f"{screens.PAGE}.back")
    @registry.action(f"{screens.PAGE}.more")
    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        await _again(interaction, services, page=int(interaction.value))

    @registry.action(filters.SHOW)
    async def show(interaction: Interaction) -> None:
        await interaction.ack()
        typed = values_of(interaction.view).get(screens.SEARCH, "")
        await _again(interaction, services, page=0, show=interaction.value, words=typed)

    @registry.view(screens.SEARCH_FORM)
    async def search(interaction: Interaction) -> None:
        looking = Looking.of(interaction.view)
        typed = str(values_of(interaction.view).get(screens.SEARCH) or "")
        found = await view_of(interaction, services, looking.connection)
        looking = looking.elsewhere(words=typed)
        await interaction.ack_with(tools_window(found, looking))


def _choosing(registry: Registry, services: Services) -> None:
    @registry.action(filters.ALL)
    async def choose_for_all(interaction: Interaction) -> None:
        await interaction.ack()
        await _again(interaction, services, told=await _set_all(interaction, services))

    @registry.action(lines.POLICY)
    async def choose(interaction: Interaction) -> None:
        await interaction.ack()
        if interaction.value in lines.WORDS:
            tool = lines.tool_of(interaction.payload["block_id"])
            await services.connections.choices.set_policy(
                interaction.member, _connection(interaction), tool, interaction.value
            )
        await _again(interaction, services)

    @registry.action(screens.FORGET)
    async def forget(interaction: Interaction) -> None:
        await interaction.ack()
        tools = await services.connections.tools(interaction.member, _connection(interaction))
        always = [tool.name for tool in tools if tool.policy == "always"]
        await services.connections.choices.set_policies(interaction.member, _connection(interaction), always, "ask")
        await services.chats.deciding.forget(interaction.member, _connection(interaction))
        await _again(interaction, services)

    @registry.action(lines.FORGET_ONE)
    async def forget_one(interaction: Interaction) -> None:
        await interaction.ack()
        await services.chats.deciding.forget(interaction.member, _connection(interaction), interaction.value)
        await _again(interaction, services)

    @registry.action(screens.ACCEPT_WORDS)
    async def accept_words(interaction: Interaction) -> None:
        await interaction.ack()
        told = ""
        try:
            connection = _connection(interaction)
            await services.connections.choices.accept_instructions(interaction.member, connection, interaction.value)
        except UserError as error:  # shown as it is by now, with why nothing was accepted
            told = unmarked(str(error))
        await _again(interaction, services, told=told)


def _accepting(registry: Registry, services: Services) -> None:
    @registry.action(lines.READ)
    @registry.action(f"{lines.READ}.back")
    @registry.action(f"{lines.READ}.more")
    async def read(interaction: Interaction) -> None:
        """In a window on top: there may be more of a change than the list has room for."""
        await interaction.ack()
        name, pin, page = lines.leaf_of(interaction.value)
        found = await view_of(interaction, services, _connection(interaction))
        tool = next((each for each in found.tools if each.name == name and each.offered_pin == pin), None)
        if tool is None:
            raise UserError(CHANGED_ONCE_MORE)
        pages = await asyncio.to_thread(lines.to_read, tool)
        kept = json.loads(interaction.view["private_metadata"])
        turns = UNDER in kept
        kept[UNDER] = kept.get(UNDER, interaction.view["id"])
        shown = lines.window(tool, pages, page, kept)
        await (interaction.update(interaction.view["id"], shown) if turns else interaction.show(shown))

    @registry.view(lines.READ)
    async def accept_at_the_end(interaction: Interaction) -> None:
        kept = json.loads(interaction.view["private_metadata"])
        told = await _accepted(interaction, services, kept["tool"], kept["pin"])
        await interaction.ack()
        await _again(interaction, services, told, view_id=kept[UNDER])

    @registry.action(lines.ACCEPT_NEW)
    async def accept_new(interaction: Interaction) -> None:
        await interaction.ack()
        found = await view_of(interaction, services, _connection(interaction))
        here = screens.on_page(found.tools, Looking.of(interaction.view)).items
        shown = lines.as_shown(here, interaction.value)
        why = [await _accepted(interaction, services, each.name, str(each.offered_pin)) for each in shown]
        await _again(interaction, services, next(filter(None, why), "" if shown else OTHERS_BY_NOW))

    @registry.action(lines.ACCEPT)
    async def accept(interaction: Interaction) -> None:
        await interaction.ack()
        tool, pin = _shown(interaction.value)
        await _again(interaction, services, await _accepted(interaction, services, tool, pin))


async def _accepted(interaction: Interaction, services: Services, tool: str, pin: str) -> str:
    """Why it was not; the list then shows it as it is by now."""
    try:
        await services.connections.choices.accept(interaction.member, _connection(interaction), tool, pin)
    except UserError as error:
        return unmarked(str(error))
    return ""


async def _set_all(interaction: Interaction, services: Services) -> str:
    """What has to be said about it: nothing is changed when other tools match by now than were shown."""
    policy, _, shown = interaction.value.partition(":")
    looking = Looking.of(interaction.view)
    found = await view_of(interaction, services, looking.connection)
    names = filters.changeable(filters.matching(found.tools, looking))
    if policy not in filters.TO_ALL or filters.fingerprint(names) != shown:
        return OTHERS_BY_NOW
    number = await services.connections.choices.set_policies(interaction.member, looking.connection, names, policy)
    return DONE[policy].format(count(number, "tool"))


def _connection(interaction: Interaction) -> str:
    return str(json.loads(interaction.view["private_metadata"])["connection"])


def _shown(value: str) -> tuple[str, str]:
    """Tool and pin of a change. A button of before pins were in it names only the tool, and accepts nothing."""
    try:
        tool, pin = json.loads(value)
    except ValueError:
        return value, ""
    return str(tool), str(pin)


async def _again(
    interaction: Interaction, services: Services, told: str = "", view_id: str = "", **elsewhere: Any
) -> None:
    """The same view as things stand now; ``view_id`` is another one, below what is closed by an answer."""
    looking = Looking.of(interaction.view)
    if elsewhere:
        looking = looking.elsewhere(**elsewhere)
    found = await view_of(interaction, services, looking.connection)
    shown = tools_window(found, looking, told)
    await interaction.update(view_id or interaction.view["id"], shown)
