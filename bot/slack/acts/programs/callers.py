"""For whom access tokens act, as Slack knows them now."""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.limits.outside.people import OutsidePeople
from bot.services.tokens.access import Standing
from bot.slack.acts.admins import Admins
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.people.colleagues import Colleagues
from bot.slack.edge.people.profiles import Profiles
from storage.members import Member

log = logging.getLogger(__name__)


class Callers:
    def __init__(self, client: AsyncWebClient, profiles: Profiles, outside: OutsidePeople, admins: Admins) -> None:
        self._colleagues = Colleagues(client, profiles, outside)
        self._admins = admins

    async def standing(self, member: Member) -> Standing:
        try:
            with acting_for(member.workspace):
                seen = await self._colleagues.unseen(member)
        except TROUBLE as error:
            log.warning("Slack did not say whether somebody with an access token is still there: %s", code_of(error))
            return Standing.UNKNOWN
        if seen.member is None:
            return Standing.GONE
        # What a program does for its member may be anything: whoever may only read asks in person.
        return Standing.TURNED_AWAY if seen.refusal or seen.reads_only else Standing.MEMBER

    async def is_admin(self, member: Member) -> bool:
        return await self._admins.member(member)
