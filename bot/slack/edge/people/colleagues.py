"""People of other workspaces: of our own enterprise they are members, and strangers if of any other organisation."""

import asyncio
import logging
import time

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.payload import Payload, claims_enterprise, member_of
from bot.slack.edge.people.profiles import Profiles
from storage.members import Member

log = logging.getLogger(__name__)

WITHIN = 1.5
"""Seconds: what was done has to be acknowledged within three."""
REMEMBERED_SECONDS = 60.0


class Colleagues:
    """Slack is asked, since a payload cannot tell a colleague's workspace from a stranger's; no answer means no."""

    def __init__(self, client: AsyncWebClient, profiles: Profiles) -> None:
        self._client = client
        self._profiles = profiles
        self._ours: tuple[float, str] = (0.0, "")

    async def member(self, body: Payload) -> Member | None:
        """Who acted, when they belong here."""
        member = member_of(body)
        if member is None or not claims_enterprise(body):
            return member
        return member if await self._belongs(member) else None

    async def _belongs(self, member: Member) -> bool:
        try:
            return await asyncio.wait_for(self._asked(member), WITHIN)
        except TROUBLE as error:  # the next try may be answered
            log.warning("Slack did not say whether somebody is of this enterprise: %s", code_of(error))
            return False

    async def _asked(self, member: Member) -> bool:
        """Held against the enterprise of our own token: the one in a payload may be the stranger's."""
        ours = await self._own_enterprise()
        profile = await self._profiles.of(member.id, younger_than=REMEMBERED_SECONDS)
        return bool(ours) and ours == member.workspace == profile.enterprise and not profile.gone

    async def _own_enterprise(self) -> str:
        until, ours = self._ours
        if until < time.monotonic():
            ours = str((await self._client.auth_test()).get("enterprise_id") or "")
            self._ours = (time.monotonic() + REMEMBERED_SECONDS, ours)
        return ours
