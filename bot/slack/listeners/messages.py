"""What people say to Usher: in the direct message, or by mention."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UserError
from bot.services.chats import Place
from bot.slack.acts.approvals import close_all
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.edge.payload import Payload, member_of, team_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners import stopping
from bot.slack.screens.blocks.text import escaped, said
from bot.slack.screens.welcome import ASK
from bot.slack.services import Services
from storage.members import Member

ATTACHED = "(Files are attached to this message, which you cannot read yet: {names}.)"


def hang(registry: Registry, services: Services, client: AsyncWebClient) -> None:
    lanes = KeyedLocks()

    async def direct(body: Payload) -> None:
        event = body["event"]
        if event.get("channel_type") == "im" and _by_a_person(event):
            await hear(body, private=True)

    async def mentioned(body: Payload) -> None:
        if _by_a_person(body["event"]):
            await hear(body, private=body["event"]["channel"].startswith("D"))

    async def hear(body: Payload, *, private: bool) -> None:
        """Stored before it is acknowledged; a message of an old thread goes on in it, any other opens one."""
        event, member = body["event"], member_of(body)
        if member is None:
            return
        thread = event.get("thread_ts") or event["ts"]
        text = _text(body)
        place = Place(event["channel"], thread, team_of(body), private)
        if stopping.is_stop(text) and await stopping.stop(services, member, place.channel, thread):
            return
        async with lanes.turn((member.workspace, place.channel, thread)):
            await _say(client, services, member, place, event, text)

    registry.taken("message", direct)
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
    return not event.get("bot_id") and event.get("subtype") in (None, "file_share") and bool(event.get("user"))


def _text(body: Payload) -> str:
    """What was said, and which files came with it; the model is told that it cannot see them."""
    event = body["event"]
    bots = [each.get("user_id", "") for each in body.get("authorizations") or [{}]]
    text = said(event.get("text") or "", bots[0] if bots else "")
    names = ", ".join(str(file.get("name") or "a file") for file in event.get("files") or [])
    return f"{text}\n\n{ATTACHED.format(names=names)}".strip() if names else text
