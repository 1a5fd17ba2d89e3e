"""A guest's turn in Slack: what waits for a decision goes to the link's creator, into the guest's thread."""

from collections.abc import AsyncIterator
from datetime import datetime

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Told
from bot.services.links.hosting.counting import Counting
from bot.services.links.values import Guest
from bot.slack.acts.approvals import ask
from bot.slack.acts.guests.channels import ChannelsBySlack, LostChannels, home_of
from bot.slack.acts.guests.guest_threads import GuestThreads
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.incoming.unnoted import begun_before
from bot.slack.screens.guests import guests
from bot.slack.services import Services
from storage.tables import Approval, Conversation, Event, Job, Turn


class GuestQuestions:
    """Put up in the guest's thread, and seen above it too."""

    def __init__(self, client: AsyncWebClient, services: Services, threads: GuestThreads) -> None:
        self._client = client
        self._services = services
        self._threads = threads

    async def ask(self, guest: Guest, approval: Approval, words: str, since: datetime | None = None) -> None:
        """``words`` are what the guest had said; ``since`` then it may stand there and not be noted."""
        channel, thread = await self._threads.opened(guest)
        origin = guests.asks(guest.name, guest.link.title, self._services.chats.content.relayed(words))
        here = (self._services.chats, approval, channel, thread, origin)
        await ask(self._client, *here, broadcast=True, since=since)

    async def moved(self, job: Job) -> None:
        """A chat goes on elsewhere: its thread is opened there, and what waits in it is asked once more."""
        workspace, link_id, session_id = (job.payload[name] for name in ("workspace", "link_id", "session_id"))
        async with self._services.db.read() as tables:
            link, session = await tables.links.with_session(workspace, link_id, session_id) or (None, None)
            if link is None or session is None or session.ended_at is not None:
                return
            waiting = await tables.approvals.waiting_in(workspace, session.conversation_id)
            turns = {each.id: await tables.turns.get(workspace, each.turn_id) for each in waiting}
        guest = Guest(link, session)
        await self._threads.room_in(await home_of(self._client, link))
        await self._threads.opened(guest)
        for approval in waiting:
            turn = turns[approval.id]
            await self.ask(guest, approval, turn.text if turn else "")


class LinkFace:
    """A guest's browser follows the log by itself; what waits for a decision goes to the link's creator."""

    def __init__(self, client: AsyncWebClient, services: Services) -> None:
        self._services = services
        self._questions = GuestQuestions(client, services, GuestThreads(client, services))
        self._lost = LostChannels(services, ChannelsBySlack(client))

    async def __call__(self, turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
        async for each in told:
            if isinstance(each, Event) and each.kind == "approval" and each.body["state"] == "asked":
                await self._ask(turn, conversation, str(each.body["id"]))

    async def _ask(self, turn: Turn, conversation: Conversation, approval_id: str) -> None:
        with acting_for(turn.workspace_id):
            await self._asked(turn, conversation, approval_id)

    async def _asked(self, turn: Turn, conversation: Conversation, approval_id: str) -> None:
        approval = await self._services.chats.approval(conversation.workspace_id, approval_id)
        place = conversation.place
        async with self._services.db.read() as tables:
            found = await tables.links.with_session(turn.workspace_id, place["link_id"], place["session_id"])
        if approval is None or found is None or found[1] is None:
            return
        guest = Guest(found[0], found[1])
        try:
            await self._questions.ask(guest, approval, turn.text, begun_before(turn))
        except SlackApiError as error:
            if not await self._lost.left(guest.workspace, guest.link.id, error):
                raise
            await self._asked(turn, conversation, approval_id)
        await Counting(self._services.db).soon(guest.workspace, guest.link.id)
