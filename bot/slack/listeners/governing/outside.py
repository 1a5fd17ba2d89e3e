"""Administrators say who may ask besides members: by a rule for each kind, and one by one."""

from collections.abc import Sequence

from bot.services.limits.outside.rules import Ruled
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.listeners.paging import Window, hang_window
from bot.slack.screens.blocks.elements import Block, View, section
from bot.slack.screens.governing import outside as screens
from bot.slack.screens.governing import tabs
from bot.slack.services import Services
from storage.rules.outside import Kind


def hang(registry: Registry, services: Services) -> None:
    _rules(registry, services)
    _one_by_one(registry, services)
    window = Window(screens.LOOK, screens.TURN, screens.PEOPLE_TITLE, "Looking it up…")
    hang_window(registry, window, lambda interaction, page: _people(interaction, services, page))


def _rules(registry: Registry, services: Services) -> None:
    @registry.action(screens.CHANGE)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        kind = Kind(interaction.value)
        now = await services.outside.of(interaction.member.workspace)
        await interaction.show(screens.form(kind, now[kind]))

    @registry.view(screens.FORM)
    async def saved(interaction: Interaction) -> None:
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        kind = Kind(interaction.view["private_metadata"])
        ruled = screens.filled(values_of(interaction.view))
        if len(ruled.channels) > screens.MOST_CHANNELS:
            await interaction.ack(response_action="errors", errors={screens.CHANNELS: screens.TOO_MANY})
            return
        before = await services.outside.set(interaction.member, kind, ruled)
        await interaction.ack_with(screens.saved(kind, ruled, before))
        await publish(interaction.client, services, interaction.member)

    @registry.action(screens.UNDO)
    async def undone(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        kind, ruled = screens.before_of(interaction.value)
        await _set_back(interaction, services, kind, ruled)


def _one_by_one(registry: Registry, services: Services) -> None:
    @registry.action(screens.LET_IN)
    @registry.action(screens.REFUSE)
    async def answered(interaction: Interaction) -> None:
        """From the direct message in which admins were asked, or from the list of all."""
        await interaction.ack()
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        let_in = interaction.act == screens.LET_IN
        person = await services.from_outside.answer(interaction.member, interaction.value, let_in=let_in)
        told = screens.outcome(person, let_in=let_in)
        if interaction.in_modal:
            await _redrawn(interaction, services, [section(told)])
        else:
            await interaction.reply(told, [section(told)], replace=True)

    @registry.action(screens.BACK)
    async def taken_back(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        was = await services.from_outside.take_back(interaction.member, interaction.value)
        await _redrawn(interaction, services, screens.taken_back(interaction.value, was) if was else [])

    @registry.action(screens.AGAIN)
    async def put_back(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        await services.from_outside.put_back(interaction.member, *screens.state_of(interaction.value))
        await _redrawn(interaction, services, [])


async def _set_back(interaction: Interaction, services: Services, kind: Kind, ruled: Ruled) -> None:
    await services.outside.set(interaction.member, kind, ruled)
    await interaction.update(interaction.view["id"], screens.undone(kind, ruled))
    await publish(interaction.client, services, interaction.member)


async def _people(interaction: Interaction, services: Services, page: int, told: Sequence[Block] = ()) -> View:
    await only_admins(interaction, services, tabs.ONLY_ADMINS)
    found, total = await services.from_outside.known(interaction.member.workspace, max(page, 0))
    return screens.people(found, total, max(page, 0), told)


async def _redrawn(interaction: Interaction, services: Services, told: Sequence[Block]) -> None:
    """The list from its beginning, and Home behind it."""
    await interaction.update(interaction.view["id"], await _people(interaction, services, 0, told))
    await publish(interaction.client, services, interaction.member)
