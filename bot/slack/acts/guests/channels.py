"""A channel in which guests' chats are to be followed is looked at: who may read there, and whether Usher is in it."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.links.hosting import channels
from bot.services.links.hosting.channels import Channel
from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.services import Services
from storage.members import Member
from storage.tables import Link

INVITE = "I am not in that channel, or it is not there. Write `/invite @Usher` in it, then choose it again."
ARCHIVED = "That channel is archived. Choose another."
SHARED = "That channel is shared with another organisation, whose people would read your guests' chats. Choose another."
NO_CHANNEL = "Chats can be followed in a channel, or in your direct message with me: choose one of these."
NOT_IN_IT = "You are not in that channel yourself. Choose one that you are in."
NO_SCOPE = "I may not look at channels here yet: an administrator has to install me anew. Leave it empty until then."
AWAY = "Slack does not say what that channel is. Please try again in a moment."
AT_ONCE, MOST_PAGES = 200, 50
LOST = frozenset({"is_archived", "channel_not_found", "not_in_channel", "restricted_action", "no_permission"})
"""With these Slack refuses a message to a channel for good; whether it is so is looked at before anything moves."""

MOST_KNOWN = 10_000
_KNOWN: WeakKeyDictionary[AsyncWebClient, OrderedDict[Member, str]] = WeakKeyDictionary()
"""Direct messages that a client has opened: Slack gives the same again, but may be asked only fifty times a minute."""
ENDED = frozenset({"user_disabled", "user_not_found", "cannot_dm_bot"})
ENDED_FOR = 60.0
"""Seconds in which Slack is not asked again, which each message of a guest of theirs would."""
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class _Gone:
    since: float
    error: SlackApiError


_GONE: WeakKeyDictionary[AsyncWebClient, OrderedDict[Member, _Gone]] = WeakKeyDictionary()


class ChannelsBySlack:
    """Fails closed: what Slack does not say of a channel is taken for the worse."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def about(self, member: Member, channel: str) -> Channel:
        with acting_for(member.workspace):
            return await self._about(member, channel)

    async def _about(self, member: Member, channel: str) -> Channel:
        try:
            answer = await self._client.conversations_info(channel=channel)
            complaint = _complaint(answer["channel"])
            if not complaint and answer["channel"].get("is_private", True) and not await self._in_it(member, channel):
                complaint = NOT_IN_IT
        except TROUBLE as error:
            match code_of(error):
                case "channel_not_found" | "not_in_channel" | "access_denied":
                    return Channel(INVITE)
                case "missing_scope":
                    return Channel(NO_SCOPE, known=False)
            return Channel(AWAY, known=False)
        return Channel(complaint)

    async def _in_it(self, member: Member, channel: str) -> bool:
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._client.conversations_members(channel=channel, limit=AT_ONCE, cursor=cursor)
            if member.id in page["members"]:
                return True
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return False
        return False


async def home_of(client: AsyncWebClient, link: Link) -> str:
    """The channel in which its chats are followed now."""
    return channels.channel_of(link) or await _direct(client, Member(link.workspace_id, link.creator_id))


async def _direct(client: AsyncWebClient, member: Member) -> str:
    known, gone = _KNOWN.setdefault(client, OrderedDict()), _GONE.setdefault(client, OrderedDict())
    if member in known:
        return known[member]
    if member in gone and time.monotonic() < gone[member].since + ENDED_FOR:
        raise gone[member].error.with_traceback(None)
    try:
        _keep(known, member, await direct_channel(client, member))
    except SlackApiError as error:
        if code_of(error) in ENDED:
            _keep(gone, member, _Gone(time.monotonic(), error))
        raise
    return known[member]


def _keep(those: OrderedDict[Member, Kept], member: Member, one: Kept) -> None:
    those[member] = one
    if len(those) > MOST_KNOWN:
        those.popitem(last=False)


class LostChannels:
    """A channel that takes no more messages is left: what was to be told there goes to the creator alone."""

    def __init__(self, services: Services, known: channels.Channels) -> None:
        self._services = services
        self._known = known

    async def left(self, workspace: str, link_id: str, error: SlackApiError) -> bool:
        """True: what failed with this error may be told anew."""
        if code_of(error) not in LOST:
            return False
        async with self._services.db.read() as tables:
            link = await tables.links.get(workspace, link_id)
        if link is None or not channels.channel_of(link):
            return False
        about = await self._known.about(Member(workspace, link.creator_id), link.follow_channel)
        if not (about.known and about.complaint):
            return False
        await channels.leave(self._services.db, link)
        return True


def _complaint(channel: Mapping[str, Any]) -> str:
    if channel.get("is_im") or channel.get("is_mpim"):
        return NO_CHANNEL
    if channel.get("is_archived"):
        return ARCHIVED
    if any(channel.get(name) for name in ("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared")):
        return SHARED
    return "" if channel.get("is_member") else INVITE
