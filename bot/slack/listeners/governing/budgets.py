"""Administrators look at what the workspace has used, and say how much it may; a member, when they are asked first."""

from bot.services.limits.budgets.months import EACH_MEMBER, WORKSPACE
from bot.slack.acts.admins import Admins
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.listeners.connections.submissions import told_in
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.spending import budgets as screens
from bot.slack.screens.spending import mine
from bot.slack.screens.turns import failed
from bot.slack.services import Services

ADDING_UP = "Adding it up…"


def hang(registry: Registry, services: Services) -> None:
    async def drawn(interaction: Interaction, told: str = "") -> View:
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        return screens.budgets(await services.budgets.month(interaction.member.workspace), told)

    @registry.action(screens.OPEN)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        view_id = await interaction.show(notices.working(ADDING_UP, screens.TITLE))
        async with told_in(interaction, view_id, screens.TITLE):
            await interaction.update(view_id, await drawn(interaction))

    @registry.action(failed.RAISE)
    async def raised(interaction: Interaction) -> None:
        """An administrator does it; for anybody else administrators are asked."""
        if await Admins(interaction.client, services.admins).includes(interaction.member.id):
            await opened(interaction)
            return
        await interaction.ack()
        await services.budgets.ask_admins(interaction.member)
        await interaction.reply(failed.ASKED)

    @registry.view(screens.FORM)
    async def limited(interaction: Interaction) -> None:
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        found, complaints = screens.amounts(values_of(interaction.view), ("workspace", "members", "asks_from"))
        if complaints:
            await interaction.ack(response_action="errors", errors=complaints)
            return
        before = await services.budgets.month(interaction.member.workspace)
        for name, whose, held in (
            ("workspace", WORKSPACE, before.limit()),
            ("members", EACH_MEMBER, before.each_member),
        ):
            if found[name] != held:
                await services.budgets.limit(interaction.member, whose, found[name])
        if found["asks_from"] != before.asks_from:
            await services.budgets.ask_from(interaction.member, found["asks_from"])
        await interaction.ack_with(await drawn(interaction, screens.SAVED))
        await publish(interaction.client, services, interaction.member)

    _of_one_member(registry, services)
    _of_mine(registry, services)


def _of_mine(registry: Registry, services: Services) -> None:
    @registry.action(mine.SOONER)
    async def sooner(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(mine.sooner(await services.budgets.mine(interaction.member)))

    @registry.view(mine.SOONER_FORM)
    async def asked(interaction: Interaction) -> None:
        found, complaints = screens.amounts(values_of(interaction.view), ("asks_from",))
        if complaints:
            await interaction.ack(response_action="errors", errors=complaints)
            return
        await services.budgets.ask_me_from(interaction.member, found["asks_from"])
        await interaction.ack()
        await publish(interaction.client, services, interaction.member)


def _of_one_member(registry: Registry, services: Services) -> None:
    async def redrawn(interaction: Interaction, view_id: str) -> None:
        if view_id:
            month = await services.budgets.month(interaction.member.workspace)
            await interaction.update(view_id, screens.budgets(month, screens.SAVED))
        await publish(interaction.client, services, interaction.member)

    @registry.action(screens.ONE)
    async def one(interaction: Interaction) -> None:
        await interaction.ack()
        """For the member whose button it is, where it was one's."""
        await interaction.show(screens.one(interaction.value))

    @registry.view(screens.ONE_FORM)
    async def limited(interaction: Interaction) -> None:
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        values = values_of(interaction.view)
        found, complaints = screens.amounts(values, ("money",))
        whose = str(values.get("member") or "")
        if complaints or not whose:
            await interaction.ack(response_action="errors", errors=complaints or screens.NOBODY)
            return
        await services.budgets.limit(interaction.member, whose, found["money"])
        await interaction.ack()
        await redrawn(interaction, str(interaction.view.get("previous_view_id") or ""))

    @registry.action(screens.LIFT)
    async def lift(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        await services.budgets.limit(interaction.member, interaction.value, None)
        await redrawn(interaction, interaction.view["id"])
