"""Administrators say who makes chat links and how far these go, and whether they are told once a week."""

from bot.services.limits.policies import CHOSEN
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.screens import notices
from bot.slack.screens.governing import policies as screens
from bot.slack.screens.governing import tabs
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.LINKS)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        await interaction.show(screens.form((await services.policies.of(interaction.member.workspace)).links))

    @registry.view(screens.LINKS_FORM)
    async def saved(interaction: Interaction) -> None:
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        rules = screens.filled(values_of(interaction.view))
        if rules.who == CHOSEN and not rules.members:
            await interaction.ack(response_action="errors", errors={screens.MEMBERS: screens.NONE_CHOSEN})
            return
        await services.policies.set_links(interaction.member, rules)
        told = f"{screens.rules(rules)} {screens.SAVED}"
        await interaction.ack_with(notices.notice(told, title=screens.TITLE))
        await publish(interaction.client, services, interaction.member)

    @registry.action(screens.DIGEST)
    async def digest(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
        await services.policies.set_digest(interaction.member, weekly=interaction.value == "on")
        if not interaction.channel:  # else it was pressed under the digest itself
            await publish(interaction.client, services, interaction.member)
            return
        await interaction.reply(screens.DIGEST_OFF)
