"""A member looks at the Home tab, or at the direct message with Usher for the first time."""

import logging

from slack_sdk.errors import SlackApiError

from bot.slack.acts.home import publish
from bot.slack.edge.errors import code_of
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.screens import welcome
from bot.slack.services import Services

log = logging.getLogger(__name__)


def hang(registry: Registry, services: Services) -> None:
    @registry.event("app_home_opened")
    async def opened(interaction: Interaction) -> None:
        if interaction.payload.get("tab") == "home":
            await publish(interaction.client, services, interaction.member)
        else:
            await _greet(interaction, services)
            await _suggest(interaction)


async def _greet(interaction: Interaction, services: Services) -> None:
    """Once a member."""
    async with services.db.begin() as tables:
        first = await tables.handled.first_time_ever(interaction.member.workspace, f"welcome:{interaction.member.id}")
    if first:
        await interaction.client.chat_postMessage(
            channel=interaction.payload["channel"],
            text=welcome.HELLO,
            blocks=welcome.welcome(),
            unfurl_links=False,
            unfurl_media=False,
        )


async def _suggest(interaction: Interaction) -> None:
    """Without ``thread_ts``, with which the call fails silently in an agent app."""
    try:
        prompts = [dict(prompt) for prompt in welcome.PROMPTS]
        await interaction.client.assistant_threads_setSuggestedPrompts(
            channel_id=interaction.payload["channel"], prompts=prompts
        )
    except SlackApiError as error:
        log.info("no suggested prompts here: %s", code_of(error))
