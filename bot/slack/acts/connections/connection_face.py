"""What the agent may show of connections: a button to connect one, and the way back after one was disconnected."""

from collections.abc import Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.slack.acts.direct_message import direct_channel
from bot.slack.screens.blocks.elements import Block
from bot.slack.screens.connections import departures, picker
from run_cards.card import RunCard
from storage.members import Member
from storage.tables import Connection


class SlackConnectionFace:
    """For the member's eyes alone, where they asked; in their direct message when that place takes none."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def offer(self, member: Member, place: Place, card: RunCard | None) -> None:
        await self._whisper(member, place, picker.OFFERED, picker.offered(card))

    async def undo(self, member: Member, place: Place, connection: Connection) -> None:
        blocks = departures.disconnected_blocks(connection)
        await self._whisper(member, place, departures.disconnected(connection), blocks)

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
