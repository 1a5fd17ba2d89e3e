"""A message is taken in: stored with its turn, or refused; whoever said it has an answer at once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.agent.model import Model
from bot.errors import Refused
from bot.services import log_entries
from bot.services.approvals import approvals
from bot.services.chats.values import Place, Said
from bot.services.limits import conduct, limits, prices, rates
from bot.services.limits.rates import MESSAGES, Whose
from bot.services.links.ending.ending import ABUSE, end_session
from bot.services.links.hosting import mirroring
from bot.services.links.hosting.values import HOST
from bot.services.links.spending import Spending
from bot.services.links.uploads import uploads
from bot.services.links.uploads.values import FILES, Ref, ref
from bot.services.links.values import Guest
from bot.services.refusals import refused
from bot.services.watch.content import Content, Direction, Outcome
from bot.services.watch.content import Said as ContentSaid
from bot.services.watch.content import pipeline as content
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Conversation, Turn

CLIENT_ID = range(1, 101)


class Saying:
    """``rate_key`` hides whose a rate limit is; what guests say passes the stages of ``content``."""

    def __init__(
        self, db: Database, bus: Bus, model: Model, rate_key: bytes, spending: Spending, content: Content
    ) -> None:
        self._db = db
        self._bus = bus
        self._model = model
        self._rate_key = rate_key
        self._content = content
        self._spending = spending

    async def say(self, member: Member, place: Place, text: str, source: str, name: str) -> Said:
        """``source`` names the message: said twice, it is answered once."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            kept = {**place.stored(), "name": name}
            key = f"{member.id}:{place.key}"
            conversation = await tables.conversations.open(member.workspace, member.id, "slack", key, kept)
            said = await self._queued(tables, conversation, text, source, "member", name)
        return await self._rung(said)

    async def say_as_guest(
        self, guest: Guest, text: str, client_id: str, prefix: str, files: Sequence[str] = ()
    ) -> Said:
        """``prefix`` is of whose network; raises `Refused`, and then nothing was stored and no limit used up.

        ``files`` are those attached before that come with it.
        """
        limits.check_length(text)
        passed = self._content.passed(ContentSaid(text, Direction.GUEST))
        limits.check_length(passed.text)
        if guest.ended:
            raise refused("ended")
        if len(client_id) not in CLIENT_ID:
            raise refused("id")
        source = f"guest:{guest.session.id}:{client_id}"
        try:
            conduct.check_links(text)
            return await self._said_by(_Message(guest, passed, source, prefix, tuple(files)))
        except Refused as refusal:
            if await self._one_too_many(guest, refusal.code):
                raise refused("ended") from None
            raise

    async def _said_by(self, message: "_Message") -> Said:
        guest, passed = message.guest, message.passed
        to_host = guest.session.host_state == HOST
        if passed.blocked:
            async with self._db.begin() as tables:
                await content.record(tables, guest.workspace, guest.link.id, guest.session.id, Direction.GUEST, passed)
            raise refused("filtered")
        while True:
            try:
                return await self._rung(await self._taken_in(message, to_host))
            except _AnotherAnswers as other:
                to_host = other.host

    async def _one_too_many(self, guest: Guest, code: str) -> bool:
        """Whether a refusal was the last that is borne: the chat ends, and its creator is told why."""
        async with self._db.begin() as tables:
            if not await conduct.judge(tables, self._rate_key, guest.session.id, code, time.time_ns() // 1_000):
                return False
        async with self._db.begin() as tables:
            if not await end_session(tables, guest.link, guest.session, ABUSE):
                return True
            who = f"guest:{guest.session.id}"
            await tables.audit.add(guest.workspace, who, "chat.ended", guest.link.id, {"reason": ABUSE, "by": code})
        for topic in (f"conversation:{guest.conversation_id}", f"stop:{guest.conversation_id}", "jobs"):
            await self._bus.tell(topic)
        return True

    async def _taken_in(self, message: "_Message", to_host: bool) -> Said:
        """``to_host``: a person answers; nothing is set aside for it, and no turn begins."""
        guest, text, source = message.guest, message.passed.text, message.source
        async with self._db.begin() as tables:
            if before := await _said_before(tables, guest.workspace, source):
                return before
            conversation = await tables.conversations.get(guest.workspace, guest.conversation_id)
            if conversation is None:
                raise refused("ended")
            files = await uploads.attached(tables, guest, message.files)
            refs = [ref(each) for each in files]
            await self._charge(tables, guest, text, message.prefix, to_host, sum(each.tokens for each in files))
            if to_host:
                said = await _heard(tables, conversation, text, source, guest.name, refs)
            else:
                said = await self._queued(tables, conversation, text, source, "guest", guest.name, refs)
            await uploads.sent(tables, guest, files, said.turn_id)
            await mirroring.due(tables, guest.link, guest.session, files=bool(files))
            here = (guest.workspace, guest.link.id, guest.session.id)
            await content.record(tables, *here, Direction.GUEST, message.passed)
        return said

    async def _charge(self, tables: Tables, guest: Guest, text: str, prefix: str, to_host: bool, beside: int) -> None:
        """All limits or none: each refusal rolls the transaction back. Raises `_AnotherAnswers` too.

        What it will cost is set aside when the model is asked: here it is seen that there is something left, also for
        the files ``beside`` it, in tokens.
        """
        session, own = guest.session, guest.link.limits
        if not to_host:
            await self._check_room(tables, guest, beside)
        most = own.get("session_messages", limits.SESSION_MESSAGES)
        counted = await tables.sessions.count_message(guest.workspace, session.id, now(), most)
        if counted is None:
            stored = await tables.sessions.get(guest.workspace, session.id)
            over = stored is None or stored.ended_at is not None
            raise refused("ended") if over else limits.no_more_messages(most)
        if (counted.host_state == HOST) is not to_host:
            raise _AnotherAnswers(counted.host_state == HOST)
        whose = Whose(guest.workspace, guest.creator.id, guest.link.id, session.id, prefix)
        again = conduct.repeats(self._rate_key, session.id, text)
        await rates.pace(tables, self._rate_key, "message", MESSAGES, whose, again)

    async def _queued(
        self,
        tables: Tables,
        conversation: Conversation,
        text: str,
        source: str,
        author: str,
        name: str,
        files: Sequence[Ref] = (),
    ) -> Said:
        workspace = conversation.workspace_id
        turn = await tables.turns.queue(
            Turn(
                workspace_id=workspace,
                conversation_id=conversation.id,
                source=source,
                text=text,
                **_with(files),
            )
        )
        if turn is None:
            before = await _said_before(tables, workspace, source)
            return before or Said("", conversation.id, repeated=True)
        lapsed = await approvals.lapse(tables, self._model, workspace, conversation.id)
        entry = log_entries.message(author, name, text, turn.id, files=files)
        event = await tables.events.add(workspace, conversation.id, turn.id, entry.kind, entry.body)
        return Said(turn.id, conversation.id, event.seq, lapsed=lapsed.approvals)

    async def _check_room(self, tables: Tables, guest: Guest, beside: int) -> None:
        if await tables.turns.waiting_count(guest.workspace, guest.conversation_id) >= limits.QUEUED:
            raise limits.queue_full()
        turn = (limits.TURN_TOKENS - limits.GUEST_TOKENS + beside, limits.GUEST_TOKENS)
        money = prices.at_most(self._model.name, *turn, now().date())
        await self._spending.check(tables, guest.link, guest.session.id, money, sum(turn))

    async def _rung(self, said: Said) -> Said:
        if not said.repeated:
            await self._bus.tell("turns")
            await self._bus.tell(f"conversation:{said.conversation_id}")
        return said


@dataclass(frozen=True)
class _Message:
    """A guest's, on its way in."""

    guest: Guest
    passed: Outcome
    source: str
    prefix: str
    files: tuple[str, ...]


class _AnotherAnswers(Exception):
    """Since the guest's page was looked at, the host has come or gone. Rolls the transaction back."""

    def __init__(self, host: bool) -> None:
        super().__init__()
        self.host = host


def _with(files: Sequence[Ref]) -> dict[str, Any]:
    """What a turn notes of them, so that the model is given them with its words."""
    return {"shown": {FILES: list(files)}} if files else {}


async def _heard(
    tables: Tables, conversation: Conversation, text: str, source: str, name: str, files: Sequence[Ref]
) -> Said:
    """Said to the host: its turn is over with the saying, and the agent learns of it when it answers again."""
    here = (conversation.workspace_id, conversation.id)
    turn = await tables.turns.queue(
        Turn(
            workspace_id=conversation.workspace_id,
            conversation_id=conversation.id,
            source=source,
            kind="heard",
            text=text,
            status="done",
            told=True,
            ended_at=now(),
            **_with(files),
        )
    )
    if turn is None:
        return await _said_before(tables, here[0], source) or Said("", conversation.id, repeated=True)
    entry = log_entries.message("guest", name, text, turn.id, to_host=True, files=files)
    event = await tables.events.add(*here, turn.id, entry.kind, entry.body)
    return Said(turn.id, conversation.id, event.seq)


async def _said_before(tables: Tables, workspace: str, source: str) -> Said | None:
    turn = await tables.turns.by_source(workspace, source)
    if turn is None:
        return None
    events = await tables.events.of_turn(workspace, turn.id)
    seq = next((event.seq for event in events if event.kind == "message"), 0)
    return Said(turn.id, turn.conversation_id, seq, repeated=True)
