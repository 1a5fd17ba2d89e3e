"""Whoever may not ask is told so, once and kindly, where they asked; what was merely said near us gets no word."""

import logging
from collections import deque

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.payload import Payload
from bot.slack.edge.people.seen import Refusal, Seen
from bot.slack.screens.talking import from_outside as screens

log = logging.getLogger(__name__)

WORDS = {
    Refusal.GUEST: screens.NO_GUEST,
    Refusal.OUTSIDER: screens.NO_OUTSIDER,
    Refusal.NOT_KNOWN: screens.NOT_KNOWN,
    Refusal.ASK_FIRST: screens.ASK_FIRST,
    Refusal.REFUSED: screens.NOT_THEY,
}
MOST = 1_000


def words(seen: Seen) -> str:
    """For whoever was turned away."""
    match seen.refusal:
        case Refusal.WAITS:
            return screens.waits(seen.until)
        case Refusal.ELSEWHERE:
            return screens.elsewhere(seen.channels)
        case _:
            return WORDS[seen.refusal or Refusal.NOT_KNOWN]


class TurningAway:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._told: deque[tuple[str, str]] = deque(maxlen=MOST)
        """Channel and message: one may come as two events."""

    async def message(self, event: Payload, text: str) -> None:
        """Best effort: for their eyes only where others read along."""
        channel, ts = event["channel"], event["ts"]
        if (channel, ts) in self._told:
            return
        self._told.append((channel, ts))
        thread = event.get("thread_ts")
        try:
            if channel.startswith("D"):
                await self._client.chat_postMessage(channel=channel, thread_ts=thread or ts, text=text)
            else:
                await self._client.chat_postEphemeral(channel=channel, user=event["user"], thread_ts=thread, text=text)
        except TROUBLE as error:
            log.info("somebody who may not ask could not be told: %s", code_of(error))


async def home_tab(client: AsyncWebClient, event: Payload, text: str) -> None:
    """What Slack shows of us there says it too; else it would stay as it was, or empty."""
    if event.get("type") == "app_home_opened" and event.get("tab") == "home":
        await client.views_publish(user_id=event["user"], view=screens.turned_away(text))
