"""Answers to what a server asks in the middle of a call: a form, a page that is opened, a yes, a no."""

from collections.abc import Awaitable

from bot.errors import NotYours
from bot.services.watch.content.secret_shapes import looks_secret
from bot.slack.acts.elicitations import close
from bot.slack.edge.interaction import Interaction, message_of
from bot.slack.edge.registration import Registry
from bot.slack.screens import schema_forms
from bot.slack.screens.approvals import elicitations as screens
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.blocks.text import unmarked
from bot.slack.services import Services
from storage.tables import Elicitation

NO_SECRETS = "This looks like a password or key. Give none to a server that asks for it in a form."


def hang(registry: Registry, services: Services) -> None:
    elicitations = services.chats.elicitations

    @registry.action(screens.ANSWER)
    async def answer(interaction: Interaction) -> None:
        await interaction.ack()
        try:
            row = await elicitations.open_one(interaction.member, interaction.value)
        except NotYours as error:
            await _over(interaction, services, error)
        else:
            await interaction.show(_in_place(interaction, screens.form(row)))

    @registry.view(screens.FORM)
    async def sent(interaction: Interaction) -> None:
        """Stored before it is acknowledged: an answer that Slack was told about is never lost."""
        number = str(interaction.view["private_metadata"])
        row = await elicitations.open_one(interaction.member, number)
        filled = schema_forms.read(row.form, interaction.view.get("state", {}).get("values", {}))
        if complaints := filled.complaints or _secretive(interaction):
            await interaction.ack(response_action="errors", errors=complaints)
            return
        await elicitations.answer(interaction.member, number, filled.arguments)
        if window := interaction.view.get("external_id"):
            await interaction.ack_with(screens.sent(row, str(window)))
        else:
            await interaction.ack()

    @registry.action(screens.AGREE)
    async def agree(interaction: Interaction) -> None:
        await _decide(interaction, services, elicitations.answer(interaction.member, interaction.value, {}))

    @registry.action(screens.OPENED)
    async def opened(interaction: Interaction) -> None:
        """Slack opens the page by itself, in the person's own browser; we never ask for it."""
        await _decide(interaction, services, elicitations.answer(interaction.member, interaction.value, None))

    @registry.action(screens.GO_ON)
    async def go_on(interaction: Interaction) -> None:
        await _decide(interaction, services, elicitations.go_on(interaction.member, interaction.value))

    @registry.action(screens.DECLINE, reading=True)
    async def decline(interaction: Interaction) -> None:
        await _decide(interaction, services, elicitations.decline(interaction.member, interaction.value))


def _in_place(interaction: Interaction, view: View) -> View:
    """Where it takes the place of the window that asked, it keeps its name: what comes of the call is shown there."""
    name = interaction.view.get("external_id") if interaction.in_modal and interaction.at_the_top else ""
    return view | ({"external_id": name} if name else {})


async def _decide(interaction: Interaction, services: Services, deciding: Awaitable[Elicitation]) -> None:
    try:
        row = await deciding
    except NotYours as error:
        await interaction.ack()
        await _over(interaction, services, error)
        return
    await interaction.ack()
    await close(interaction.client, row, message_of(interaction.body))


async def _over(interaction: Interaction, services: Services, error: NotYours) -> None:
    """Told to the one who pressed; a question that is closed already loses its buttons too."""
    await interaction.reply(unmarked(str(error)))
    row = await services.chats.elicitations.get(interaction.member.workspace, interaction.value)
    if row is not None and row.state != "asked":
        await close(interaction.client, row, message_of(interaction.body))


def _secretive(interaction: Interaction) -> dict[str, str]:
    """A complaint under each field in which something is typed that looks like one."""
    typed = interaction.view.get("state", {}).get("values", {})
    found = {
        block: str(element.get("value") or "") for block, elements in typed.items() for element in elements.values()
    }
    return {block: NO_SECRETS for block, text in found.items() if looks_secret(text)}
