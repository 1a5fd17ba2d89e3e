"""Administrators look at what a member uses, end what has to end, and forbid or allow a card."""

from bot.services.connections.by_admins import disconnect_all
from bot.services.limits.tokens_by_admins import revoke_token
from bot.services.links.ending.by_admins import revoke_link
from bot.slack.acts import admin_tabs
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.listeners.connections.submissions import told_in
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.blocks.text import count, safe
from bot.slack.screens.governing import cards, links, people, tabs
from bot.slack.services import Services
from storage.members import Member

LOOKING = "Looking it up…"


def hang(registry: Registry, services: Services) -> None:
    _members(registry, services)
    _cards(registry, services)

    @registry.action(links.REVOKE)
    async def revoke(interaction: Interaction) -> None:
        await _admitted(interaction, services)
        await revoke_link(services.db, services.bus, interaction.member, interaction.value)
        if interaction.in_modal:
            await interaction.update(interaction.view["id"], await _one(interaction, services, _looked_at(interaction)))
        await publish(interaction.client, services, interaction.member)


def _members(registry: Registry, services: Services) -> None:
    @registry.action(people.LOOK)
    @registry.action(people.FIND)
    async def look(interaction: Interaction) -> None:
        """By the button beside their line, or chosen from all that Slack knows."""
        await interaction.ack()
        whom = str(interaction.payload.get("selected_user") or interaction.value)
        view_id = await interaction.show(notices.working(LOOKING, people.TITLE))
        async with told_in(interaction, view_id, people.TITLE):
            await only_admins(interaction, services, tabs.ONLY_ADMINS)
            await interaction.update(view_id, await _one(interaction, services, whom))

    @registry.action(people.DISCONNECT)
    async def disconnect(interaction: Interaction) -> None:
        await _admitted(interaction, services)
        member = Member(interaction.member.workspace, interaction.value)
        number = await disconnect_all(services.db, services.connections, interaction.member, member)
        told = people.GONE.format(count=count(number, "connection"))
        await interaction.update(interaction.view["id"], await _one(interaction, services, member.id, told))
        await publish(interaction.client, services, interaction.member)

    @registry.action(people.END)
    async def end_token(interaction: Interaction) -> None:
        await _admitted(interaction, services)
        whose = _looked_at(interaction)
        gone = await revoke_token(services.db, interaction.member, whose, interaction.value)
        told = people.REVOKED.format(name=safe(gone.name, 80))
        await interaction.update(interaction.view["id"], await _one(interaction, services, whose, told))


def _cards(registry: Registry, services: Services) -> None:
    @registry.action(cards.FORBID)
    @registry.action(cards.ALLOW)
    async def rule(interaction: Interaction) -> None:
        """Shown at once with the other button, which takes it back."""
        await _admitted(interaction, services)
        titles, forbidden = (
            await admin_tabs.titles_of(services, interaction.member.workspace),
            interaction.act == cards.FORBID,
        )
        name = interaction.value
        await services.policies.forbid(interaction.member, name, titles.get(name, name), forbidden=forbidden)
        await publish(interaction.client, services, interaction.member)

    @registry.action(cards.LOOK)
    async def look(interaction: Interaction) -> None:
        await interaction.ack()
        view_id = await interaction.show(notices.working(LOOKING, cards.TITLE))
        async with told_in(interaction, view_id, cards.TITLE):
            await only_admins(interaction, services, tabs.ONLY_ADMINS)
            await interaction.update(view_id, await _of_card(interaction, services, interaction.value, 0))

    @registry.action(f"{cards.PAGE_ACTION}.back")
    @registry.action(f"{cards.PAGE_ACTION}.more")
    async def turn_page(interaction: Interaction) -> None:
        await _admitted(interaction, services)
        view = await _of_card(interaction, services, _looked_at(interaction), int(interaction.value))
        await interaction.update(interaction.view["id"], view)


async def _admitted(interaction: Interaction, services: Services) -> None:
    await interaction.ack()
    await only_admins(interaction, services, tabs.ONLY_ADMINS)


def _looked_at(interaction: Interaction) -> str:
    """Whom or what the window is about."""
    return str(interaction.view.get("private_metadata") or "")


async def _one(interaction: Interaction, services: Services, member: str, told: str = "") -> View:
    return people.one(await services.insights.person(Member(interaction.member.workspace, member)), told)


async def _of_card(interaction: Interaction, services: Services, name: str, page: int) -> View:
    workspace = interaction.member.workspace
    titles = await admin_tabs.titles_of(services, workspace)
    found, calls, total = await services.insights.of_card(workspace, name, max(page, 0))
    return cards.of_card(name, titles.get(name, name), found, calls, total, max(page, 0))
