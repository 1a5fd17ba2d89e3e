"""A message is taken in: stored with its turn, or refused; whoever said it has an answer at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.agent.model import Model
from bot.errors import Refused
from bot.services import log_entries
from bot.services.approvals import approvals
from bot.services.chats.members.overtaken import checked
from bot.services.chats.members.sent_files import SENT
from bot.services.chats.taking_in import SaidBefore, Taken, TakingIn
from bot.services.chats.values import Begun, Place, Room, Said, Whose
from bot.services.files.kinds import FILES
from bot.services.limits import conduct, limits, prices, rates
from bot.services.limits.refusals import refused
from bot.services.links.ending.abuse import one_too_many
from bot.services.links.hosting import mirroring
from bot.services.links.hosting.values import HOST
from bot.services.links.spending import Spending
from bot.services.links.uploads import uploads
from bot.services.links.uploads.values import ref
from bot.services.links.values import Guest
from bot.services.log_entries import Entry
from bot.services.watch.content import Content, Direction, Outcome
from bot.services.watch.content import Said as ContentSaid
from bot.services.watch.content import pipeline as content
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.conversations.claims import TakenIn
from storage.schema import new_id, now
from storage.tables import Session, Turn

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
        self.taking_in = TakingIn(db, bus)

    async def say(
        self, member: Member, place: Place, text: str, source: str, name: str, files: Sequence[Mapping[str, Any]] = ()
    ) -> Said:
        """``source`` names the message: said twice, it is answered once. ``files`` are as `Fetch` takes them."""
        kept, key = {**place.stored(), "name": name}, f"{member.id}:{place.key}"
        whose = Whose("slack", member.workspace, member.id)

        async def taken_in(tables: Tables, room: Room | None) -> Taken:
            conversation = await tables.conversations.open(member.workspace, member.id, "slack", key, kept)
            turn = _turn(whose, conversation.id, source, text)
            if files:
                turn.shown = {SENT: [dict(each) for each in files]}
            new = await self._new_turn(tables, turn, room)
            if new.theirs >= limits.MEMBER_QUEUED:
                raise limits.members_queue_full()
            return await self._logged(tables, new, log_entries.message("member", name, text, turn.id))

        return await self.taking_in.begun_or_queued(whose, source, taken_in)

    async def say_as_guest(
        self, guest: Guest, text: str, client_id: str, prefix: str, files: Sequence[str] = ()
    ) -> Said:
        """``prefix`` is of whose network, ``files`` were attached before. Raises `Refused`: nothing is stored then."""
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
            if await one_too_many(self._db, self._bus, self._rate_key, guest, refusal.code):
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
                return await self._taken_in(message, to_host)
            except _AnotherAnswers as other:
                to_host = other.host

    async def _taken_in(self, message: "_Message", to_host: bool) -> Said:
        """``to_host``: a person answers; nothing is set aside for it, and no turn begins."""
        guest, passed = message.guest, message.passed
        whose = Whose("link", guest.workspace, guest.link.id)
        turn = _turn(whose, guest.conversation_id, message.source, passed.text)

        async def taken_in(tables: Tables, room: Room | None) -> Taken:
            files = await uploads.attached(tables, guest, message.files)
            refs = [ref(each) for each in files]
            # Its session first: as long as that is held, it neither ends nor gets another to answer.
            session = await self._counted(tables, guest, to_host, sum(each.tokens for each in files))
            if refs:  # so that the model is given them with its words
                turn.shown = {FILES: refs}
            new = await (_heard(tables, turn) if to_host else self._new_turn(tables, turn, room))
            if new.waiting >= limits.QUEUED and not to_host:
                raise limits.queue_full()
            await self._pace(tables, message, session)
            await uploads.sent(tables, guest, files, turn.id)
            entry = log_entries.message("guest", guest.name, turn.text, turn.id, to_host=to_host, files=refs)
            logged = await self._logged(tables, new, entry, Guest(guest.link, session))
            await mirroring.due(tables, guest.link, session, files=bool(files))
            await content.record(tables, guest.workspace, guest.link.id, session.id, Direction.GUEST, passed)
            return logged

        return await self.taking_in.begun_or_queued(whose, message.source, taken_in)

    async def _pace(self, tables: Tables, message: "_Message", session: Session) -> None:
        guest = message.guest
        whose = rates.Whose(guest.workspace, guest.creator.id, guest.link.id, session.id, message.prefix)
        again = conduct.repeats(self._rate_key, session.id, message.passed.text)
        await rates.pace(tables, self._rate_key, "message", rates.MESSAGES, whose, again)

    async def _counted(self, tables: Tables, guest: Guest, to_host: bool, beside: int) -> Session:
        """Against how many they may be; raises `Refused`, and `_AnotherAnswers`.

        What it will cost is set aside when the model is asked: here it is seen that there is something left, also for
        the files ``beside`` it, in tokens.
        """
        link, most = guest.link, guest.link.limits.get("session_messages", limits.SESSION_MESSAGES)
        money, tokens = self._turn_at_most(beside)
        need = self._spending.need(link, guest.session.id, money, tokens)
        counted = await tables.sessions.count_message(guest.workspace, guest.session.id, now(), most, need)
        if counted is None:
            stored = await tables.sessions.get(guest.workspace, guest.session.id)
            over = stored is None or stored.ended_at is not None
            raise refused("ended") if over else limits.no_more_messages(most)
        session, short = counted
        if (session.host_state == HOST) is not to_host:
            raise _AnotherAnswers(session.host_state == HOST)
        if not to_host:
            await self._spending.check(tables, link, session.id, money, tokens, look=short)
        return session

    def _turn_at_most(self, beside: int) -> tuple[int, int]:
        """Money and tokens of a whole one, with so many more tokens in files."""
        turn = (limits.TURN_TOKENS - limits.GUEST_TOKENS + beside, limits.GUEST_TOKENS)
        return prices.at_most(self._model.name, *turn, now().date()), sum(turn)

    async def _new_turn(self, tables: Tables, turn: Turn, room: Room | None) -> TakenIn:
        new = await tables.turns.take_in(turn, room.lease() if room else None)
        if new is None:
            raise SaidBefore
        return checked(new)

    async def _logged(self, tables: Tables, new: TakenIn, entry: Entry, guest: Guest | None = None) -> Taken:
        """Which questions it answers by not answering them, what was said, and that it is being answered."""
        turn, runs = new.turn, new.turn.status == "running"
        here = (turn.workspace_id, turn.conversation_id)
        lapsed = (await approvals.lapse(tables, self._model, *here)).approvals if new.asks else []
        told = [entry, *([log_entries.status("working")] if runs else [])]
        conversation, events = await tables.events.add_in(*here, turn.id, [(each.kind, each.body) for each in told])
        await approvals.audited(tables, lapsed)
        said = Said(turn.id, conversation.id, events[0].seq, lapsed=lapsed, begun=runs)
        return said, Begun(turn, conversation, events[0], events[1:], guest) if runs else None


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


def _turn(whose: Whose, conversation_id: str, source: str, text: str) -> Turn:
    of = {"workspace_id": whose.workspace, "door": whose.door, "asker": whose.asker, "conversation_id": conversation_id}
    # What guests say is never remembered, so nobody need look at it for that.
    said = {"id": new_id(), "source": source, "text": text, "remembered": whose.door == "link"}
    return Turn.of(of | said)


async def _heard(tables: Tables, turn: Turn) -> TakenIn:
    """Said to the host: its turn is over with the saying, and the agent learns of it when it answers again."""
    turn.kind, turn.status, turn.told, turn.ended_at = "heard", "done", True, now()
    if await tables.turns.queue(turn) is None:
        raise SaidBefore
    return TakenIn(turn, waiting=0, theirs=0, asks=False)
