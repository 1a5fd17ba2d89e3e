"""What the agent may show of memory: that a note was made, a search for the member's eyes alone, where things stand."""

from collections.abc import Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.services.memory import Hit
from bot.slack.acts.direct_message import direct_channel
from bot.slack.screens.blocks.elements import Block
from bot.slack.screens.memory import searching, section
from storage.members import Member
from storage.tables import Note


class SlackMemoryFace:
    """For the member's eyes alone, where they asked; in their direct message when that place takes none."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def noted(self, member: Member, place: Place, note: Note) -> None:
        await self._whisper(member, place, *section.noted(note))

    async def offer_search(self, member: Member, place: Place, query: str) -> None:
        await self._whisper(member, place, searching.OFFERED, searching.offer(query))

    async def links(self, hits: Sequence[Hit]) -> Sequence[str]:
        return await links_of(self._client, hits)

    async def _whisper(self, member: Member, place: Place, text: str, blocks: Sequence[Block]) -> None:
        try:
            await self._post(member, place.channel, place.thread_ts, text, blocks)
        except SlackApiError:
            await self._post(member, await direct_channel(self._client, member), None, text, blocks)

    async def _post(
        self, member: Member, channel: str, thread_ts: str | None, text: str, blocks: Sequence[Block]
    ) -> None:
        await self._client.chat_postEphemeral(
            channel=channel, user=member.id, thread_ts=thread_ts, text=text, blocks=list(blocks)
        )


async def links_of(client: AsyncWebClient, hits: Sequence[Hit]) -> list[str]:
    """The way to each one's thread; each thread is asked for once, and one that is gone has none."""
    known: dict[tuple[str, str], str] = {}
    for hit in hits:
        where = str(hit.place.get("channel", "")), str(hit.place.get("thread_ts", ""))
        if where not in known:
            known[where] = await _link(client, *where) if all(where) else ""
    return [known[str(hit.place.get("channel", "")), str(hit.place.get("thread_ts", ""))] for hit in hits]


async def _link(client: AsyncWebClient, channel: str, ts: str) -> str:
    try:
        return str((await client.chat_getPermalink(channel=channel, message_ts=ts))["permalink"])
    except SlackApiError:  # deleted, or a channel that Usher is not in any more: the hit is shown without it
        return ""
