"""What Slack says of a person, asked once in some minutes for all who want to know."""

import asyncio
import html
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats.members.turns import Person
from bot.slack.edge.errors import TROUBLE
from storage.members import Member

FOR_SECONDS = 600.0
MOST = 5_000
WITHIN = 1.0
"""Seconds that an answer waits for a name; what comes later is there for the next one."""
MOST_AT_ONCE = 20
"""Questions under way; beyond them, as when a whole company writes at nine, answers do without names at once."""
_GUEST = ("is_restricted", "is_ultra_restricted")
_GONE = ("deleted", "is_stranger", "is_bot")


@dataclass(frozen=True)
class Profile:
    """``name`` is what people call themselves: a stranger's text."""

    name: str
    zone: tzinfo
    team: str
    enterprise: str
    gone: bool
    """Not a person of this organisation, or not any more."""
    guest: bool = False
    """Slack's own, of one channel or several: nobody whom the workspace took in whole."""
    picture: str = ""
    """Its address; empty for who chose none: what Slack draws for them shows nothing of them."""


class Profiles:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: OrderedDict[str, tuple[float, Profile]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Profile]] = {}

    async def of(self, user_id: str, *, younger_than: float = FOR_SECONDS) -> Profile:
        """All who ask at the same time wait for one call; raises `TROUBLE` when Slack does not say."""
        if (known := self.known(user_id, younger_than)) is not None:
            return known
        return await asyncio.shield(self._asked(user_id))

    def known(self, user_id: str, younger_than: float = FOR_SECONDS) -> Profile | None:
        at, known = self._known.get(user_id, (0.0, None))
        return known if known is not None and time.monotonic() - at < younger_than else None

    async def about(self, member: Member) -> Person:
        """For the model."""
        if len(self._asking) >= MOST_AT_ONCE and self.known(member.id) is None:
            return Person()
        try:
            profile = await asyncio.wait_for(self.of(member.id), WITHIN)
        except TROUBLE:
            return Person()
        return Person(profile.name, profile.zone, profile.picture)

    def _asked(self, user_id: str) -> "asyncio.Task[Profile]":
        if user_id not in self._asking:
            task = self._asking[user_id] = asyncio.create_task(self._ask(user_id), name="profile")
            task.add_done_callback(lambda done: self._answered(user_id, done))
        return self._asking[user_id]

    def _answered(self, user_id: str, done: "asyncio.Task[Profile]") -> None:
        """Failures are for who waits, and for nobody when nobody does any more."""
        del self._asking[user_id]
        if done.cancelled() or done.exception() is not None:
            return
        self._known[user_id] = (time.monotonic(), done.result())
        self._known.move_to_end(user_id)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    async def _ask(self, user_id: str) -> Profile:
        return profile_of((await self._client.users_info(user=user_id)).get("user") or {})


def profile_of(user: Mapping[str, Any]) -> Profile:
    profile = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    enterprise = (user.get("enterprise_user") or {}).get("enterprise_id") or user.get("enterprise_id")
    gone = any(user.get(flag) for flag in _GONE)
    picture = str(profile.get("image_192") or "") if profile.get("is_custom_image") else ""
    return Profile(
        html.unescape(str(name or "")),
        _zone(user),
        str(user.get("team_id") or ""),
        str(enterprise or ""),
        gone,
        any(user.get(flag) for flag in _GUEST),
        picture,
    )


def _zone(user: Mapping[str, Any]) -> tzinfo:
    """By its name, so that summer time counts; where this machine does not know it, by its distance from UTC."""
    try:
        return ZoneInfo(str(user["tz"]))
    except (KeyError, ValueError, OSError):  # also a name that leads to a folder, or out of them
        pass
    try:
        return timezone(timedelta(seconds=int(user["tz_offset"])))
    except (KeyError, TypeError, ValueError):
        return UTC
