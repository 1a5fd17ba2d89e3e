"""What Slack's people hear of things that happened elsewhere: guests, ticket pages, questions that ran out of time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Told
from bot.services.connections.entering.sign_in_notes import SIGN_IN_NOTE
from bot.services.elicitations import ASKED, CLOSED
from bot.slack.acts import elicitations
from bot.slack.acts.admins import Admins
from bot.slack.acts.approvals import ask, close_left
from bot.slack.acts.direct_message import direct_channel, tell
from bot.slack.acts.greeting import suggest
from bot.slack.acts.home import HomeChanges
from bot.slack.acts.sign_in_notes import SignInNotes
from bot.slack.edge.interaction import updated
from bot.slack.screens import guests, notices
from bot.slack.screens.connections import connected, connecting, signing_in
from bot.slack.services import Services
from mcp_runtime.sessions.news import CHANGED
from storage.members import Member
from storage.schema import now
from storage.tables import Conversation, Event, Job, Turn

TOGETHER = timedelta(minutes=2)
"""Guests who came no longer ago than this are told of in one message."""
JobHandler = Callable[[Job], Awaitable[None]]


class Notices:
    """Each is told once: noted before it is told, and taken back when telling failed."""

    def __init__(self, client: AsyncWebClient, services: Services, admins: Admins) -> None:
        self._client = client
        self._services = services
        self._admins = admins
        self._sign_in_notes = SignInNotes(client, services.db)

    def handlers(self) -> Mapping[str, JobHandler]:
        return {
            "guest_started": self.guest_started,
            "host_note": self._once(self.host_note),
            "guest_ended": self._once(self.guest_ended),
            "connect_outcome": self._once(self.connect_outcome),
            "approval_closed": self.approval_closed,
            "approval_expired": self.approval_closed,  # as versions before 0.2 called it
            ASKED: self.elicitation_asked,
            CLOSED: self.elicitation_closed,
            "home_changed": HomeChanges(self._client, self._services),
            "admin_note": self._once(self.admin_note),
            CHANGED: self.connection_changed,
            SIGN_IN_NOTE: self.sign_in_note,
        }

    async def guest_started(self, job: Job) -> None:
        """One message for all who came together: whoever is told of first takes the others along."""
        workspace, names = job.payload["workspace"], {job.once: job.payload["name"]}
        async with self._services.db.begin() as tables:
            there = await tables.sessions.of(workspace, job.payload.get("link_id", ""))
            since = now() - TOGETHER
            names |= {f"guest_started:{each.id}": each.guest_name for each in there if each.started_at > since}
            # In one order, or two processes could wait for each other's rows.
            seen = tables.handled.first_time
            fresh = [once for once in sorted(names) if await seen(workspace, _told(workspace, once))]
        if not fresh:
            return
        try:
            await tell(self._client, _creator(job), guests.started(job.payload, [names[once] for once in fresh]))
        except BaseException:  # also when it is cut off by the end of the process
            async with self._services.db.begin() as tables:
                for once in fresh:
                    await tables.handled.forget(workspace, _told(workspace, once))
            raise

    async def host_note(self, job: Job) -> None:
        await tell(self._client, _creator(job), guests.note(job.payload))

    async def guest_ended(self, job: Job) -> None:
        told = {**job.payload, "transcript": await self._transcript(job)}
        first, *rest = guests.transcript(told)
        thread = await tell(self._client, _creator(job), guests.ended(told), first)
        for blocks in rest:
            await tell(self._client, _creator(job), guests.GOES_ON, blocks, thread_ts=thread)

    async def _transcript(self, job: Job) -> str:
        """Read only now: what guests say lies in no job."""
        await self._services.links.last_words(job.payload["workspace"], job.payload.get("stopped", ()))
        async with self._services.db.read() as tables:
            session = await tables.sessions.get(job.payload["workspace"], job.payload["session_id"])
        return await self._services.links.transcript(session) if session else ""

    async def connect_outcome(self, job: Job) -> None:
        """In the modal where it began, or by a message when that was closed."""
        told, member = job.payload, Member(job.payload["workspace"], job.payload["member"])
        view = (told.get("view") or {}).get("id", "")
        if not told["ok"]:
            # The page says it as well, and is still open: no message is needed when the modal is closed.
            if view and told.get("signed_in"):
                await updated(self._client, view, signing_in.not_signed_in(told["sentence"]))
            elif view:
                await updated(self._client, view, connecting.token_refused(told["sentence"], told["left"]))
            return
        counts = {name: told[name] for name in ("tools", "reading", "free")}
        text = connected.sentence_of(told["sentence"], **counts, left_out=told.get("left_out", ""))
        done = connected.done(text, told.get("connection", ""), told.get("questions", ()))
        if not (view and await updated(self._client, view, done)):
            await tell(self._client, member, text)
        await suggest(self._client, self._services, member)

    async def connection_changed(self, job: Job) -> None:
        """Met while a server was asked, in a turn or elsewhere: suggestions follow. Home has a job of its own."""
        await suggest(self._client, self._services, Member(job.payload["workspace"], job.payload["member"]))
        if "connection" in job.payload:  # not in those of older versions
            await self._sign_in_notes.follow(job.payload)

    async def sign_in_note(self, job: Job) -> None:
        await self._sign_in_notes.follow(job.payload)

    async def approval_closed(self, job: Job) -> None:
        await close_left(self._client, self._services.chats, job.payload)

    async def elicitation_asked(self, job: Job) -> None:
        await elicitations.ask(self._client, self._services.db, self._services.chats.elicitations, job.payload)

    async def elicitation_closed(self, job: Job) -> None:
        await elicitations.close_asked(self._client, self._services.chats.elicitations, job.payload)

    async def admin_note(self, job: Job) -> None:
        told = job.payload
        for admin in await self._admins.ids():
            text = told["own"] if admin == told.get("by") else told["text"]
            await tell(self._client, Member(told["workspace"], admin), notices.for_admins(text))

    def _once(self, telling: JobHandler) -> JobHandler:
        async def once(job: Job) -> None:
            workspace = job.payload["workspace"]
            what = _told(workspace, job.once)
            async with self._services.db.begin() as tables:
                if not await tables.handled.first_time(workspace, what):
                    return
            try:
                await telling(job)
            except BaseException:  # also when it is cut off by the end of the process
                async with self._services.db.begin() as tables:
                    await tables.handled.forget(workspace, what)
                raise

        return once


class LinkFace:
    """A guest's browser follows the log by itself; what waits for a decision goes to the link's creator."""

    def __init__(self, client: AsyncWebClient, services: Services) -> None:
        self._client = client
        self._services = services

    async def __call__(self, turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
        async for each in told:
            if isinstance(each, Event) and each.kind == "approval" and each.body["state"] == "asked":
                await self._ask(conversation, str(each.body["id"]))

    async def _ask(self, conversation: Conversation, approval_id: str) -> None:
        approval = await self._services.chats.approval(conversation.workspace_id, approval_id)
        if approval is None:
            return
        creator = Member(conversation.workspace_id, conversation.member_id)
        channel = await direct_channel(self._client, creator)
        origin = guests.asks(conversation.place.get("title", ""))
        await ask(self._client, self._services.chats, approval, channel, None, origin)


def _told(workspace: str, once: str) -> str:
    return f"told:{workspace}:{once}"


def _creator(job: Job) -> Member:
    return Member(job.payload["workspace"], job.payload["creator"])
