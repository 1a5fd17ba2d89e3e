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


class Browser:
    """The window as one administrator has it; each act looks anew whether they are one."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ledger = Ledger(services.db)

    async def opened(self, interaction: Interaction) -> None:
        await self._admitted(interaction)
        await interaction.show(await self._drawn(interaction, Chosen()))

    async def narrowed(self, interaction: Interaction) -> None:
        chosen, pressed = await self._admitted(interaction), interaction.payload
        value = screens.changed_value(pressed)
        await self._redraw(interaction, chosen.with_choice(str(pressed["action_id"]), value))

    async def everything(self, interaction: Interaction) -> None:
        await self._admitted(interaction)
        await self._redraw(interaction, Chosen())

    async def turned(self, interaction: Interaction) -> None:
        chosen = await self._admitted(interaction)
        await self._redraw(interaction, chosen.at(interaction.value))

    async def verified(self, interaction: Interaction) -> None:
        chosen = await self._admitted(interaction)
        await self._redraw(interaction, chosen, screens.LOOKING)
        found = await self._ledger.verify(interaction.member)
        await self._redraw(interaction, chosen.at(""), screens.verdict(found))

    async def exported(self, interaction: Interaction) -> None:
        chosen = await self._admitted(interaction)
        content, number = await self._ledger.export(interaction.member, chosen.asked(now()))
        taken = await send(interaction.client, interaction.member, content, FILE, screens.TITLE)
        await self._redraw(interaction, chosen, screens.sent(number) if taken else screens.NOT_SENT)

    async def _admitted(self, interaction: Interaction) -> Chosen:
        """What is chosen in the window; raises `UserError` for whoever is no administrator any more."""
        await interaction.ack()
        await only_admins(interaction, self._services, screens.ONLY_ADMINS)
        return Chosen.kept((interaction.in_modal and interaction.view.get("private_metadata")) or "")

    async def _redraw(self, interaction: Interaction, chosen: Chosen, told: str = "") -> None:
        await interaction.update(interaction.view["id"], await self._drawn(interaction, chosen, told))

    async def _drawn(self, interaction: Interaction, chosen: Chosen, told: str = "") -> View:
        page = await self._ledger.page(interaction.member.workspace, chosen.asked(now()))
        return screens.window(page, chosen, told)


def hang(registry: Registry, services: Services) -> None:
    browser = Browser(services)
    registry.action(screens.OPEN)(browser.opened)
    for menu in (screens.WHO, screens.WHAT, screens.OUTCOME, screens.SINCE):
        registry.action(menu)(browser.narrowed)
    registry.action(screens.ALL)(browser.everything)
    for page in (screens.OLDER, screens.NEWEST):
        registry.action(page)(browser.turned)
    registry.action(screens.VERIFY)(browser.verified)
    registry.action(screens.EXPORT)(browser.exported)
