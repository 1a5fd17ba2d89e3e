"""A member looks at the Home tab, or at the direct message with Usher for the first time."""

import logging

from slack_sdk.errors import SlackApiError

from bot.slack.acts.home import publish
from bot.slack.edge.errors import code_of
from bot.slack.edge.interaction import Act
from bot.slack.edge.registration import Door
from bot.slack.screens import welcome
from bot.slack.services import Services

log = logging.getLogger(__name__)


def hang(door: Door, services: Services) -> None:
    @door.event("app_home_opened")
    async def opened(act: Act) -> None:
        if act.payload.get("tab") == "home":
            await publish(act.client, services, act.member)
        else:
            await _greet(act, services)
            await _suggest(act)


async def _greet(act: Act, services: Services) -> None:
    """Once a member."""
    async with services.db.begin() as tables:
        first = await tables.handled.first_time_ever(act.member.workspace, f"welcome:{act.member.id}")
    if first:
        await act.client.chat_postMessage(
            channel=act.payload["channel"],
            text=welcome.HELLO,
            blocks=welcome.welcome(),
            unfurl_links=False,
            unfurl_media=False,
        )


async def _suggest(act: Act) -> None:
    """Without ``thread_ts``, with which the call fails silently in an agent app."""
    try:
        prompts = [dict(prompt) for prompt in welcome.PROMPTS]
        await act.client.assistant_threads_setSuggestedPrompts(channel_id=act.payload["channel"], prompts=prompts)
    except SlackApiError as error:
        log.info("no suggested prompts here: %s", code_of(error))
