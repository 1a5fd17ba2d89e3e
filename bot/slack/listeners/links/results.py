"""A creator looks at how their links were used, and takes the figures along."""

from bot.slack.acts.guests.files import send
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.links import usage as screens
from bot.slack.services import Services
from storage.schema import now

FILE, FILE_OF_ALL = "guests.csv", "links.csv"


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.DETAILS)
    async def details(interaction: Interaction) -> None:
        await interaction.ack()
        await show_details(interaction, services, interaction.value)

    @registry.action(screens.RESULTS)
    async def results(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(await _results(interaction, services))

    @registry.action(f"{screens.PAGE}.back")
    @registry.action(f"{screens.PAGE}.more")
    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        shown = await _results(interaction, services, page=int(interaction.value))
        await interaction.update(interaction.view["id"], shown)

    @registry.action(screens.CSV)
    async def csv(interaction: Interaction) -> None:
        await interaction.ack()
        link, content = await services.links.outcomes.csv_of(interaction.member, interaction.value)
        told = await _sent(interaction, content, FILE, f"{link.title}: guests")
        usage = await services.links.outcomes.usage(interaction.member, link.id)
        await interaction.update(interaction.view["id"], screens.details(usage, now(), told))

    @registry.action(screens.CSV_OF_ALL)
    async def csv_of_all(interaction: Interaction) -> None:
        await interaction.ack()
        content = await services.links.outcomes.csv_of_all(interaction.member)
        told = await _sent(interaction, content, FILE_OF_ALL, "My chat links")
        await interaction.update(interaction.view["id"], await _results(interaction, services, told=told))


async def show_details(interaction: Interaction, services: Services, link_id: str) -> None:
    usage = await services.links.outcomes.usage(interaction.member, link_id)
    await interaction.show(screens.details(usage, now()))


async def _results(interaction: Interaction, services: Services, page: int = 0, told: str = "") -> View:
    outcomes, member = services.links.outcomes, interaction.member
    links = await outcomes.recent(member)
    counts, starts = await outcomes.counts(member, links), await outcomes.starts(member)
    return screens.results(links, counts, starts, now(), page, told)


async def _sent(interaction: Interaction, content: str, name: str, title: str) -> str:
    sent = await send(interaction.client, interaction.member, content, name, title)
    return screens.SENT if sent else screens.NOT_SENT
