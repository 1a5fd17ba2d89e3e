"""What people say to Usher: in the direct message, by mention, or going on in a thread that it was called into.

All else that is said in channels is let pass.
"""

import logging
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.agents import asking
from bot.services.chats import Place
from bot.services.chats.members.joining import source
from bot.services.links.values import Guest
from bot.slack.acts.hearing.bots import Bots
from bot.slack.acts.hearing.first_questions import FirstQuestions
from bot.slack.acts.hearing.follow_ups import FollowUps
from bot.slack.acts.hearing.taking_in import TakingIn
from bot.slack.acts.installed.greeting import Greeting
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.edge.payload import Payload, home_team_of, workspace_of
from bot.slack.edge.people.seen import Refusal, Seen
from bot.slack.edge.people.turning_away import TurningAway, words
from bot.slack.edge.registration import Registry
from bot.slack.incoming.spoken import Spoken, by_a_person, own_id, spoken
from bot.slack.listeners import hosting
from bot.slack.listeners.hearing import stopping
from bot.slack.listeners.hearing.second_thoughts import SecondThoughts, note
from bot.slack.services import Services
from storage.members import Member

log = logging.getLogger(__name__)

SUBSCRIPTIONS = ("message.im", "message.channels", "message.groups", "message.mpim")


def hang(registry: Registry, services: Services, client: AsyncWebClient, greeting: Greeting) -> None:
    hearing = Hearing(registry, services, client, greeting)
    registry.taken("message", hearing.said_somewhere, subscriptions=SUBSCRIPTIONS, unknown=hearing.nobody_known)
    registry.taken("app_mention", hearing.mentioned, unknown=hearing.nobody_known)


class Hearing:
    """Each message is stored before it is acknowledged, and answered once whatever events bring it."""

    def __init__(self, registry: Registry, services: Services, client: AsyncWebClient, greeting: Greeting) -> None:
        self._lanes = KeyedLocks()
        self._follow_ups = FollowUps(client, services)
        self._second_thoughts = SecondThoughts(services, client, self._lanes)
        self._colleagues = registry.colleagues
        self._turning_away = TurningAway(client)
        self._taking_in = TakingIn(client, services)
        self._first_questions = FirstQuestions(services)
        self._bots = Bots(services, self._colleagues, self._taking_in)
        self._services = services
        self._client = client
        self._greeting = greeting

    async def said_somewhere(self, body: Payload) -> None:
        event = body["event"]
        if event.get("subtype") in ("message_changed", "message_deleted"):
            await self._second_thoughts.had(body)
            return
        # Before anything is waited for: that it was changed or deleted may be the very next to come.
        note(self._services, body)
        if not by_a_person(event):
            await self._bots.said(body)
            return
        if event.get("channel_type") == "im":
            if member := await self._admitted(body):
                await self._hear(body, member, private=True)
                await self._greeting.met(member)
        elif _mentions(event, own_id(body)) and (event.get("channel_type") == "mpim" or event.get("files")):
            await self.mentioned(body)  # some of these come as a mention too, and some do not
        elif guest := await self._guest(body):
            if member := (await self._colleagues.of_event(body)).admitted:
                said = spoken(event, own_id(body))
                place = Place(event["channel"], event["thread_ts"], home_team_of(body), private=False)
                await self._to_guest(member, guest, place, said, source(event["channel"], event["ts"]))
        elif _goes_on(event, own_id(body)):
            await self._follow_up(body)

    async def nobody_known(self, body: Payload) -> None:
        """Slack has not said for minutes who it is. Whoever asked us is told; what was merely said near us is not."""
        event = body["event"]
        if by_a_person(event) and (event.get("channel_type") == "im" or _mentions(event, own_id(body))):
            await self._turning_away.message(event, words(Seen(None, Refusal.NOT_KNOWN)))

    async def _admitted(self, body: Payload) -> Member | None:
        """Who asked us; whoever may not is told so, and of whom an admin decides their first question is kept."""
        seen = await self._colleagues.of_event(body)
        if seen.refusal is Refusal.ASK_FIRST:
            await self._turning_away.message(body["event"], await self._first_questions.kept(seen, body))
        elif seen.refusal is not None:
            await self._turning_away.message(body["event"], words(seen))
        return seen.admitted

    async def _follow_up(self, body: Payload) -> None:
        member = (await self._colleagues.of_event(body)).admitted
        if member is None or await self._follow_ups.sent_away(member, body):
            return
        if await self._follow_ups.meant(member, body):
            await self._hear(body, member, private=False)
            await self._bots.person_asked(member.workspace, body["event"]["channel"], body["event"]["thread_ts"])

    async def mentioned(self, body: Payload) -> None:
        event = body["event"]
        if not by_a_person(event):
            await self._bots.said(body)
            return
        if await self._guest(body):
            return  # what is said in a guest's thread is no question to the agent
        if member := await self._admitted(body):
            if await self._follow_ups.sent_away(member, body):
                return
            thread = event.get("thread_ts") or event["ts"]
            self._services.threads.follow((member.workspace, event["channel"], thread))
            note(self._services, body)
            await self._hear(body, member, private=event["channel"].startswith("D"))
            self._follow_ups.mentioned(member, event["channel"], thread)
            if "thread_ts" in event:
                await self._services.chats.following.called(member.workspace, event["channel"], thread)
                await self._bots.person_asked(member.workspace, event["channel"], thread)

    async def _hear(self, body: Payload, member: Member, *, private: bool) -> None:
        """A message of an old thread goes on in it; any other opens one, or joins the one before it."""
        event = body["event"]
        channel, ts, thread = event["channel"], event["ts"], event.get("thread_ts")
        said = spoken(event, own_id(body))
        place = Place(channel, thread or ts, home_team_of(body), private)
        if private and (guest := await self._guest(body)):
            await self._to_guest(member, guest, place, said, source(channel, ts))
            return
        if stopping.is_stop(said.words) and said.alone:
            if thread is None:
                if answer := await stopping.stop_all(self._services, member, channel, ts):
                    await self._taking_in.answer(place, answer)
                return
            if await stopping.stop(self._services, member, channel, thread):
                return
        lane = thread or ("" if private else ts)
        async with self._lanes.turn((member.workspace, channel, lane)):
            if (
                private
                and thread is None
                and not asking.names_one(said.words)
                and (joined := await self._services.chats.thread_to_join(member, channel, ts))
            ):
                place = Place(channel, joined, place.team, private)
            await self._taking_in.say(member, place, event, said)

    async def _guest(self, body: Payload) -> Guest | None:
        """In whose thread it was said."""
        event = body["event"]
        if (thread := event.get("thread_ts")) is None:
            return None
        return await self._services.hosting.followed_in(workspace_of(body), event["channel"], thread)

    async def _to_guest(self, member: Member, guest: Guest, place: Place, said: Spoken, first: str) -> None:
        async with self._lanes.turn(guest.session.id):  # in the order in which they were written
            words = await self._services.chats.overtaking.of(member.workspace, first, said.words)
            if words is None:
                return
            told = await hosting.typed(self._services, member, guest, replace(said, words=words), first)
        if told:
            await self._client.chat_postEphemeral(
                channel=place.channel, user=member.id, thread_ts=place.thread_ts, text=told
            )


def _goes_on(event: Payload, bot: str) -> bool:
    """A reply by a person that does not mention us: one that does comes again as a mention."""
    replies = event.get("thread_ts") not in (None, event["ts"])
    return replies and by_a_person(event) and bool(bot) and not _mentions(event, bot)


def _mentions(event: Payload, bot: str) -> bool:
    return bool(bot) and f"<@{bot}>" in (event.get("text") or "")
