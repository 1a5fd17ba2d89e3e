"""For whom access tokens act, as Slack knows them now."""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.limits.openness import Openness
from bot.services.tokens.access import Standing
from bot.slack.acts.admins import Admins
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.people.colleagues import Colleagues
from bot.slack.edge.people.profiles import Profiles
from storage.members import Member

log = logging.getLogger(__name__)


class Callers:
    def __init__(self, client: AsyncWebClient, profiles: Profiles, openness: Openness, admins: Admins) -> None:
        self._colleagues = Colleagues(client, profiles, openness)
        self._admins = admins

    async def standing(self, member: Member) -> Standing:
        try:
            seen = await self._colleagues.unseen(member)
        except TROUBLE as error:
            log.warning("Slack did not say whether somebody with an access token is still there: %s", code_of(error))
            return Standing.UNKNOWN
        if seen.member is None:
            return Standing.GONE
        return Standing.TURNED_AWAY if seen.refusal else Standing.MEMBER

    async def is_admin(self, member: Member) -> bool:
        return await self._admins.includes(member.id)
