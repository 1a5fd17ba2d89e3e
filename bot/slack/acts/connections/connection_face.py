"""What the agent may show of connections: a button to connect one, and the way back after one was disconnected."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.slack.acts.direct_message import whisper
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.screens.connections import departures, picker
from run_cards.card import RunCard
from storage.members import Member
from storage.tables import Connection


class SlackConnectionFace:
    """For the member's eyes alone, where they asked; in their direct message when that place takes none."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def offer(self, member: Member, place: Place, card: RunCard | None) -> None:
        with acting_for(member.workspace):
            await whisper(self._client, member, place, picker.OFFERED, picker.offered(card))

    async def undo(self, member: Member, place: Place, connection: Connection) -> None:
        blocks = departures.disconnected_blocks(connection)
        with acting_for(member.workspace):
            await whisper(self._client, member, place, departures.disconnected(connection), blocks)
