"""The agent answers: its tools, its instructions, and what is kept of each of its events."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from bot.agent import loop
from bot.agent.events import (
    Answer,
    Delta,
    Event,
    Failed,
    ModelReplaced,
    Paused,
    Retrying,
    Spent,
    Thinking,
    ToolFinished,
    ToolProgressed,
    ToolsLeftOut,
    ToolStarted,
)
from bot.agent.loop import Bounds
from bot.agent.model import Model
from bot.services import log_entries
from bot.services.admin_notes import THEY_KNOW, tell_admins
from bot.services.approvals import asking
from bot.services.chats.guests import answers as answers_to_guests
from bot.services.chats.guests.answers import Passing
from bot.services.chats.leave import Leaving, taken_since
from bot.services.chats.members.telling_apart import briefly
from bot.services.chats.opening import Opened
from bot.services.chats.recording import AGENT, Also, Recorder
from bot.services.chats.tools import Joined, OwnTools, OwnToolset, by_name, equipped, questions_of, refused
from bot.services.limits.limits import GUEST_STEPS, GUEST_TOKENS
from bot.services.links import host_notes
from bot.services.watch.content import Content
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.tools.tools import Toolset
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import new_id
from storage.tables import Approval

MEMBERS_BOUNDS = Bounds()
GUESTS_BOUNDS = Bounds(steps=GUEST_STEPS, max_tokens=GUEST_TOKENS)


class Answering:
    """One turn's conversation with the model."""

    def __init__(
        self,
        db: Database,
        pool: Pool,
        model: Model,
        own_tools: OwnTools | None,
        keeper: Recorder,
        found: Opened,
        content: Content,
    ) -> None:
        self._db, self._pool, self._model = db, pool, model
        self._own_tools = own_tools
        self._keeper, self._found = keeper, found
        self._content = content
        self._passing: Passing  # once the tools are there
        self._leaving = Leaving(db, model, found, Joined())
        self._own: OwnToolset | None = None
        self._withheld: asking.Withheld = {}
        self._steps: dict[int, str] = {}
        self._waits = False
        """It was told why the model takes longer."""
        self._member = Member(found.conversation.workspace_id, found.conversation.member_id)

    async def run(self) -> None:
        """Returns when the turn's end is stored."""
        found = await equipped(self._db, self._pool, self._model, self._own_tools, self._found)
        self._leaving = Leaving(self._db, self._model, self._found, found.tools)
        self._own, self._keeper.beside = found.own, found.newly_declared
        self._withheld = found.withheld
        self._passing = Passing(self._content, self._found, self._tools.tools)
        self._keeper.frames.guards = self._passing.goes_on
        if self._found.said:
            await self._heard(Delta(self._found.said))
        if self._found.approval:
            await self._tell_declined(self._found.approval)
            await taken_since(self._db, self._found, self._withheld)
        async with aclosing(self._events(found.instructions)) as events:
            async for event in events:
                await self._heard(event)

    def _events(self, instructions: str) -> AsyncGenerator[Event, None]:
        history, approval = self._keeper.history, self._found.approval
        bounds = MEMBERS_BOUNDS
        if self._found.link:
            bounds = replace(GUESTS_BOUNDS, notes=answers_to_guests.endings(self._found))
        usual: dict[str, Any] = {"instructions": instructions, "bounds": bounds, "allowed": self._leaving.of}
        usual["said"] = self._found.said
        if approval is None:
            return loop.run(self._model, self._tools, history, **usual)
        verdicts = asking.verdicts(approval, self._tools.tools, self._withheld)
        note = self._model.user("", self._found.note)
        return loop.resume(self._model, self._tools, history, approval.pause, verdicts, note=note, **usual)

    @property
    def _tools(self) -> Toolset:
        return self._leaving.tools

    async def _tell_declined(self, approval: Approval) -> None:
        if approval.state == "denied" and self._model.calls(self._keeper.history[-1]):
            await self._keeper.keep(*log_entries.tools_declined(f"{self._found.turn.id}:0", approval.calls))

    async def _heard(self, event: Event) -> None:
        keeper = self._keeper
        if self._waits and not isinstance(event, Retrying | Answer | Paused | Failed):
            self._waits = False
            await keeper.keep(log_entries.status("working"))
        match event:
            case Delta():
                keeper.say(event.text)
            case Thinking():
                pass
            case Spent():
                keeper.tokens, keeper.prompt = keeper.tokens + event.total, event.prompt
            case ToolStarted():
                await self._started(event)
            case ToolProgressed():
                await keeper.keep(log_entries.tool_progressed(event, self._steps[event.position]))
            case ToolFinished():
                entry = log_entries.tool_finished(event, self._steps[event.position], refused(self._tools, event))
                await keeper.finish(entry, event.files)
            case ModelReplaced():  # whoever asked has nothing to do about it, and is answered all the same
                await keeper.keep(also=self._concern(event.old, log_entries.model_replaced(event).body["text"]))
            case Retrying():
                await self._waiting(event)
            case ToolsLeftOut():
                await self._tell_left_out(event)
            case Paused():
                await self._paused(event)
            case Answer():
                outcome = self._passing.whole(event.text)
                said = log_entries.message("agent", AGENT, outcome.text, self._found.turn.id)
                await keeper.keep(said, log_entries.status("done"), status="done")
                await answers_to_guests.noted(self._db, self._found, outcome)
            case Failed():
                await self._failed(event)

    def _titles(self, names: Sequence[str]) -> tuple[str, ...]:
        """What people call these tools."""
        there = by_name(self._tools)
        return tuple(there[name].title if name in there else name for name in names)

    async def _waiting(self, event: Retrying) -> None:
        if event.reason:
            self._waits = True
            await self._keeper.keep(log_entries.retrying(event))

    async def _tell_left_out(self, event: ToolsLeftOut) -> None:
        """Each tool once a conversation."""
        noticed = await self._keeper.noticed(log_entries.SET_ASIDE)
        known = {name for body in noticed for name in body.get("tools", [])}
        if names := tuple(name for name in event.names if name not in known):
            told = log_entries.tools_left_out(replace(event, names=names), self._titles(names))
            await self._keeper.keep(told)

    def _concern(self, code: str, text: str) -> Also:
        """For the administrators."""

        async def tell(tables: Tables) -> None:
            if code == "setup" and self._found.link:
                await host_notes.tell_of_silence(tables, self._found.link)
            await tell_admins(tables, self._found.turn.workspace_id, code, text, doctor=code == "setup")

        return tell

    async def _failed(self, event: Failed) -> None:
        """Of keys and quotas only administrators read: nobody else, and not the model, which reads what was told."""
        text, code = event.text, event.code
        if event.setup:
            await self._keeper.keep(also=self._concern("setup", event.text))
            text, code = THEY_KNOW, "setup"
        entry = log_entries.status("failed", text, code=code, anew=event.anew)
        if self._found.link:
            entry = host_notes.failed(event)
        await self._keeper.end("failed", entry, words=entry.body["text"])

    async def _started(self, event: ToolStarted) -> None:
        """A call that may change something is on record, with the model's wish for it, before it runs."""
        keeper = self._keeper
        key = f"{self._found.turn.id}:{len(keeper.history)}:{event.position}"
        self._steps[event.position] = key
        tool = by_name(self._tools).get(event.call.name)
        changes = event.guarded or tool is None or not tool.reads
        if changes:
            keeper.doing = [*keeper.doing, event.title]
        mine = tool if tool and tool.connection_id and self._found.link is None else None
        beside = (mine.connection_id, briefly(mine, event.call.arguments)) if mine else ()
        await keeper.keep(log_entries.tool_started(event, key, *beside), whole=changes)

    async def _paused(self, event: Paused) -> None:
        found, keeper = self._found, self._keeper
        questions, outcome = await questions_of(self._own, event), self._passing.whole(event.said)
        row = asking.asked(found.turn, found.conversation, event, by_name(self._tools), questions)
        self._leaving.note(row.calls, [each.call.name for each in event.waiting])

        async def ask(tables: Tables) -> None:
            if found.link is None:
                await asking.count_reading(tables, self._member, row)
            await tables.approvals.add(row)

        row.id = new_id()
        entries = [log_entries.approval(row.id, "asked", None, row.calls)]
        if event.said:
            entries.insert(0, log_entries.message("agent", AGENT, outcome.text, found.turn.id))
        entries.append(log_entries.waiting(found.conversation.door))
        await keeper.keep(*entries, also=ask, whole=True, status="paused")
        await answers_to_guests.noted(self._db, found, outcome)
