"""Who is an administrator: asked of Slack, believed for a minute, and no when in doubt."""

import logging
import time
from collections.abc import Callable, Collection
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from storage.members import Member

log = logging.getLogger(__name__)

BELIEVED_SECONDS = 60.0
_ROLES = ("is_admin", "is_owner", "is_primary_owner")
_NEVER = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")


class Admins:
    """``extra`` are ids that the operator trusts besides Slack's own administrators."""

    def __init__(
        self, client: AsyncWebClient, extra: Collection[str] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._extra = frozenset(extra)
        self._clock = clock
        self._known: dict[Member, tuple[float, bool]] = {}

    async def include(self, member: Member) -> bool:
        """To be asked at every act, since an old view still sends clicks."""
        asked, answer = self._known.get(member, (0.0, False))
        if asked and self._clock() - asked < BELIEVED_SECONDS:
            return answer
        answer = await self._ask(member)
        self._known[member] = (self._clock(), answer)
        return answer

    async def _ask(self, member: Member) -> bool:
        try:
            user: dict[str, Any] = (await self._client.users_info(user=member.id))["user"]
        except (SlackApiError, ClientError, TimeoutError, KeyError):
            log.warning("Slack did not say who is an administrator; taken as no", exc_info=True)
            return False
        if any(user.get(flag) for flag in _NEVER):
            return False
        roles = {**user, **user.get("enterprise_user", {})}
        return member.id in self._extra or any(roles.get(role) for role in _ROLES)
