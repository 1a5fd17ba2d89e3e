"""Administrators say how long things are kept, and where members' tools may lie; what goes or stops is shown first."""

from bot.errors import FormError
from bot.services.limits.egress import typed
from bot.services.limits.keeping import Chosen
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.screens import notices
from bot.slack.screens.governing import keeping, reaching, tabs
from bot.slack.services import Services
from storage.rules.egress import Egress


def hang(registry: Registry, services: Services) -> None:
    _keeping(registry, services)
    _reaching(registry, services)


def _keeping(registry: Registry, services: Services) -> None:
    @registry.action(keeping.OPEN)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        chosen = await services.keeping.of(interaction.member.workspace)
        await interaction.show(keeping.form(chosen, services.keeping))

    @registry.view(keeping.FORM)
    async def filled_in(interaction: Interaction) -> None:
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        chosen = keeping.filled(values_of(interaction.view))
        try:
            services.keeping.check(chosen)
        except FormError as error:
            await interaction.ack(response_action="errors", errors=error.errors)
            return
        if goes := await services.keeping.would_go(interaction.member.workspace, chosen):
            await interaction.ack_with(keeping.sure(chosen, goes))
            return
        await _keep(interaction, services, chosen)

    @registry.view(keeping.SURE)
    async def sure(interaction: Interaction) -> None:
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        await _keep(interaction, services, keeping.was_sure(interaction.view["private_metadata"]))


async def _keep(interaction: Interaction, services: Services, chosen: Chosen) -> None:
    kept = await services.keeping.set(interaction.member, chosen)
    await interaction.ack_with(notices.notice(keeping.saved(kept), title=keeping.TITLE))
    await publish(interaction.client, services, interaction.member)


def _reaching(registry: Registry, services: Services) -> None:
    @registry.action(reaching.OPEN)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        workspace = interaction.member.workspace
        egress, in_use = await services.reaching.of(workspace), await services.reaching.in_use(workspace)
        await interaction.show(reaching.form(egress, in_use))

    @registry.view(reaching.FORM)
    async def filled_in(interaction: Interaction) -> None:
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        try:
            egress = typed(str(values_of(interaction.view).get(reaching.HOSTS) or ""), reaching.HOSTS)
        except FormError as error:
            await interaction.ack(response_action="errors", errors=error.errors)
            return
        workspace = interaction.member.workspace
        before = await services.reaching.of(workspace)
        stops = await services.reaching.in_use(workspace, egress) - await services.reaching.in_use(workspace, before)
        if stops:
            await interaction.ack_with(reaching.sure(egress, stops))
            return
        await _let_reach(interaction, services, egress)

    @registry.view(reaching.SURE)
    async def sure(interaction: Interaction) -> None:
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        await _let_reach(interaction, services, reaching.was_sure(interaction.view["private_metadata"]))


async def _let_reach(interaction: Interaction, services: Services, egress: Egress) -> None:
    stopped = await services.reaching.set(interaction.member, egress)
    await interaction.ack_with(notices.notice(reaching.saved(egress, stopped), title=reaching.TITLE))
    await publish(interaction.client, services, interaction.member)
