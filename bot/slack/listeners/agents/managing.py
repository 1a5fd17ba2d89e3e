"""Administrators make and change the workspace's agents. Who is one is looked at with every click."""

from collections.abc import Mapping

from bot.errors import FormError
from bot.services.agents.values import of_agent
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.listeners.paging import Window, hang_window
from bot.slack.screens.agents import forms
from bot.slack.screens.agents import listing as screens
from bot.slack.screens.blocks.elements import View
from bot.slack.services import Services

LOOKING = "Looking up the agents…"


def hang(registry: Registry, services: Services) -> None:
    _looking(registry, services)
    _filling_in(registry, services)
    _at_a_click(registry, services)
    _archiving(registry, services)


def _looking(registry: Registry, services: Services) -> None:
    window = Window(screens.OPEN, screens.PAGE, screens.TITLE, LOOKING)
    hang_window(registry, window, lambda interaction, page: _list(interaction, services, page))


def _filling_in(registry: Registry, services: Services) -> None:
    @registry.action(screens.NEW)
    async def new(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        await interaction.show(forms.form(None, await _cards(interaction, services)))

    @registry.action(screens.CHANGE)
    async def change(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        agent, channels = await services.agents.get(interaction.member.workspace, interaction.value)
        cards, limits = await _cards(interaction, services), await services.agents.limits(interaction.member.workspace)
        await interaction.show(forms.form(of_agent(agent, channels, limits.get(agent.id)), cards, agent.id))

    @registry.view(forms.FORM)
    async def saved(interaction: Interaction) -> None:
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        agent_id = interaction.view.get("private_metadata")
        try:
            filled = forms.filled(values_of(interaction.view))
            if agent_id:
                await services.agents.change(interaction.member, agent_id, filled)
            else:
                await services.agents.make(interaction.member, filled)
        except FormError as error:
            await interaction.ack(response_action="errors", errors=error.errors)
            return
        await _below(interaction, services, screens.SAVED.format(filled.name))


def _at_a_click(registry: Registry, services: Services) -> None:
    @registry.action(screens.DEFAULT)
    async def made_default(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        await services.agents.make_default(interaction.member, interaction.value)
        await _again(interaction, services, screens.DEFAULT_NOW)

    @registry.action(screens.BACK)
    async def brought_back(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        await services.agents.bring_back(interaction.member, interaction.value)
        await _again(interaction, services, screens.BACK_AGAIN)


def _archiving(registry: Registry, services: Services) -> None:
    @registry.action(screens.ARCHIVE)
    async def archive(interaction: Interaction) -> None:
        """What leans on it is shown first."""
        await interaction.ack()
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        agent, _ = await services.agents.get(interaction.member.workspace, interaction.value)
        await interaction.show(screens.sure(agent, await services.agents.leans_on(interaction.member, agent.id)))

    @registry.view(screens.SURE)
    async def archived(interaction: Interaction) -> None:
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        agent_id = str(interaction.view.get("private_metadata"))
        agent, _ = await services.agents.get(interaction.member.workspace, agent_id)
        await services.agents.archive(interaction.member, agent_id)
        await _below(interaction, services, screens.ARCHIVED.format(agent.name))


async def _list(interaction: Interaction, services: Services, page: int = 0, told: str = "") -> View:
    await only_admins(interaction, services, screens.ONLY_ADMINS)
    workspace = interaction.member.workspace
    agents = await services.agents.of(workspace, archived=True)
    channels, cards = await services.agents.channels(workspace), await _cards(interaction, services)
    return screens.listed(agents, channels, cards, page, told, await services.agents.limits(workspace))


async def _below(interaction: Interaction, services: Services, told: str) -> None:
    """The window that was submitted is closed, and the list under it drawn anew."""
    await interaction.ack()
    if under := str(interaction.view.get("previous_view_id") or ""):  # else it was opened from Home
        await interaction.update(under, await _list(interaction, services, told=told))
    await publish(interaction.client, services, interaction.member)


async def _again(interaction: Interaction, services: Services, told: str) -> None:
    agent, _ = await services.agents.get(interaction.member.workspace, interaction.value)
    await interaction.update(interaction.view["id"], await _list(interaction, services, told=told.format(agent.name)))
    await publish(interaction.client, services, interaction.member)


async def _cards(interaction: Interaction, services: Services) -> Mapping[str, str]:
    """Titles by name."""
    return {each.name: each.title for each in await services.cards_for(interaction.member)}
