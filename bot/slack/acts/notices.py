"""What Slack's people hear of things that happened elsewhere: guests, ticket pages, questions that ran out of time."""

import logging
from collections.abc import Mapping
from functools import partial

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.approvals.elicitations import ASKED, CLOSED
from bot.services.connections.entering.sign_in_notes import SIGN_IN_NOTE
from bot.services.limits.budgets.telling import NOTE as BUDGET
from bot.services.limits.policies import TOLD as POLICY
from bot.services.links.erasing.erasing import COPIES
from bot.services.links.hosting.channels import MOVED, channel_of
from bot.services.links.hosting.counting import JOB as COUNTED
from bot.services.links.hosting.mirroring import FILES_JOB
from bot.services.links.hosting.mirroring import JOB as MIRROR
from bot.services.links.results.filing import JOB as ANSWERS
from bot.services.watch.insights.digest import BUTTON as DIGEST
from bot.slack.acts import approvals, elicitations
from bot.slack.acts.admins import Admins
from bot.slack.acts.connections.sign_in_notes import SignInNotes
from bot.slack.acts.direct_message import JobHandler, tell, to_somebody
from bot.slack.acts.governing.budget_notes import budget_note
from bot.slack.acts.governing.from_outside import FromOutside
from bot.slack.acts.guests.answers import GuestAnswers
from bot.slack.acts.guests.asking import GuestQuestions
from bot.slack.acts.guests.channels import ChannelsBySlack, LostChannels
from bot.slack.acts.guests.counted import GuestsCounted
from bot.slack.acts.guests.erased_threads import ErasedThreads
from bot.slack.acts.guests.guest_files import GuestFilesInThreads
from bot.slack.acts.guests.guest_threads import GuestThreads, Pace
from bot.slack.acts.guests.started import GuestsStarted
from bot.slack.acts.home import HomeChanges
from bot.slack.acts.installed.greeting import suggest
from bot.slack.acts.reminders import REMINDER, Reminding
from bot.slack.edge.calls.acting_for import job_of_its_workspace
from bot.slack.edge.calls.modals import updated
from bot.slack.incoming.unnoted import looking_first, noted_as
from bot.slack.screens import notices
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.connections import connected, connecting, signing_in
from bot.slack.screens.governing.policies import digest
from bot.slack.screens.guests import guests
from bot.slack.services import Services
from mcp_runtime.sessions.news import CHANGED
from storage.members import Member
from storage.tables import Job

log = logging.getLogger(__name__)


class Notices:
    """Each is told at least once: it is noted then, and looked for first where a try before may have told it."""

    def __init__(self, client: AsyncWebClient, services: Services, admins: Admins) -> None:
        self._client = client
        self._services = services
        self._admins = admins
        self._sign_in_notes = SignInNotes(client, services.db)
        pace = Pace()
        self._lost = LostChannels(services, ChannelsBySlack(client))
        self._threads = GuestThreads(client, services, pace)
        self._questions = GuestQuestions(client, services, self._threads)
        self._counted = GuestsCounted(client, services, pace)
        self._files = GuestFilesInThreads(client, services, self._threads)
        self._erased = ErasedThreads(client, services)
        self._answers = GuestAnswers(client, services, self._threads)
        self._from_outside = FromOutside(client, services, admins)
        self._started = GuestsStarted(services, self._threads, self._counted)

    def handlers(self) -> Mapping[str, JobHandler]:
        telling: dict[str, JobHandler] = {
            "guest_started": self._started.tell,
            "host_note": self._once(self.host_note),
            "guest_ended": self._once(self.guest_ended),
            "connect_outcome": self._once(self.connect_outcome),
            **approvals.handlers(self._client, self._services.chats),
            ASKED: self.elicitation_asked,
            CLOSED: self.elicitation_closed,
            "home_changed": HomeChanges(self._client, self._services),
            "admin_note": self._once(self.admin_note),
            POLICY: self._once(self.member_told),
            BUDGET: self._once(partial(budget_note, self._client)),
            CHANGED: self.connection_changed,
            SIGN_IN_NOTE: self.sign_in_note,
            MIRROR: self._follow,
            FILES_JOB: self._files.put,
            COUNTED: self._counted.draw,
            MOVED: self._questions.moved,
            COPIES: self._clear,
            ANSWERS: self._answers.show,
            REMINDER: Reminding(self._client, self._services),
            **self._from_outside.handlers(),
        }
        return {
            kind: job_of_its_workspace(looking_first(to_somebody(self._somewhere(each))))
            for kind, each in telling.items()
        }

    async def _follow(self, job: Job) -> None:
        await self._threads.follow(job)
        await self._counted.soon(job.payload["workspace"], job.payload["link_id"])

    async def _clear(self, job: Job) -> None:
        await self._counted.soon(job.payload["workspace"], job.payload["link_id"])
        await self._erased.clear(job)

    async def host_note(self, job: Job) -> None:
        await tell(self._client, _creator(job), guests.note(job.payload), of=job.once)

    async def guest_ended(self, job: Job) -> None:
        """The rest of what was said, then two lines and the whole of it as a file, all in the guest's thread."""
        told = job.payload
        await self._services.links.last_words(told["workspace"], told.get("stopped", ()))
        guest = await self._threads.catch_up(told["workspace"], told["link_id"], told["session_id"])
        if guest is None or await self._erased.due(guest.workspace, guest.session.id):
            return
        await self._threads.redraw(guest)
        await self._counted.soon(told["workspace"], told["link_id"])
        log = await self._services.links.outcomes.log(guest)
        summary = await self._services.hosting.summaries.of(guest, log)
        if await self._erased.due(guest.workspace, guest.session.id):  # while it was being summed up
            return
        text = guests.ended(told, log, summary, in_channel=bool(channel_of(guest.link)))
        await self._threads.close(guest, text, of=job.once)
        transcript = await self._services.links.outcomes.transcript(guest)
        if guest.session.thread_ts and transcript:
            await self._threads.attach(guest, transcript)

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
            await tell(self._client, member, text, of=job.once)
        await suggest(self._client, self._services, member)

    async def connection_changed(self, job: Job) -> None:
        """Met while a server was asked, in a turn or elsewhere: suggestions follow. Home has a job of its own."""
        await suggest(self._client, self._services, Member(job.payload["workspace"], job.payload["member"]))
        if "connection" in job.payload:  # not in those of older versions
            await self._sign_in_notes.follow(job.payload)

    async def sign_in_note(self, job: Job) -> None:
        await self._sign_in_notes.follow(job.payload)

    async def elicitation_asked(self, job: Job) -> None:
        await elicitations.ask(self._client, self._services.db, self._services.chats.elicitations, job.payload)

    async def elicitation_closed(self, job: Job) -> None:
        await elicitations.close_asked(self._client, self._services.chats.elicitations, job.payload)

    async def admin_note(self, job: Job) -> None:
        told = job.payload
        for admin in await self._admins.ids():
            text = told["own"] if admin == told.get("by") else told["text"]
            said = notices.for_admins(text, told.get("about", ""), doctor=bool(told.get("doctor")))
            blocks = digest(said) if told.get("switch") == DIGEST else []
            await tell(self._client, Member(told["workspace"], admin), said, blocks, of=job.once)

    async def member_told(self, job: Job) -> None:
        """Of what an administrator did that concerns them."""
        told = job.payload
        await tell(self._client, Member(told["workspace"], told["member"]), unmarked(told["text"]), of=job.once)

    def _somewhere(self, telling: JobHandler) -> JobHandler:
        """Where a link's channel takes nothing more, it is told in the creator's direct message."""

        async def told(job: Job) -> None:
            try:
                await telling(job)
            except SlackApiError as error:
                if not await self._lost.left(str(job.workspace_id), str(job.payload.get("link_id", "")), error):
                    raise
                await telling(job)

        return told

    def _once(self, telling: JobHandler) -> JobHandler:
        """Whoever is killed in between has not noted it: it is told again, unless it stands there by then."""

        async def once(job: Job) -> None:
            workspace = job.payload["workspace"]
            what = noted_as(workspace, job.once)
            async with self._services.db.read() as tables:
                if await tables.handled.is_noted(workspace, what):
                    return
            await telling(job)
            await self._services.db.surely(lambda tables, _: tables.handled.first_time(workspace, what), patient=True)

        return once


def _creator(job: Job) -> Member:
    return Member(job.payload["workspace"], job.payload["creator"])
