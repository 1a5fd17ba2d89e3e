"""Administrators look through the audit, verify it, and take it along."""

from bot.services.watch.audit.ledger import Ledger
from bot.slack.acts.guests.files import send
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.governing import audit as screens
from bot.slack.screens.governing.audit import Chosen
from bot.slack.services import Services
from storage.schema import now

FILE = "audit.jsonl"


def hang(registry: Registry, services: Services) -> None:
    ledger = Ledger(services.db)

    async def drawn(interaction: Interaction, chosen: Chosen, told: str = "") -> View:
        page = await ledger.page(interaction.member.workspace, chosen.asked(now()))
        return screens.window(page, chosen, told)

    async def redraw(interaction: Interaction, chosen: Chosen, told: str = "") -> None:
        await interaction.update(interaction.view["id"], await drawn(interaction, chosen, told))

    async def admitted(interaction: Interaction) -> Chosen:
        """What is chosen in the window; raises `UserError` for whoever is no administrator any more."""
        await interaction.ack()
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        return Chosen.kept(interaction.view.get("private_metadata") or "")

    @registry.action(screens.OPEN)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        await interaction.show(await drawn(interaction, Chosen()))

    @registry.action(screens.WHO)
    @registry.action(screens.WHAT)
    @registry.action(screens.OUTCOME)
    @registry.action(screens.SINCE)
    async def narrowed(interaction: Interaction) -> None:
        chosen, pressed = await admitted(interaction), interaction.payload
        value = screens.changed_value(pressed)
        await redraw(interaction, chosen.with_choice(str(pressed["action_id"]), value))

    @registry.action(screens.ALL)
    async def everything(interaction: Interaction) -> None:
        await admitted(interaction)
        await redraw(interaction, Chosen())

    @registry.action(screens.OLDER)
    @registry.action(screens.NEWEST)
    async def turned(interaction: Interaction) -> None:
        chosen = await admitted(interaction)
        await redraw(interaction, chosen.at(interaction.value))

    @registry.action(screens.VERIFY)
    async def verified(interaction: Interaction) -> None:
        chosen = await admitted(interaction)
        await redraw(interaction, chosen, screens.LOOKING)
        found = await ledger.verify(interaction.member)
        await redraw(interaction, chosen.at(""), screens.verdict(found))

    @registry.action(screens.EXPORT)
    async def exported(interaction: Interaction) -> None:
        chosen = await admitted(interaction)
        content, number = await ledger.export(interaction.member, chosen.asked(now()))
        taken = await send(interaction.client, interaction.member, content, FILE, screens.TITLE)
        await redraw(interaction, chosen, screens.sent(number) if taken else screens.NOT_SENT)
