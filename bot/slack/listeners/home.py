"""A member looks at the Home tab, or at the direct message with Usher."""

from bot.slack.acts.greeting import Greeting, suggest
from bot.slack.acts.home import opened as home_opened
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.services import Services


def hang(registry: Registry, services: Services, greeting: Greeting) -> None:
    @registry.event("app_home_opened")
    async def opened(interaction: Interaction) -> None:
        if interaction.payload.get("tab") == "home":
            await home_opened(interaction.client, services, interaction.member)
        else:
            channel = interaction.payload["channel"]
            await greeting.welcome(interaction.client, interaction.member, channel)
            await suggest(interaction.client, services, interaction.member, channel)
