"""Who the administrators are: to be told what only they can mend, and to be let do what only they may."""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Set
from typing import Any
from weakref import WeakKeyDictionary

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.calls.client import whose
from bot.slack.edge.errors import TROUBLE, code_of
from storage.members import Member

log = logging.getLogger(__name__)

MOST = 20
WITHIN = 1.5
"""Seconds: what somebody is to see has to be opened within three."""
PAGES = 10  # of 200 people each
_ROLES = ("is_admin", "is_owner", "is_primary_owner")
AT_HOME_SECONDS = 600.0
_OURS: WeakKeyDictionary[AsyncWebClient, dict[str, tuple[float, frozenset[str]]]] = WeakKeyDictionary()
"""By client, and by whose token it asks: until when that is known."""
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
                ours = await self._ours()
                found += [user["id"] for user in answer["members"] if _is_admin(user, ours)]
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
            async with asyncio.timeout(WITHIN):
                told = (await self._client.users_info(user=user)).get("user") or {}
                return _is_admin(told, await self._ours())
        except TROUBLE as error:
            log.warning("Slack did not say whether a member is an administrator: %s", code_of(error))
            return False

    async def _ours(self) -> frozenset[str]:
        """The ids of the team and of the enterprise that our token is of."""
        held = _OURS.setdefault(self._client, {})
        until, ours = held.get(whose(self._client), (0.0, frozenset[str]()))
        if until <= time.monotonic():
            told = await self._client.auth_test()
            ours = frozenset(str(each) for each in (told.get("team_id"), told.get("enterprise_id")) if each)
            held[whose(self._client)] = (time.monotonic() + AT_HOME_SECONDS, ours)
        return ours


def _is_admin(user: Mapping[str, Any], ours: Set[str]) -> bool:
    """Here: whoever comes by a shared channel may be one at home."""
    of_enterprise = user.get("enterprise_user") or {}
    homes = {str(each) for each in (user.get("team_id"), user.get("enterprise_id"), of_enterprise.get("enterprise_id"))}
    roles = {**user, **of_enterprise}
    is_one = any(roles.get(role) for role in _ROLES) and not any(user.get(flag) for flag in _NEVER)
    return is_one and not homes.isdisjoint(ours)
