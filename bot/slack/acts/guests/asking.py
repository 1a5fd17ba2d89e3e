"""A guest's turn in Slack: what waits for a decision goes to the link's creator, into the guest's thread."""

from collections.abc import AsyncIterator

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Told
from bot.services.links.hosting.counting import Counting
from bot.services.links.values import Guest
from bot.slack.acts.approvals import ask
from bot.slack.acts.guests.channels import ChannelsBySlack, LostChannels
from bot.slack.acts.guests.guest_threads import GuestThreads
from bot.slack.screens.guests import guests
from bot.slack.services import Services
from storage.tables import Approval, Conversation, Event, Turn


class LinkFace:
    """A guest's browser follows the log by itself; what waits for a decision goes to the link's creator."""

    def __init__(self, client: AsyncWebClient, services: Services) -> None:
        self._client = client
        self._services = services
        self._threads = GuestThreads(client, services)
        self._lost = LostChannels(services, ChannelsBySlack(client))

    async def __call__(self, turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
        async for each in told:
            if isinstance(each, Event) and each.kind == "approval" and each.body["state"] == "asked":
                await self._ask(turn, conversation, str(each.body["id"]))

    async def _ask(self, turn: Turn, conversation: Conversation, approval_id: str) -> None:
        """In the guest's thread, and seen above it too."""
        approval = await self._services.chats.approval(conversation.workspace_id, approval_id)
        place = conversation.place
        async with self._services.db.read() as tables:
            found = await tables.links.with_session(turn.workspace_id, place["link_id"], place["session_id"])
        if approval is None or found is None or found[1] is None:
            return
        guest = Guest(found[0], found[1])
        try:
            await self._ask_in_thread(turn, guest, approval)
        except SlackApiError as error:
            if not await self._lost.left(guest.workspace, guest.link.id, error):
                raise
            await self._ask(turn, conversation, approval_id)
        await Counting(self._services.db).soon(guest.workspace, guest.link.id)

    async def _ask_in_thread(self, turn: Turn, guest: Guest, approval: Approval) -> None:
        channel, thread = await self._threads.opened(guest)
        origin = guests.asks(guest.name, guest.link.title, self._services.chats.content.relayed(turn.text))
        await ask(self._client, self._services.chats, approval, channel, thread, origin, broadcast=True)
