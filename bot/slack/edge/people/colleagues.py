"""Who acted, and whether they may: Slack's guests are in the workspace too, others' people in shared channels."""

import asyncio
import logging
import time

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.limits.outside.people import Judged, OutsidePeople
from bot.slack.edge.calls.client import whose
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.payload import Payload, authorized_in, in_shared_channel, member_of, place_of, workspace_of
from bot.slack.edge.people.profiles import FOR_SECONDS, Profile, Profiles
from bot.slack.edge.people.seen import Refusal, Seen
from bot.slack.edge.people.standing import Standing, standing
from storage.members import Member
from storage.rules.outside import Kind, May

log = logging.getLogger(__name__)

WITHIN = 1.5
"""Seconds: what was done has to be acknowledged within three."""
ASKED = 1.2
"""Seconds, of these, for Slack to say who it is."""
REMEMBERED_SECONDS = 60.0
BELIEVED_SECONDS = 24 * 3600.0
AT_HOME_SECONDS = 600.0
"""For where we are installed, which changes when a team joins an enterprise."""


MOST_INSIDE = 5_000
REFUSED = {
    Kind.GUESTS: Refusal.GUEST,
    Kind.OUTSIDERS: Refusal.OUTSIDER,
    Kind.BOTS: Refusal.BOT,
}
BY_RULE = {
    May.ASK_FIRST: Refusal.ASK_FIRST,
    May.WAIT: Refusal.WAITS,
    May.NOT_THEY: Refusal.REFUSED,
    May.ELSEWHERE: Refusal.ELSEWHERE,
}


class NotKnownYet(Exception):
    """Slack did not say who it is: what was done is neither taken nor refused, and Slack brings it again."""


class Colleagues:
    """Slack is asked where a payload cannot tell; no answer means no. Without ``outside`` members alone are let in."""

    def __init__(self, client: AsyncWebClient, profiles: Profiles, outside: OutsidePeople | None = None) -> None:
        self._client = client
        self._profiles = profiles
        self._outside = outside
        self._inside: dict[Member, float] = {}
        """Until when each is known as a member of whom nothing else is noted."""
        self._ours: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._us: dict[str, set[str]] = {}
        """Our own ids, as a user and as a bot."""

    async def member(self, body: Payload) -> Member | None:
        """Who acted, when they belong here or an admin lets them in."""
        return (await self.seen(body)).admitted

    async def seen(self, body: Payload) -> Seen:
        member = member_of(body)
        if member is None:
            return Seen(None)
        try:
            async with asyncio.timeout(WITHIN):
                return await self._seen(member, body)
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
            if not _at_home(profile, ours):
                return await self._judged(member, Kind.OUTSIDERS, "", profile.team)
            if profile.guest:
                return await self._judged(member, Kind.GUESTS, "", profile.team)
        return Seen(member)

    async def _seen(self, member: Member, body: Payload) -> Seen:
        ours = await self._own()
        found = standing(body, frozenset(ours))
        if found is Standing.STRANGER:
            return await self._outsider(member.id, body, ours)
        profile = await self._profile(member.id, known_home=found is Standing.MEMBER)
        if found is Standing.UNKNOWN and (profile.gone or not _at_home(profile, ours)):
            return await self._outsider(member.id, body, ours)
        if profile.guest:
            return await self._judged(member, Kind.GUESTS, place_of(body), profile.team)
        await self._settled_in(member)
        return Seen(member)

    async def bot(self, body: Payload) -> Seen:
        """Another app of this workspace, or a workflow, which has no account: never one of elsewhere, never we."""
        event, ours = body["event"], await self._own()
        who = str(event.get("user") or event.get("bot_id") or "")
        profile = event.get("bot_profile") or {}
        homes = {str(each) for each in (event.get("team"), profile.get("team_id")) if each}
        if not who or not homes <= {*ours, *authorized_in(body)} or not (homes or in_shared_channel(body) is False):
            return Seen(None)
        if {who, str(event.get("bot_id") or "")} & self._us.get(whose(self._client), set()):
            return Seen(None)
        # With a person's token an app posts in their name: it is the app still, and has nothing of theirs.
        if event.get("user") and not (await self._profile(who, known_home=True)).program:
            who = str(event.get("bot_id") or "")
        if not who:
            return Seen(None)
        return await self._judged(Member(workspace_of(body), who), Kind.BOTS, place_of(body), "")

    async def _judged(self, member: Member, kind: Kind, place: str | None, home: str) -> Seen:
        """Noted as from outside before anything of theirs is done."""
        self._inside.pop(member, None)
        found = await self._outside.judged(member, kind, place) if self._outside else Judged(May.NO)
        if found.may in (May.ALL, May.READ):
            if self._outside and not found.known:
                await self._outside.meet(member, kind, home)
            return Seen(member, None, kind, home, reads_only=found.may is May.READ)
        refusal = BY_RULE.get(found.may, REFUSED[kind])
        return Seen(member, refusal, kind, home, channels=found.channels, until=found.until)

    async def _settled_in(self, member: Member) -> None:
        """Who was from outside once is a member now: looked at as often as profiles are."""
        if self._outside is None or self._inside.get(member, 0.0) > time.monotonic():
            return
        await self._outside.inside(member)
        if len(self._inside) >= MOST_INSIDE:
            self._inside.clear()
        self._inside[member] = time.monotonic() + FOR_SECONDS

    async def _profile(self, user: str, *, known_home: bool) -> Profile:
        """A full member of whom the payload tells the home is looked at as rarely as names are, and once known stays
        one for a while when Slack is away; all others are looked at anew each minute."""
        known = self._profiles.known(user, FOR_SECONDS) if known_home else None
        if known is not None and not known.guest:
            return known
        try:
            async with asyncio.timeout(ASKED):
                return await self._profiles.of(user, younger_than=REMEMBERED_SECONDS)
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
        found = await self._outside.judged(member, Kind.OUTSIDERS, place_of(body)) if self._outside else None
        if found is None or found.may is May.NO:
            return Seen(member, Refusal.OUTSIDER, Kind.OUTSIDERS)
        profile = await self._profile(user, known_home=False)
        if profile.gone or _at_home(profile, ours):
            return Seen(None)
        return await self._judged(member, Kind.OUTSIDERS, place_of(body), profile.team)

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
            self._us[whose(self._client)] = {str(each) for each in (told.get("user_id"), told.get("bot_id")) if each}
        self._ours[whose(self._client)] = (time.monotonic() + AT_HOME_SECONDS, ours)
        return ours


def _at_home(profile: Profile, ours: tuple[str, ...]) -> bool:
    return not {profile.team, profile.enterprise}.isdisjoint(ours)
