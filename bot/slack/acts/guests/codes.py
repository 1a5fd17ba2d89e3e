"""The code of a link for one member goes to them, in their direct message with Usher."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.links.admission.values import NotSent
from bot.slack.acts.direct_message import tell
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.screens.guests import guests
from storage.members import Member
from storage.tables import Link

NOBODY = frozenset({"user_disabled", "user_not_found", "cannot_dm_bot", "user_not_visible", "no_permission"})


class CodesBySlack:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def __call__(self, link: Link, code: str, language: str) -> None:
        try:
            with acting_for(link.workspace_id):
                await tell(self._client, Member(link.workspace_id, link.addressee), guests.code(link, code))
        except TROUBLE as error:
            raise NotSent(for_good=code_of(error) in NOBODY) from error
