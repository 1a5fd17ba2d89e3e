"""What Slackbot passes on from a member: said in their direct message with Usher, and answered there."""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UserError
from bot.services.chats import Place
from bot.services.chats.members.waited_for import Outcome, outcome
from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.incoming.quoting import quoted
from bot.slack.screens.talking import passed_on as screens
from bot.slack.services import Services
from storage.members import Member

log = logging.getLogger(__name__)

WAITED = 20.0
"""Seconds for an answer: whoever asks gives up after a while, and the answer stands in Slack all the same."""
ASKED = "Slackbot passes a request of mine on to you, in its words. Do it for me:\n{}"
NOT_SHOWN = "Usher could not write to the member in Slack, so nothing was begun. Try again later."
IN_SLACK = {
    "paused": "Usher asks the member before it goes on: the question stands in their direct message with Usher.",
    "failed": "It did not work out. What happened stands in the member's direct message with Usher.",
}
GOES_ON = "Usher is at work on it. The answer comes into the member's direct message with Usher."


class PassedOn:
    """Slackbot may have the words from anywhere: they are quoted, so that what would send them on is asked about."""

    def __init__(self, client: AsyncWebClient, services: Services, seconds: float = WAITED) -> None:
        self._client = client
        self._services = services
        self._seconds = seconds

    async def __call__(self, member: Member, team: str, request: str) -> str:
        """What Slackbot is told; ``team`` is where the member is at home. Raises `UserError`."""
        try:
            channel, ts = await self._shown(member, request)
        except TROUBLE as error:
            log.warning("what Slackbot passes on could not be shown to its member: %s", code_of(error))
            raise UserError(NOT_SHOWN) from error
        place, source = Place(channel, ts, team, private=True), f"slackbot:{channel}:{ts}"
        said = await self._services.chats.say(member, place, ASKED.format(quoted(request)), source=source)
        return told(await outcome(self._services.db, self._services.bus, member.workspace, said, self._seconds))

    async def _shown(self, member: Member, request: str) -> tuple[str, str]:
        channel = await direct_channel(self._client, member)
        text, blocks = screens.above(request)
        shown = await self._client.chat_postMessage(
            channel=channel, text=text, blocks=blocks, unfurl_links=False, unfurl_media=False
        )
        return channel, str(shown["ts"])


def told(found: Outcome) -> str:
    if found.at_work:
        return GOES_ON
    return "\n\n".join(filter(None, (found.words, IN_SLACK.get(found.status, "" if found.words else GOES_ON))))
