"""A claimed turn is run: the agent's events are stored and told until the last one, or until it has to stop."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial

from bot import words
from bot.agent.model import Model
from bot.agent.summary import due
from bot.errors import Refused
from bot.services import log_entries
from bot.services.chats.answering import Answering
from bot.services.chats.ending.stopping import stop_asked, topic
from bot.services.chats.members.sent_files import Fetch, came_with
from bot.services.chats.members.surroundings import Surroundings
from bot.services.chats.members.told_before import told_before
from bot.services.chats.members.turns import MakeAsker, People, prepared
from bot.services.chats.opening import Opened, opened
from bot.services.chats.recording import Also, Recorder
from bot.services.chats.tools import OwnTools
from bot.services.chats.values import ATTEMPTS, OUT_OF_HAND, Begun, Ended, Lost, Told
from bot.services.limits.budgets import Metered
from bot.services.limits.budgets.accounts import of_member
from bot.services.links import host_notes
from bot.services.links.hosting.values import HOST, turned
from bot.services.links.making.freezing import intact
from bot.services.links.spending import Spending
from bot.services.log_entries import Entry
from bot.services.watch.content import Content
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.tools.clocks import time_limit
from storage.bus.bus import Bell, Bus
from storage.database import Database, Tables
from storage.engines.engine import is_away
from storage.tables import Conversation, Link, Turn

log = logging.getLogger(__name__)

SECONDS = {"slack": 600.0, "link": 120.0}
STOPPED = "Not finished: the person stopped it. It may or may not have happened."
NOT_BEGUN = "Not run: the person stopped it before it began."
CUT_OFF = "No result was recorded: Usher was interrupted. It may or may not have happened."
ENGLISH = words.of("en")
"""For Slack; guests read the same in their own language."""


class Running:
    def __init__(
        self,
        db: Database,
        bus: Bus,
        pool: Pool,
        model: Model,
        spending: Spending,
        own_tools: OwnTools | None,
        surroundings: Surroundings | None = None,
        people: People | None = None,
        asker: MakeAsker | None = None,
        content: Content | None = None,
        fold_later: Callable[[Turn, int], None] | None = None,
        fetch: Fetch | None = None,
    ) -> None:
        self._db = db
        self._bus = bus
        self._model = model
        self._pool = pool
        self._spending = spending
        self._own_tools = own_tools
        self._surroundings = surroundings
        self._people = people
        self._asker = asker
        self._content = content or Content()
        self._fold_later = fold_later
        self._fetch = fetch

    async def run(
        self, turn: Turn, conversation: Conversation, begun: Begun | None = None
    ) -> AsyncGenerator[Told, None]:
        """What the turn leads to, each told once it is stored. Closing this early gives the turn back."""
        heard: asyncio.Queue[Told | None] = asyncio.Queue()
        carrying = asyncio.create_task(self._carry(turn, conversation, begun, heard.put_nowait))
        carrying.add_done_callback(lambda _: heard.put_nowait(None))
        try:
            while (told := await heard.get()) is not None:
                yield told
            await carrying
        finally:
            carrying.cancel()
            await asyncio.wait({carrying})

    async def _carry(
        self, turn: Turn, conversation: Conversation, begun: Begun | None, put: Callable[[Told], None]
    ) -> None:
        try:
            # Followed before the turn is read, so that no stop falls between.
            with self._bus.follow(topic(turn)) as stop:
                found = await self._opened(turn, conversation, begun, stop)
                keeper = Recorder(self._db, self._bus, self._model, found, put)
                await keeper.tell(found.events, rung=begun is not None)
                if turn.attempts > 1 and found.link is None:
                    for told in await told_before(self._db, turn, found.events):
                        put(told)
                await self._to_its_end(keeper, found, stop)
            if self._fold_later and keeper.over and due(self._model, keeper.history, keeper.prompt):
                self._fold_later(turn, keeper.prompt)
        except Lost:
            log.info("turn %s was taken over by another process", turn.id)
        await self._bus.tell("turns")

    async def _opened(self, turn: Turn, conversation: Conversation, begun: Begun | None, stop: Bell) -> Opened:
        if turn.attempts > ATTEMPTS:
            return await opened(self._db, self._model, turn, conversation)
        (beside, sent), of_member = await asyncio.gather(
            came_with(self._db, self._surroundings, self._fetch, turn, conversation, stop),
            prepared(self._pool, self._people, turn, conversation, self._asker),
        )
        return await opened(self._db, self._model, turn, conversation, beside, of_member, sent, begun)

    async def _to_its_end(self, keeper: Recorder, found: Opened, stop: Bell) -> None:
        turn = found.turn
        if turn.kind == "host":
            await _speak(keeper, found)
        elif turn.attempts > 1 and turn.doing:
            if found.said and found.link is None:
                keeper.say(found.said)
            await interrupt(keeper)
        elif found.person_answers:
            await _finish(keeper, "stopped", [_stopped("host")], NOT_BEGUN)
        elif turn.stop_asked:
            await _finish(keeper, "stopped", [_stopped("stopped")], NOT_BEGUN)
        elif found.link and not intact(found.link):
            await _finish(keeper, "failed", [_failed("tampered")], NOT_BEGUN, partial(_tampered, link=found.link))
        elif found.of_member and (why := found.of_member.refusal):
            await _finish(keeper, "failed", [log_entries.status("failed", why, code="agent")], NOT_BEGUN)
        elif turn.attempts > ATTEMPTS:
            await _finish(keeper, "failed", [_failed("attempts")], CUT_OFF)
        else:
            try:
                await self._answer(keeper, found, stop)
            except asyncio.CancelledError:
                await keeper.quiet()
                await _give_back(keeper)
                raise

    async def _answer(self, keeper: Recorder, found: Opened, rung: Bell) -> None:
        """Until the model's end, a stop, or the time limit; whatever comes first."""
        answering = Answering(self._db, self._pool, self._payer(found), self._own_tools, keeper, found, self._content)
        done: set[asyncio.Task[None]] = set()
        tasks: list[asyncio.Task[None]] = []
        try:
            async with time_limit(SECONDS[found.conversation.door]):
                # Begun in here, so that the limit rests while a person is asked something.
                work = asyncio.create_task(answering.run())
                stop = asyncio.create_task(stop_asked(self._db, rung, found.turn))
                tasks = [work, stop]
                if found.link:  # a member's face draws it
                    tasks.append(asyncio.create_task(keeper.frames.run()))
                done, _ = await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            pass  # told below
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await keeper.quiet()
        if keeper.over:
            return
        ended = work if work in done else stop
        if ended in done and (error := ended.exception()) is not None:
            await _fail(keeper, error)
        elif stop in done:
            why = "host" if await keeper.person_answers() else "stopped"
            await _finish(keeper, "stopped", [_stopped(why)], STOPPED)
        else:
            await _finish(keeper, "failed", [_failed("slow")], STOPPED)

    def _payer(self, found: Opened) -> Model:
        """A guest's turn goes on their link's account, a member's on their own."""
        turn, conversation = found.turn, found.conversation
        here = {"turn": turn.id, "conversation": conversation.id}
        if found.link and found.session:
            account = self._spending.account(found.link, found.session.id, **here)
        else:
            named = found.of_member.named if found.of_member else ""
            account = of_member(conversation.workspace_id, conversation.member_id, **here, agent=named)
        return Metered(self._model, self._spending.ledger, account, f"{turn.id}:{turn.attempts}")


async def _speak(keeper: Recorder, found: Opened) -> None:
    """A person's words to a guest. None of the agent's follow: what ran was stopped before, and none begins."""
    turn, name = found.turn, str(found.turn.shown.get("name", ""))
    entries = [turned(HOST, name)] if turn.shown.get("joined") else []
    if turn.text and not turn.stop_asked:  # else taken back before the guest saw it
        entries.append(log_entries.message("host", name, turn.text, turn.id))
    await _finish(keeper, "stopped" if turn.stop_asked else "done", entries, "")


def _stopped(why: str) -> Entry:
    text = "" if why == "stopped" else ENGLISH(f"status.{why}")  # Slack has a word of its own for that
    return log_entries.status("stopped", text, code=why)


def _failed(why: str) -> Entry:
    return log_entries.status("failed", ENGLISH(f"status.{why}"), code=why)


async def _fail(keeper: Recorder, error: BaseException) -> None:
    if isinstance(error, Lost) or is_away(error):
        raise error  # without its end stored it is run again, once the database is there
    if isinstance(error, Ended):
        await keeper.end("stopped", words=STOPPED, silent=True)
        return
    if isinstance(error, Refused):
        told = log_entries.status("failed", str(error), code=error.code, values=error.values)
        await _finish(keeper, "failed", [told], NOT_BEGUN)
        return
    log.error("turn %s failed unexpectedly", keeper.turn.id, exc_info=error)
    await _finish(keeper, "failed", [_failed("broken")], CUT_OFF)


async def _finish(
    keeper: Recorder, status: str, entries: Sequence[Entry], words: str, also: Also | None = None
) -> None:
    try:
        await keeper.end(status, *entries, words=words, also=also)
    except Ended:
        await keeper.end(status, words=words, silent=True)


async def _tampered(tables: Tables, link: Link) -> None:
    await host_notes.tell_of_tampering(tables, link)
    await tables.audit.add(link.workspace_id, "usher", "link.tampered", link.id, {"frozen": link.frozen})


async def interrupt(keeper: Recorder) -> None:
    """It is told what was going on, and not tried again."""
    begun = list(keeper.doing)
    also = partial(keeper.unclear, begun=begun) if begun else None
    await _finish(keeper, "interrupted", [log_entries.interrupted(begun)], CUT_OFF, also)


async def _give_back(keeper: Recorder) -> None:
    """This process ends: the turn goes to the next, unless it was in the middle of changing something."""
    if keeper.over:
        return
    try:
        await (interrupt(keeper) if keeper.doing else keeper.release())
    except OUT_OF_HAND as error:
        log.info("turn %s could not be given back: %s", keeper.turn.id, type(error).__name__)
