"""People of other workspaces: of our own enterprise they are members, and strangers if of any other organisation."""

import asyncio
import logging
import time
from collections import OrderedDict

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.payload import Payload, claims_enterprise, member_of
from storage.members import Member

log = logging.getLogger(__name__)

WITHIN = 1.5
"""Seconds: what was done has to be acknowledged within three."""
REMEMBERED_SECONDS = 60.0
MOST_REMEMBERED = 5_000


class Colleagues:
    """Slack is asked, since a payload cannot tell a colleague's workspace from a stranger's; no answer means no."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: OrderedDict[Member, tuple[float, bool]] = OrderedDict()

    async def member(self, body: Payload) -> Member | None:
        """Who acted, when they belong here."""
        member = member_of(body)
        if member is None or not claims_enterprise(body):
            return member
        return member if await self._belongs(member) else None

    async def _belongs(self, member: Member) -> bool:
        until, found = self._known.get(member, (0.0, False))
        if until > time.monotonic():
            return found
        try:
            found = await asyncio.wait_for(self._asked(member), WITHIN)
        except TROUBLE as error:  # not remembered: the next try may be answered
            log.warning("Slack did not say whether somebody is of this enterprise: %s", code_of(error))
            return False
        self._known[member] = (time.monotonic() + REMEMBERED_SECONDS, found)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return found

    async def _asked(self, member: Member) -> bool:
        """Held against the enterprise of our own token: the one in a payload may be the stranger's."""
        ours = str((await self._client.auth_test()).get("enterprise_id") or "")
        user = (await self._client.users_info(user=member.id)).get("user") or {}
        theirs = (user.get("enterprise_user") or {}).get("enterprise_id") or user.get("enterprise_id")
        gone = any(user.get(flag) for flag in ("deleted", "is_stranger", "is_bot"))
        return bool(ours) and ours == member.workspace == theirs and not gone
