"""Who acted, when they are one of ours: people of other organisations are in shared channels too."""

import asyncio
import logging
import time

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.payload import Payload, member_of
from bot.slack.edge.people.profiles import Profiles
from bot.slack.edge.people.standing import Standing, standing
from storage.members import Member

log = logging.getLogger(__name__)

WITHIN = 1.5
"""Seconds: what was done has to be acknowledged within three."""
REMEMBERED_SECONDS = 60.0
AT_HOME_SECONDS = 600.0
"""For where we are installed, which changes when a team joins an enterprise."""


class Colleagues:
    """Slack is asked where a payload cannot tell; no answer means no."""

    def __init__(self, client: AsyncWebClient, profiles: Profiles) -> None:
        self._client = client
        self._profiles = profiles
        self._ours: tuple[float, frozenset[str]] = (0.0, frozenset())

    async def member(self, body: Payload) -> Member | None:
        """Who acted, when they belong here."""
        member = member_of(body)
        if member is None:
            return None
        try:
            return member if await asyncio.wait_for(self._belongs(member, body), WITHIN) else None
        except TROUBLE as error:  # the next try may be answered
            log.warning("Slack did not say whether somebody is one of ours: %s", code_of(error))
            return None

    async def _belongs(self, member: Member, body: Payload) -> bool:
        ours = await self._own()
        found = standing(body, ours)
        if found is not Standing.UNKNOWN:
            return found is Standing.MEMBER
        profile = await self._profiles.of(member.id, younger_than=REMEMBERED_SECONDS)
        return not profile.gone and not ours.isdisjoint({profile.team, profile.enterprise} - {""})

    async def _own(self) -> frozenset[str]:
        """Of our own token. Where we are at home does not change by Slack's being away for a while."""
        until, ours = self._ours
        if until > time.monotonic():
            return ours
        try:
            told = await self._client.auth_test()
        except TROUBLE:
            if not ours:
                raise
        else:
            ours = frozenset(str(each) for each in (told.get("team_id"), told.get("enterprise_id")) if each)
        self._ours = (time.monotonic() + AT_HOME_SECONDS, ours)
        return ours
