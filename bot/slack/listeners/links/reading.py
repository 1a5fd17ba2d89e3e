"""A link's creator reads what was said with a guest, or keeps it as a file."""

from bot.services.links.results.outcomes import FORMS
from bot.slack.acts.guests.files import send
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.guests import transcripts as screens
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.TRANSCRIPT)
    async def transcript(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(await _ways(interaction, services, interaction.value))

    @registry.action(f"{screens.FILE}.markdown")
    @registry.action(f"{screens.FILE}.json")
    async def as_file(interaction: Interaction) -> None:
        await interaction.ack()
        form = str(interaction.payload["action_id"]).rpartition(".")[2]
        guest, text = await services.links.outcomes.export(interaction.member, interaction.value, form)
        name, title = f"chat.{FORMS[form].ending}", f"{guest.link.title}: {guest.name}"
        sent = await send(interaction.client, interaction.member, text, name, title)
        view = await _ways(interaction, services, interaction.value, screens.SENT if sent else screens.NOT_SENT)
        await interaction.update(interaction.view["id"], view)


async def _ways(interaction: Interaction, services: Services, session_id: str, told: str = "") -> View:
    outcomes = services.links.outcomes
    guest = await outcomes.own(interaction.member, session_id)
    empty = not await outcomes.transcript(guest)
    return screens.ways(guest, await outcomes.page(interaction.member, session_id), empty=empty, told=told)
