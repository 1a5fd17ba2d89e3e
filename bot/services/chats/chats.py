"""Conversations with the agent: said, decided, stopped, run."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Any

from bot.agent.model import Model
from bot.services.approvals import approvals
from bot.services.approvals.changing import Changing
from bot.services.approvals.deciding import Answer, Deciding
from bot.services.approvals.elicitations import Elicitations
from bot.services.chats.ending.details import Details
from bot.services.chats.ending.once_more import OnceMore
from bot.services.chats.ending.ratings import Ratings
from bot.services.chats.files import KeptFiles, woven
from bot.services.chats.folding import Folding
from bot.services.chats.members import steering
from bot.services.chats.members.following import Following
from bot.services.chats.members.joining import thread_to_join
from bot.services.chats.members.overtaken import Overtaking, as_it_reads_now
from bot.services.chats.members.sent_files import Fetch
from bot.services.chats.members.showing import Showing
from bot.services.chats.members.surroundings import Surroundings
from bot.services.chats.members.turns import People
from bot.services.chats.one_turn import Running
from bot.services.chats.saying import Saying
from bot.services.chats.tools import OwnTools
from bot.services.chats.values import Begun, Decision, Place, Rooms, Said, Told
from bot.services.links.spending import Allowances, Spending
from bot.services.links.spending.scopes import USUAL
from bot.services.links.values import Guest
from bot.services.tokens import server_key
from bot.services.watch.content import Content
from mcp_runtime.sessions.pool import Pool
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Approval, Conversation, Turn


class Chats:
    """``own_tools`` are Usher's, offered in Slack beside the member's; ``master_key`` hides whose limits are whose."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        pool: Pool,
        model: Model,
        own_tools: OwnTools | None = None,
        *,
        surroundings: Surroundings | None = None,
        people: People | None = None,
        master_key: bytes,
        content: Content | None = None,
        allowed: Allowances = USUAL,
        fetch: Fetch | None = None,
    ) -> None:
        self._db = db
        self._bus = bus
        self._model = model
        self.content = content or Content()
        self.spending = Spending(db, allowed)
        self._saying = Saying(db, bus, model, server_key(master_key, "rates"), self.spending, self.content)
        self.once_more = OnceMore(db, self._saying)
        self.overtaking = Overtaking(db)
        self.deciding, self.changing = Deciding(db, bus), Changing(db)
        self.elicitations = Elicitations(db, bus)
        self.files = KeptFiles(db)
        self.following = Following(db)
        self.details = Details(db, model)
        self.ratings = Ratings(db)
        self.showing = Showing(db, bus)
        self._warm = [pool.warm, *([own_tools.warm] if own_tools else [])]
        self._folding = Folding(db, model, self.spending)
        self._running = Running(
            *(db, bus, pool, model, self.spending, own_tools, surroundings, people),
            *(self.elicitations.asker, self.content, self._folding.later, fetch),
        )

    async def warm(self) -> None:
        """Pay for what turns call tools with before somebody waits for it."""
        for part in self._warm:
            await part()

    async def say(
        self,
        member: Member,
        place: Place,
        text: str,
        *,
        source: str,
        name: str = "",
        files: Sequence[Mapping[str, Any]] = (),
    ) -> Said:
        """A member's message is stored and will be answered; ``source`` names it, so that it is answered once.

        ``files`` came with it, and are fetched when it is.
        """
        return await as_it_reads_now(lambda now: self._saying.say(member, place, now, source, name, files), text)

    async def say_as_guest(
        self, guest: Guest, text: str, client_id: str, *, prefix: str = "", files: Sequence[str] = ()
    ) -> Said:
        """The same ``client_id`` gives the same answer; raises `Refused` naming the limit.

        ``prefix`` is the network that messages are counted by; it is never stored. ``files`` were attached before.
        """
        return await self._saying.say_as_guest(guest, text, client_id, prefix, files)

    async def decide(
        self, member: Member, approval_id: str, verdict: Decision, clicked: dict[str, Any] | None = None
    ) -> Approval:
        """`Deciding.decide` in short, about the calls as the model wanted them."""
        return await self.deciding.decide(member, approval_id, Answer(verdict), clicked)

    async def stop(self, workspace: str, conversation_id: str) -> bool:
        """Stop what runs and what waits; False when there was nothing."""
        asked = await self._db.surely(lambda tables, _: tables.turns.ask_stop(workspace, conversation_id))
        if asked:
            await self._bus.tell(f"stop:{conversation_id}")
        return bool(asked)

    async def stop_all(self, member: Member, channel: str, source: str) -> int | None:
        """Stop all that runs and waits for this member in a channel's threads; how many, None when asked before."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            if not await tables.handled.first_time(member.workspace, f"{member.workspace}:stop:{source}"):
                return None
            asked = await tables.turns.ask_stop_under(member.workspace, member.id, f"{member.id}:{channel}:")
        for conversation_id in asked:
            await self._bus.tell(f"stop:{conversation_id}")
        return len(asked)

    async def taken_up(self, workspace: str, said: Said, words: str) -> steering.Taken | None:
        """What becomes of a message that was said while another is answered; None when there is nothing to tell."""
        if said.repeated or said.begun:
            return None
        here = (workspace, said.conversation_id)
        return await steering.taken_up(self._db, self._bus, *here, words, said.turn_id)

    async def taken_back(self, workspace: str, source: str) -> bool:
        """Its message was deleted: stop the turn that answers it; False when none does now."""
        async with self._db.begin() as tables:
            conversation_id = await tables.turns.ask_stop_of(workspace, source)
        if conversation_id:
            await self._bus.tell(f"stop:{conversation_id}")
        return conversation_id is not None

    async def reworded(self, workspace: str, source: str, text: str) -> bool:
        """Its message was changed: the new words are answered; False when the old ones are being answered already."""
        async with self._db.begin() as tables:
            if await tables.turns.reword(workspace, source, text):
                return True
            turn = await tables.turns.by_source(workspace, source)
        return turn is None or turn.status != "running"

    async def thread_to_join(self, member: Member, channel: str, ts: str) -> str | None:
        """The thread that a message goes on in which opens none and was typed right after another."""
        async with self._db.read() as tables:
            return await thread_to_join(tables, member, channel, ts)

    @contextmanager
    def begun_by(self, rooms: Rooms) -> Iterator[None]:
        """Until the block ends, what is said here is begun by it, as far as it has room."""
        self._saying.taking_in.rooms = rooms
        try:
            yield
        finally:
            if self._saying.taking_in.rooms is rooms:
                self._saying.taking_in.rooms = None

    async def run(
        self, turn: Turn, conversation: Conversation, begun: Begun | None = None
    ) -> AsyncGenerator[Told, None]:
        """What a claimed turn of this conversation leads to, as it comes. Closing this early gives the turn back.

        ``begun``: it was as its message was taken in.
        """
        async with aclosing(self._running.run(turn, conversation, begun)) as events:
            async for told in events:
                yield told

    async def shown(self, turn: Turn, **values: Any) -> bool:
        """Note what its face has put up; False when another process has the turn now."""
        turn.shown = {**turn.shown, **values}
        return await self._db.surely(lambda tables, _: tables.turns.change(turn, shown=turn.shown), patient=True)

    async def shown_in(self, turn: Turn) -> set[str]:
        """What its face has put up and noted, for this turn and for those before it."""
        async with self._db.read() as tables:
            turns = await tables.turns.lately_in(turn.workspace_id, turn.conversation_id)
        return {str(each) for one in turns for each in one.shown.get("messages", ())}

    async def told_of(self, turn: Turn) -> list[Told]:
        """All that is stored of it, with the files that its face has not shown yet."""
        async with self._db.read() as tables:
            events = await tables.events.of_turn(turn.workspace_id, turn.id)
        return [*woven(events, await self.files.left(turn))]

    async def approval(self, workspace: str, approval_id: str) -> Approval | None:
        async with self._db.read() as tables:
            return await tables.approvals.get(workspace, approval_id)

    async def asked_in(self, workspace: str, approval_id: str, message: dict[str, Any]) -> None:
        """Note where in Slack an approval was asked, so that the question can be replaced by its outcome."""
        where = (workspace, approval_id, message)
        await self._db.surely(lambda tables, _: tables.approvals.set_message(*where), patient=True)

    async def tell_later(self, workspace: str, kind: str, once: str, payload: dict[str, Any]) -> None:
        """A job of this ``kind`` for whoever shows things: done until it succeeds, also by another process."""
        job = (kind, once, payload, now())
        await self._db.surely(lambda tables, _: tables.jobs.add(*job, workspace=workspace), patient=True)
        await self._bus.tell("jobs")

    async def expire(self) -> int:
        """Close the approvals that waited too long; how many. Slack is told by jobs, and reminds of others before."""
        await approvals.remind(self._db, self._bus)
        return await approvals.expire(self._db, self._bus, self._model)

    async def close(self) -> None:
        """Give up what goes on beside the turns; it comes with the next one."""
        await self._folding.close()
