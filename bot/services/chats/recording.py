"""What a turn leads to is stored, then told: messages, events and the turn's own row in one transaction."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from bot.agent.model import Message, Model
from bot.services.chats import files as kept_files
from bot.services.chats.opening import Opened
from bot.services.chats.partial_text import PartialText
from bot.services.chats.values import LEASE_SECONDS, Attached, Delta, Ended, Lost, Told
from bot.services.links.hosting import mirroring
from bot.services.links.hosting.values import HOST
from bot.services.log_entries import Entry, cut_off
from bot.services.watch import tallies
from mcp_runtime.tools.tools import File, ToolResult
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.engines.engine import is_away
from storage.schema import now
from storage.tables import Event
from storage.tables import Message as Stored

log = logging.getLogger(__name__)

Also = Callable[[Tables], Awaitable[None]]

AGENT = "Usher"
SHOWN_TO_HOSTS = frozenset({"message", "tool", "notice", "host"})


class _Written(NamedTuple):
    """By one transaction, besides the turn's own row."""

    events: list[Event]
    messages: list[Stored]


class Recorder:
    """Of one turn; `put` takes what is told, in order."""

    def __init__(self, db: Database, bus: Bus, model: Model, opened: Opened, put: Callable[[Told], None]) -> None:
        self._db = db
        self._bus = bus
        self._model = model
        self._put = put
        self._opened = opened
        self._stored, self._position = len(opened.history), opened.position
        self._writing: asyncio.Task[None] | None = None
        self.turn = opened.turn
        self.history = opened.history
        self.doing: list[str] = list(opened.turn.doing)
        self.tokens = opened.turn.tokens
        self.prompt = 0
        """Tokens of the last request, by its bill."""
        self._said = ""
        self.over = False
        self.beside: Callable[[], dict[str, Any]] = dict
        """What the next message that is stored says of the turn, besides what the model is sent."""
        self.topic = f"conversation:{opened.conversation.id}"
        self.frames = PartialText(bus, self.topic, opened.turn)

    def say(self, text: str) -> None:
        """Running text: told as it comes, stored only as a whole. Guests follow the bus, and their face draws none."""
        if self._opened.link:
            self.frames.add(text)
        else:
            self._put(Delta(self.turn.id, text, len(self._said), self.turn.attempts))
            self._said += text

    @property
    def said(self) -> str:
        """All the running text that was shown, or may be."""
        return self.frames.said if self._opened.link else self._said

    async def unclear(self, tables: Tables, begun: list[str]) -> None:
        """Calls were being made that may change something: they may have happened."""
        turn, member = self.turn, self._opened.conversation.member_id
        await tables.audit.add(turn.workspace_id, member, "call.unclear", turn.id, {"tools": begun})

    async def finish(self, entry: Entry, files: tuple[File, ...]) -> None:
        """A call's end; its files are kept until a member's face has shown them. A guest's draws none."""
        if link := self._opened.link:
            return await self.keep(entry, also=partial(tallies.used, link=link, tool=entry.body["title"]))
        if not files:
            return await self.keep(entry)
        attached = Attached(self.turn.id, entry.body["call"], entry.body["title"], files)
        await self.keep(entry, also=partial(kept_files.keep, turn=self.turn, attached=attached))
        self._put(attached)

    async def keep(self, *entries: Entry, also: Also | None = None, whole: bool = False, status: str = "") -> None:
        """``whole`` stores calls whose results are still to come too; ``status`` ends the turn.

        A transaction once begun is finished, whoever is cancelled meanwhile. Raises `Lost`, `Ended`.
        """
        await self.frames.flush()
        self._writing = asyncio.create_task(self._write(entries, also, whole, status))
        await asyncio.shield(self._writing)

    async def quiet(self) -> None:
        """Returns when nothing is being written any more."""
        if self._writing:
            await asyncio.wait({self._writing})  # who waits may be cancelled, and it is finished all the same

    async def end(
        self, status: str, *entries: Entry, words: str = "", silent: bool = False, also: Also | None = None
    ) -> None:
        """An end that did not come from the model; ``words`` answer calls that stay without results.

        ``silent`` is for a chat that is over: its log takes only what was shown by then, before its end. What cannot be
        stored is left out: the end comes all the same.
        """
        try:
            await self._end(status, entries, words, silent, also, self.said)
        except (Lost, Ended):
            raise
        except Exception as error:
            if is_away(error):
                raise
            log.exception("only the end of turn %s is stored", self.turn.id)
            del self.history[self._stored :]
            await self._end(status, entries, words, silent, also, "")

    async def _end(
        self, status: str, entries: Sequence[Entry], words: str, silent: bool, also: Also | None, said: str
    ) -> None:
        self._close_history(words)
        self.doing = []
        shown = [cut_off(AGENT, said, self.turn.id)] if said else []
        if not silent:
            return await self.keep(*shown, *entries, also=also, status=status)

        async def late(tables: Tables) -> None:
            for entry in shown:
                here = (self.turn.workspace_id, self.turn.conversation_id, self.turn.id)
                await tables.events.add_before_end(*here, entry.kind, entry.body)

        await self.keep(also=late, status=status)

    async def person_answers(self) -> bool:
        """Whether the guest's host has stepped in."""
        session = self._opened.session
        if session is None:
            return False
        async with self._db.read() as tables:
            current = await tables.sessions.get(session.workspace_id, session.id)
        return current is not None and current.host_state == HOST

    async def release(self) -> None:
        """Nothing was changed yet: whoever comes next may begin the turn again, at once."""
        await self._db.surely(lambda tables, _: tables.turns.give_back(self.turn, tokens=self.tokens))

    def _close_history(self, words: str) -> None:
        if not self.history or not (calls := self._model.calls(self.history[-1])):
            return
        if len(self.history) > self._stored:
            self.history.pop()  # neither stored nor begun: as if it had not been said
        else:
            self.history += self._model.results([(call, ToolResult(error=words)) for call in calls])

    async def _write(self, entries: Sequence[Entry], also: Also | None, whole: bool, status: str) -> None:
        fresh = self._fresh(whole)
        settled = bool(fresh) and not self._model.calls(fresh[-1])
        if settled:
            self.doing = []
        if fresh:
            fresh = [*fresh[:-1], {**fresh[-1], **self.beside()}]
        values = self._values(status)

        async def write(tables: Tables, unanswered: Sequence[_Written]) -> _Written:
            for before in unanswered:
                if await self._is_there(tables, before, status):
                    return before
            if not await (tables.turns.end if status else tables.turns.change)(self.turn, **values):
                raise Lost
            here = (self.turn.workspace_id, self.turn.conversation_id, self.turn.id)
            messages = await tables.messages.put(*here, fresh, self._position) if fresh else []
            events = await tables.events.add_all(*here, [(entry.kind, entry.body) for entry in entries])
            if also:
                await also(tables)
            await self._check_open(tables, entries)
            await self._mirror(tables, entries)
            return _Written(events, messages)

        written = await self._db.surely(write, patient=True)
        self._stored += len(fresh)
        self._position += len(fresh)
        self.over = bool(status)
        if status == "failed":
            codes = [entry.body.get("code", "") for entry in entries if entry.kind == "status"]
            log.warning("turn %s failed: %s", self.turn.id, ", ".join(codes))
        for name, value in values.items():
            setattr(self.turn, name, value)
        await self.tell(written.events)

    async def _is_there(self, tables: Tables, written: "_Written", status: str) -> bool:
        """Whether a transaction that nobody answered is stored: by its rows, or by the end that only we write."""
        if not status:
            if written.events:
                return await tables.events.holds(written.events[-1])
            return bool(written.messages) and await tables.messages.holds(written.messages[-1])
        stored = await tables.turns.get(self.turn.workspace_id, self.turn.id)
        return stored is not None and (stored.attempts, stored.status) == (self.turn.attempts, status)

    async def noticed(self, code: str) -> list[dict[str, Any]]:
        """What was told under this code in the whole conversation."""
        async with self._db.read() as tables:
            events = await tables.events.of_kind(self.turn.workspace_id, self.turn.conversation_id, "notice")
        return [event.body for event in events if event.body.get("code") == code]

    async def tell(self, events: Sequence[Event], *, rung: bool = False) -> None:
        """``rung``: those who follow the log know already."""
        for event in events:
            self._put(event)
        if events and not rung:
            await self._bus.tell(self.topic, rows=events)

    def _fresh(self, whole: bool) -> list[Message]:
        """What may be stored: calls wait for their results, unless one is about to change something."""
        fresh = self.history[self._stored :]
        if fresh and not whole and self._model.calls(fresh[-1]):
            return fresh[:-1]
        return fresh

    def _values(self, status: str) -> dict[str, Any]:
        values: dict[str, Any] = {"doing": self.doing, "tokens": self.tokens}
        values["lease_until"] = now() + timedelta(seconds=LEASE_SECONDS)
        if status:
            values |= {"status": status, "ended_at": now()}
        if status and status != "paused" and self._opened.link:  # its guest follows the log, so nothing is left to show
            values |= {"told": True, "lease_until": None}
        return values

    async def _check_open(self, tables: Tables, entries: Sequence[Entry]) -> None:
        """Adding an event holds the conversation's row, so the end cannot slip in between."""
        session = self._opened.session
        if session is None or not entries:
            return
        current = await tables.sessions.get(session.workspace_id, session.id)
        if current is None or current.ended_at is not None:
            raise Ended

    async def _mirror(self, tables: Tables, entries: Sequence[Entry]) -> None:
        link, session = self._opened.link, self._opened.session
        if link and session and any(entry.kind in SHOWN_TO_HOSTS for entry in entries):
            await mirroring.due(tables, link, session)
