"""What Slack says of a person, asked once in some minutes for all who want to know."""

import asyncio
import html
import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats.members.turns import Person
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.calls.client import whose
from bot.slack.edge.errors import TROUBLE, code_of
from storage.members import Member

log = logging.getLogger(__name__)

FOR_SECONDS = 600.0
MOST = 5_000
WITHIN = 1.0
"""Seconds that an answer waits for a name; what comes later is there for the next one."""
MOST_AT_ONCE = 20
"""Questions under way; beyond them, as when a whole company writes at nine, answers do without names at once."""
MOST_ALONE = 20
"""Questions under way about one person each; from then on all are listed at once."""
PAGES, A_PAGE = 10, 500
"""As many as are kept; of an organisation that is larger the others are asked about alone."""
Whom = tuple[str, str]
"""By whose token, and the person's id."""
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
    program: bool = False
    """An app's own account."""
    picture: str = ""
    """Its address; empty for who chose none: what Slack draws for them shows nothing of them."""


class Profiles:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: OrderedDict[Whom, tuple[float, Profile]] = OrderedDict()
        self._asking: dict[Whom, asyncio.Task[Profile]] = {}
        self._lists: dict[str, tuple[float, asyncio.Task[None]]] = {}

    async def of(self, user_id: str, *, younger_than: float = FOR_SECONDS) -> Profile:
        """All who ask at the same time wait for one call; raises `TROUBLE` when Slack does not say."""
        if (known := self.known(user_id, younger_than)) is not None:
            return known
        return await asyncio.shield(self._asked(user_id))

    def known(self, user_id: str, younger_than: float = FOR_SECONDS) -> Profile | None:
        at, known = self._known.get(self._whom(user_id), (0.0, None))
        return known if known is not None and time.monotonic() - at < younger_than else None

    def forget(self, user_id: str) -> None:
        """Something of it has changed: whoever asks next asks Slack."""
        self._known.pop(self._whom(user_id), None)

    async def about(self, member: Member) -> Person:
        """For the model."""
        with acting_for(member.workspace):
            return await self._about(member)

    async def _about(self, member: Member) -> Person:
        if (profile := self.known(member.id)) is None:
            if len(self._asking) >= MOST_AT_ONCE:
                return Person()
            try:
                async with asyncio.timeout(WITHIN):
                    profile = await self.of(member.id)
            except TROUBLE:
                return Person()
        return Person(profile.name, profile.zone, profile.picture)

    def _asked(self, user_id: str) -> "asyncio.Task[Profile]":
        whom = self._whom(user_id)
        if whom not in self._asking:
            task = self._asking[whom] = asyncio.create_task(self._ask(user_id), name="profile")
            task.add_done_callback(lambda done: self._answered(whom, done))
        return self._asking[whom]

    def _answered(self, whom: Whom, done: "asyncio.Task[Profile]") -> None:
        """Failures are for who waits, and for nobody when nobody does any more."""
        del self._asking[whom]
        if done.cancelled() or done.exception() is not None:
            return
        self._keep(whom, done.result())

    def _whom(self, user_id: str) -> Whom:
        """What one workspace's token tells of somebody is no other's to know."""
        return whose(self._client), user_id

    async def _ask(self, user_id: str) -> Profile:
        """Of a crowd, as after a restart, all are listed together: Slack takes a hundred questions a minute."""
        if len(self._asking) > MOST_ALONE and (listed := await self._listed(user_id)) is not None:
            return listed
        return profile_of((await self._client.users_info(user=user_id)).get("user") or {})

    async def _listed(self, user_id: str) -> Profile | None:
        at, listing = self._lists.get(whose(self._client), (0.0, None))
        if listing is None or (listing.done() and time.monotonic() - at >= FOR_SECONDS):
            listing = asyncio.create_task(self._list_all(), name="profiles")
            self._lists[whose(self._client)] = time.monotonic(), listing
        await asyncio.shield(listing)
        return self.known(user_id)

    async def _list_all(self) -> None:
        """Best effort: whoever is not found here is asked about alone."""
        cursor = ""
        try:
            for _ in range(PAGES):
                answer = await self._client.users_list(limit=A_PAGE, cursor=cursor)
                for user in answer.get("members") or ():
                    self._keep(self._whom(str(user["id"])), profile_of(user))
                cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
                if not cursor:
                    return
        except TROUBLE as error:
            log.warning("Slack did not list who is here: %s", code_of(error))

    def _keep(self, whom: Whom, profile: Profile) -> None:
        self._known[whom] = (time.monotonic(), profile)
        self._known.move_to_end(whom)
        if len(self._known) > MOST:
            self._known.popitem(last=False)


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
        bool(user.get("is_bot")),
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
