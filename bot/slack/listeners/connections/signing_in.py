"""A connection whose server refuses the token: a new one on a page of its own, or in the form where that is allowed."""

from bot.services.tickets import Entry
from bot.slack.acts.connections.connecting import entry_of, found_out, sign_in
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.connecting import not_here
from bot.slack.listeners.connections.submissions import Submissions, answer, show, told_in
from bot.slack.screens import notices
from bot.slack.screens.blocks.text import safe
from bot.slack.screens.connections import connecting as screens
from bot.slack.services import Services

PREPARING = "Preparing a page for the new token…"


def hang(registry: Registry, services: Services) -> None:
    submissions = Submissions(registry.tasks)

    @registry.view(screens.SIGN_IN_FORM)
    async def submitted(interaction: Interaction) -> None:
        connection = await services.connections.own(interaction.member, interaction.view["private_metadata"])
        card = await services.card_for(interaction.member, connection.card)
        if card is None:
            await interaction.ack_with(await not_here(interaction, services, connection.card))
            return
        if not card.secrets:
            await interaction.ack_with(screens.failed(NOT_HERE))
            return
        values = values_of(interaction.view)
        work, first = submissions.of(
            interaction, values, lambda: sign_in(services, interaction.member, connection, card, values)
        )
        working = notices.working(f"Asking {safe(connection.title, 80)} for its tools…", screens.SIGN_IN)
        await answer(interaction, services, work, working, first=first)


NOT_HERE = "This service takes no token here any more."


async def begin_sign_in(interaction: Interaction, services: Services, connection_id: str) -> None:
    """The modal opens at once: what triggers it is good for three seconds only."""
    view_id = await interaction.show(notices.working(PREPARING, screens.SIGN_IN))
    async with told_in(interaction, view_id, screens.SIGN_IN):
        connection = await services.connections.own(interaction.member, connection_id)
        card = await services.card_for(interaction.member, connection.card)
        entry = await entry_of(services, interaction.client, interaction.member)
        if entry is Entry.SLACK and card and card.secrets:
            await interaction.update(view_id, screens.sign_in_form(connection, card.secrets))
            return
        needed = await services.connections.sign_in(interaction.member, connection_id, entry, view={"id": view_id})
        await show(interaction, services, found_out(needed), view_id)
