"""What people say to Usher: in the direct message, or by mention. All else that is said in channels is let pass."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UserError
from bot.services.chats import Place
from bot.slack.acts.approvals import close_all
from bot.slack.acts.follow_ups import FollowUps
from bot.slack.acts.greeting import Greeting
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.edge.payload import Payload, home_team_of
from bot.slack.edge.registration import Registry
from bot.slack.incoming.spoken import by_a_person, own_id, spoken
from bot.slack.listeners import stopping
from bot.slack.screens.blocks.text import escaped
from bot.slack.screens.welcome import ASK
from bot.slack.services import Services
from storage.members import Member

SUBSCRIPTIONS = ("message.im", "message.channels", "message.groups")


def hang(registry: Registry, services: Services, client: AsyncWebClient, greeting: Greeting) -> None:
    lanes = KeyedLocks()
    follow_ups = FollowUps(client, services)

    async def said_somewhere(body: Payload) -> None:
        event = body["event"]
        if event.get("channel_type") != "im":
            if _goes_on(event, own_id(body)) and (member := await registry.colleagues.member(body)):
                await follow_ups.heard(member, event["channel"], event["thread_ts"])
        elif _by_a_person(event):
            await hear(body, private=True)
            if member := await registry.colleagues.member(body):
                await greeting.met(member)

    async def mentioned(body: Payload) -> None:
        event = body["event"]
        if _by_a_person(event):
            await hear(body, private=event["channel"].startswith("D"))
            if member := await registry.colleagues.member(body):
                follow_ups.mentioned(member, event["channel"], event.get("thread_ts") or event["ts"])

    async def hear(body: Payload, *, private: bool) -> None:
        """Stored before it is acknowledged; a message of an old thread goes on in it, any other opens one."""
        event, member = body["event"], await registry.colleagues.member(body)
        if member is None:
            return
        thread = event.get("thread_ts") or event["ts"]
        text = _text(body)
        place = Place(event["channel"], thread, home_team_of(body), private)
        if stopping.is_stop(text) and await stopping.stop(services, member, place.channel, thread):
            return
        async with lanes.turn((member.workspace, place.channel, thread)):
            await _say(client, services, member, place, event, text)

    registry.taken("message", said_somewhere, subscriptions=SUBSCRIPTIONS)
    registry.taken("app_mention", mentioned)


async def _say(
    client: AsyncWebClient, services: Services, member: Member, place: Place, event: Payload, text: str
) -> None:
    if not text:
        await _answer(client, place, ASK)
        return
    try:
        heard = await services.chats.say(member, place, text, source=f"slack:{place.channel}:{event['ts']}")
    except UserError as error:
        await _answer(client, place, escaped(str(error)))
        return
    await close_all(client, heard.lapsed)


async def _answer(client: AsyncWebClient, place: Place, text: str) -> None:
    await client.chat_postMessage(
        channel=place.channel, thread_ts=place.thread_ts, text=text, unfurl_links=False, unfurl_media=False
    )


def _by_a_person(event: Payload) -> bool:
    return by_a_person(event)


def _goes_on(event: Payload, bot: str) -> bool:
    """A reply by a person that does not mention us: one that does comes again as a mention."""
    replies = event.get("thread_ts") not in (None, event["ts"])
    return replies and _by_a_person(event) and bool(bot) and f"<@{bot}>" not in (event.get("text") or "")


def _text(body: Payload) -> str:
    """What was said, what was passed on with it, and which files came; the model is told that it cannot see them."""
    return spoken(body["event"], own_id(body)).whole
