"""Who the administrators are: to be told what only they can mend, and to be let do what only they may."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.errors import TROUBLE, code_of
from storage.members import Member

log = logging.getLogger(__name__)

MOST = 20
WITHIN = 1.5
"""Seconds: what somebody is to see has to be opened within three."""
PAGES = 10  # of 200 people each
_ROLES = ("is_admin", "is_owner", "is_primary_owner")
_NEVER = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")


class Admins:
    """``extra`` are ids that the operator named (USHER_ADMINS); when there are some, they alone are told."""

    def __init__(self, client: AsyncWebClient, extra: Collection[str] = ()) -> None:
        self._client = client
        self._extra = sorted(extra)

    async def ids(self) -> list[str]:
        """At most `MOST`; none when Slack does not say."""
        if self._extra:
            return self._extra[:MOST]
        found: list[str] = []
        cursor = ""
        try:
            for _ in range(PAGES):
                answer = await self._client.users_list(limit=200, cursor=cursor)
                found += [user["id"] for user in answer["members"] if _is_admin(user)]
                cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
                if not cursor or len(found) >= MOST:
                    break
        except SlackApiError as error:
            log.warning("Slack did not say who the administrators are: %s", code_of(error))
        return found[:MOST]

    async def member(self, member: Member) -> bool:
        """As `includes`, wherever it is asked."""
        with acting_for(member.workspace):
            return await self.includes(member.id)

    async def includes(self, user: str) -> bool:
        """Is this one an admin, of the operator's or of Slack's? No, when Slack does not say."""
        if user in self._extra:
            return True
        try:
            answer = await asyncio.wait_for(self._client.users_info(user=user), WITHIN)
        except TROUBLE as error:
            log.warning("Slack did not say whether a member is an administrator: %s", code_of(error))
            return False
        return _is_admin(answer.get("user") or {})


def _is_admin(user: Mapping[str, Any]) -> bool:
    roles = {**user, **user.get("enterprise_user", {})}
    return any(roles.get(role) for role in _ROLES) and not any(user.get(flag) for flag in _NEVER)
