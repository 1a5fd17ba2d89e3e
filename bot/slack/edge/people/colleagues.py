"""Who acted, and whether they may: Slack's guests are in the workspace too, others' people in shared channels."""

import asyncio
import logging
import time
from dataclasses import dataclass
from enum import Enum, auto

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.limits.openness import Openness, OpenTo
from bot.slack.edge.calls.client import whose
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.payload import Payload, authorized_in, member_of
from bot.slack.edge.people.profiles import FOR_SECONDS, Profile, Profiles
from bot.slack.edge.people.standing import Standing, standing
from storage.members import Member

log = logging.getLogger(__name__)

WITHIN = 1.5
"""Seconds: what was done has to be acknowledged within three."""
ASKED = 1.2
"""Seconds, of these, for Slack to say who it is."""
REMEMBERED_SECONDS = 60.0
BELIEVED_SECONDS = 24 * 3600.0
AT_HOME_SECONDS = 600.0
"""For where we are installed, which changes when a team joins an enterprise."""


class Refusal(Enum):
    GUEST = auto()
    """Of the workspace, by Slack's own word."""
    OUTSIDER = auto()
    """Of another organisation."""
    NOT_KNOWN = auto()
    """Slack did not say, and so: no."""


class NotKnownYet(Exception):
    """Slack did not say who it is: what was done is neither taken nor refused, and Slack brings it again."""


@dataclass(frozen=True)
class Seen:
    member: Member | None
    """Who acted, under our own workspace; None for nobody whom there is a reason to answer."""
    refusal: Refusal | None = None

    @property
    def admitted(self) -> Member | None:
        return None if self.refusal else self.member


class Colleagues:
    """Slack is asked where a payload cannot tell; no answer means no."""

    def __init__(self, client: AsyncWebClient, profiles: Profiles, openness: Openness | None = None) -> None:
        self._client = client
        self._profiles = profiles
        self._openness = openness
        self._ours: dict[str, tuple[float, tuple[str, ...]]] = {}

    async def member(self, body: Payload) -> Member | None:
        """Who acted, when they belong here or an admin lets them in."""
        return (await self.seen(body)).admitted

    async def seen(self, body: Payload) -> Seen:
        member = member_of(body)
        if member is None:
            return Seen(None)
        try:
            return await asyncio.wait_for(self._seen(member, body), WITHIN)
        except TROUBLE as error:  # the next try may be answered
            log.warning("Slack did not say whether somebody is one of ours: %s", code_of(error))
            return Seen(member, Refusal.NOT_KNOWN)

    async def of_event(self, body: Payload) -> Seen:
        """Who said it: raises `NotKnownYet` where that cannot be known now, so that no word is lost for that."""
        seen = await self.seen(body)
        if seen.refusal is Refusal.NOT_KNOWN:
            raise NotKnownYet
        return seen

    async def unseen(self, member: Member) -> Seen:
        """Who acts by a program, of which no payload tells; nobody, once the account is over. Raises `TROUBLE`."""
        async with asyncio.timeout(WITHIN):
            ours = await self._own()
            profile = await self._profile(member.id, known_home=False)
            if profile.gone:
                return Seen(None)
            open_to = await self._open_to(member.workspace)
        if not _at_home(profile, ours) and not open_to.outsiders:
            return Seen(member, Refusal.OUTSIDER)
        return Seen(member, Refusal.GUEST if profile.guest and not open_to.guests else None)

    async def _seen(self, member: Member, body: Payload) -> Seen:
        ours = await self._own()
        found = standing(body, frozenset(ours))
        if found is Standing.STRANGER:
            return await self._outsider(member.id, body, ours)
        profile = await self._profile(member.id, known_home=found is Standing.MEMBER)
        if found is Standing.UNKNOWN and (profile.gone or not _at_home(profile, ours)):
            return await self._outsider(member.id, body, ours)
        if profile.guest and not (await self._open_to(member.workspace)).guests:
            return Seen(member, Refusal.GUEST)
        return Seen(member)

    async def _profile(self, user: str, *, known_home: bool) -> Profile:
        """A full member of whom the payload tells the home is looked at as rarely as names are, and once known stays
        one for a while when Slack is away; all others are looked at anew each minute."""
        known = self._profiles.known(user, FOR_SECONDS) if known_home else None
        if known is not None and not known.guest:
            return known
        try:
            return await asyncio.wait_for(self._profiles.of(user, younger_than=REMEMBERED_SECONDS), ASKED)
        except TROUBLE:
            last = self._profiles.known(user, BELIEVED_SECONDS) if known_home else None
            if last is None:
                raise
            return last

    async def _outsider(self, user: str, body: Payload, ours: tuple[str, ...]) -> Seen:
        """Whoever is of elsewhere by the payload has to be so by Slack's own word too: else somebody of theirs whose
        id is the same as that of one of ours would be taken for them."""
        if "event" in body and authorized_in(body).isdisjoint(ours):
            return Seen(None)  # it reached another installation, not us
        member = Member(whose(self._client) or ours[0], user)
        if not (await self._open_to(member.workspace)).outsiders:
            return Seen(member, Refusal.OUTSIDER)
        profile = await self._profile(user, known_home=False)
        return Seen(None) if profile.gone or _at_home(profile, ours) else Seen(member)

    async def _open_to(self, workspace: str) -> OpenTo:
        return await self._openness.of(workspace) if self._openness else OpenTo()

    async def _own(self) -> tuple[str, ...]:
        """Of our own token; first the one that rows are kept under where there is one token: the enterprise's.

        Where we are at home does not change by Slack's being away for a while.
        """
        until, ours = self._ours.get(whose(self._client), (0.0, ()))
        if until > time.monotonic():
            return ours
        try:
            told = await self._client.auth_test()
        except TROUBLE:
            if not ours:
                raise
        else:
            ours = tuple(str(each) for each in (told.get("enterprise_id"), told.get("team_id")) if each)
        self._ours[whose(self._client)] = (time.monotonic() + AT_HOME_SECONDS, ours)
        return ours


def _at_home(profile: Profile, ours: tuple[str, ...]) -> bool:
    return not {profile.team, profile.enterprise}.isdisjoint(ours)
