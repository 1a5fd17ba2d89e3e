"""A message is taken in: stored with its turn, or refused; whoever said it has an answer at once."""

from bot.agent.model import Model
from bot.errors import Refused, UserError
from bot.services import approvals, limits, log_entries
from bot.services.chats.values import Place, Said
from bot.services.links import shares
from bot.services.links.values import Guest
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Conversation, Turn

CLIENT_ID = range(1, 101)
ENDED = "This chat has ended."


class Saying:
    """``rate_key`` hides whose a rate limit is."""

    def __init__(self, db: Database, bus: Bus, model: Model, rate_key: bytes) -> None:
        self._db = db
        self._bus = bus
        self._model = model
        self._rate_key = rate_key

    async def say(self, member: Member, place: Place, text: str, source: str, name: str) -> Said:
        """``source`` names the message: said twice, it is answered once."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            kept = {**place.stored(), "name": name}
            key = f"{member.id}:{place.key}"
            conversation = await tables.conversations.open(member.workspace, member.id, "slack", key, kept)
            said = await self._queued(tables, conversation, text, source, "member", name)
        return await self._rung(said)

    async def say_as_guest(self, guest: Guest, text: str, client_id: str) -> Said:
        """Raises `Refused`, and then nothing was stored and no limit used up."""
        limits.check_length(text)
        if guest.ended:
            raise Refused(ENDED, code="ended")
        if len(client_id) not in CLIENT_ID:
            raise UserError("The message came without a usable id. Reload the page and send it again.")
        source = f"guest:{guest.session.id}:{client_id}"
        async with self._db.begin() as tables:
            if before := await _said_before(tables, guest.workspace, source):
                return before
            conversation = await tables.conversations.get(guest.workspace, guest.conversation_id)
            if conversation is None:
                raise Refused(ENDED, code="ended")
            await self._charge(tables, guest)
            said = await self._queued(
                tables, conversation, text, source, "guest", guest.name, reserved=limits.TURN_TOKENS
            )
        return await self._rung(said)

    async def _charge(self, tables: Tables, guest: Guest) -> None:
        """All limits or none: each refusal rolls the transaction back.

        Rows are taken in one order everywhere, the link's first, or two could wait for each other.
        """
        link, session, own = guest.link, guest.session, guest.link.limits
        if await tables.turns.waiting_count(guest.workspace, guest.conversation_id) >= limits.QUEUED:
            raise limits.queue_full()
        cap = own.get("tokens", limits.LINK_TOKENS)
        if not await tables.links.reserve(guest.workspace, link.id, limits.TURN_TOKENS, cap):
            current = await tables.links.get(guest.workspace, link.id)
            left = current is not None and current.tokens_spent + limits.TURN_TOKENS <= cap
            raise limits.set_aside() if left else limits.no_more_tokens()
        await shares.check(tables, guest)
        most = own.get("session_messages", limits.SESSION_MESSAGES)
        if not await tables.sessions.count_message(guest.workspace, session.id, now(), most):
            stored = await tables.sessions.get(guest.workspace, session.id)
            over = stored is None or stored.ended_at is not None
            raise Refused(ENDED, code="ended") if over else limits.no_more_messages(most)
        await limits.pace(tables, self._rate_key, session.id)

    async def _queued(
        self,
        tables: Tables,
        conversation: Conversation,
        text: str,
        source: str,
        author: str,
        name: str,
        *,
        reserved: int = 0,
    ) -> Said:
        workspace = conversation.workspace_id
        turn = await tables.turns.queue(
            Turn(workspace_id=workspace, conversation_id=conversation.id, source=source, text=text, reserved=reserved)
        )
        if turn is None:
            before = await _said_before(tables, workspace, source)
            return before or Said("", conversation.id, repeated=True)
        lapsed = await approvals.lapse(tables, self._model, workspace, conversation.id)
        entry = log_entries.message(author, name, text, turn.id)
        event = await tables.events.add(workspace, conversation.id, turn.id, entry.kind, entry.body)
        return Said(turn.id, conversation.id, event.seq, lapsed=lapsed.approvals)

    async def _rung(self, said: Said) -> Said:
        if not said.repeated:
            await self._bus.tell("turns")
            await self._bus.tell(f"conversation:{said.conversation_id}")
        return said


async def _said_before(tables: Tables, workspace: str, source: str) -> Said | None:
    turn = await tables.turns.by_source(workspace, source)
    if turn is None:
        return None
    events = await tables.events.of_turn(workspace, turn.id)
    seq = next((event.seq for event in events if event.kind == "message"), 0)
    return Said(turn.id, turn.conversation_id, seq, repeated=True)
