"""A member looks at the Home tab, or at the direct message with Usher, and does what Home suggests."""

import json

from bot.services.watch.insights import tables
from bot.slack.acts.direct_message import direct_channel, tell
from bot.slack.acts.guests.files import send
from bot.slack.acts.home import opened as home_opened
from bot.slack.acts.home import publish
from bot.slack.acts.installed.greeting import Greeting, suggest
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.screens.spending import mine
from bot.slack.screens.talking import beginning, welcome
from bot.slack.services import Services

SENT, NOT_SENT = "The table is in our direct message.", "Slack did not take the file just now. Try again in a minute."


def hang(registry: Registry, services: Services, greeting: Greeting) -> None:
    @registry.event("app_home_opened", reading=True)
    async def opened(interaction: Interaction) -> None:
        if interaction.payload.get("tab") == "home":
            await home_opened(interaction.client, services, interaction.member)
        else:
            channel = interaction.payload["channel"]
            await greeting.welcome(interaction.client, interaction.member, channel)
            await suggest(interaction.client, services, interaction.member, channel)

    @registry.action(beginning.HELLO)
    async def hello(interaction: Interaction) -> None:
        await interaction.ack()
        channel = await direct_channel(interaction.client, interaction.member)
        await tell(interaction.client, interaction.member, f"{welcome.HELLO} {welcome.FIRST}", welcome.welcome())
        await suggest(interaction.client, services, interaction.member, channel)

    @registry.action(beginning.ALWAYS_NOW)
    async def always(interaction: Interaction) -> None:
        """Listed right below from then on, with the way to be asked again."""
        await interaction.ack()
        connection_id, tool = json.loads(interaction.value)
        await services.connections.choices.set_policy(interaction.member, connection_id, tool, "always")
        await publish(interaction.client, services, interaction.member)

    @registry.action(mine.CSV)
    async def table(interaction: Interaction) -> None:
        await interaction.ack()
        content = await tables.of_member(services.db, interaction.member)
        taken = await send(interaction.client, interaction.member, content, "usage.csv", mine.CSV_TITLE)
        await interaction.reply(SENT if taken else NOT_SENT)
