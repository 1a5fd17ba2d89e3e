"""What the agent may show of memory: that a note was made, a search for the member's eyes alone, where things stand."""

from collections.abc import Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.services.memory import Hit
from bot.slack.acts.direct_message import whisper
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.screens.memory import searching, section
from storage.members import Member
from storage.tables import Note


class SlackMemoryFace:
    """For the member's eyes alone, where they asked; in their direct message when that place takes none."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def noted(self, member: Member, place: Place, note: Note) -> None:
        with acting_for(member.workspace):
            await whisper(self._client, member, place, *section.noted(note))

    async def offer_search(self, member: Member, place: Place, query: str) -> None:
        with acting_for(member.workspace):
            await whisper(self._client, member, place, searching.OFFERED, searching.offer(query))

    async def links(self, member: Member, hits: Sequence[Hit]) -> Sequence[str]:
        with acting_for(member.workspace):
            return await links_of(self._client, hits)


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
