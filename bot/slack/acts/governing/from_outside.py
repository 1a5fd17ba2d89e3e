"""One from outside has asked something: the admins are asked about them, and what comes of it is told to all."""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.limits.outside.people import ASKED
from bot.services.limits.outside.questions import Ended, KeptQuestions
from bot.services.limits.outside.rules import OVER
from bot.slack.acts.admins import Admins
from bot.slack.acts.direct_message import JobHandler, direct_channel
from bot.slack.acts.hearing.first_questions import place_of
from bot.slack.acts.hearing.taking_in import TakingIn
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.incoming.spoken import spoken
from bot.slack.incoming.unnoted import put_up
from bot.slack.screens.blocks.elements import section
from bot.slack.screens.governing import outside as admins_screens
from bot.slack.screens.talking import from_outside as screens
from bot.slack.services import Services
from storage.members import Member
from storage.rules.outside import Kind, May, State
from storage.tables import Job

log = logging.getLogger(__name__)


class NobodyToAsk(Exception):
    """Slack does not say who the administrators are: asked again later."""


class FromOutside:
    def __init__(self, client: AsyncWebClient, services: Services, admins: Admins) -> None:
        self._client = client
        self._services = services
        self._admins = admins
        self._questions = KeptQuestions(services.db)
        self._taking_in = TakingIn(client, services)

    def handlers(self) -> dict[str, JobHandler]:
        return {ASKED: self.ask, OVER: self.over}

    async def ask(self, job: Job) -> None:
        """Each admin once: where each was asked is noted before the next one is."""
        member = _whose(job)
        person = await self._questions.waiting(member)
        admins = await self._admins.ids() if person else []
        if person and not admins:
            raise NobodyToAsk
        told = dict(person.told) if person else {}
        for admin in admins:
            if person is None or admin in told:
                continue
            text, blocks = admins_screens.asks(person)
            channel = await direct_channel(self._client, Member(member.workspace, admin))
            told[admin] = {
                "channel": channel,
                "ts": await put_up(self._client, job.once, channel=channel, text=text, blocks=blocks),
            }
            await self._questions.asked_of(member, told)

    async def over(self, job: Job) -> None:
        """Their question is answered, or they are told why not; then every admin who was asked sees how it ended."""
        member = _whose(job)
        ended = await self._questions.ended(member)
        if ended is None:
            return
        if ended.person.question:
            await self._tell(member, ended, job.once)
            await self._questions.told(member)
        text = admins_screens.outcome(ended.person, let_in=ended.let_in)
        for asked in ended.person.told.values():
            try:
                await self._client.chat_update(**asked, text=text, blocks=[section(text)])
            except TROUBLE as error:  # it stands in the list all the same
                log.info("an admin's question could not be replaced by its outcome: %s", code_of(error))
        await self._questions.settled(member)

    async def _tell(self, member: Member, ended: Ended, of: str) -> None:
        question = ended.person.question
        if ended.let_in and (event := question.get("event")):
            await self._taking_in.say(member, place_of(question), event, spoken(event, question["own"]))
        elif ended.person.kind != Kind.BOTS:  # a program that is told something may answer it
            await self._whisper(member, ended, _words(ended), of)

    async def _whisper(self, member: Member, ended: Ended, text: str, of: str) -> None:
        """Where they asked, for their eyes alone where others read along; best effort, as all that is ephemeral."""
        place = place_of(ended.person.question)
        try:
            if place.private:
                await put_up(self._client, of, channel=place.channel, thread_ts=place.thread_ts, text=text)
            else:
                thread = ended.person.question.get("event", {}).get("thread_ts")
                await self._client.chat_postEphemeral(
                    channel=place.channel, user=member.id, thread_ts=thread, text=text
                )
        except TROUBLE as error:
            log.info("one from outside could not be told how it ended: %s", code_of(error))


def _words(ended: Ended) -> str:
    if ended.let_in:
        return screens.LET_IN_TO_READ if ended.may is May.READ else screens.LET_IN
    if ended.may is May.ELSEWHERE:
        return screens.elsewhere(ended.channels)
    if ended.person.state == State.REFUSED or ended.may is May.NO:
        return screens.REFUSED_NOW
    return screens.LAPSED


def _whose(job: Job) -> Member:
    return Member(job.payload["workspace"], job.payload["member"])
