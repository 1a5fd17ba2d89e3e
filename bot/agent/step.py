"""The calls of one answer: what may run, what must wait for a person, and running them side by side."""

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.agent.events import Asked, ToolFinished, ToolProgressed, ToolStarted
from bot.agent.room import Room
from mcp_runtime.tools.clocks import time_limit
from mcp_runtime.tools.policies.bounds import unsayable
from mcp_runtime.tools.progress import Paced, Progress, heard_by
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset, as_json

log = logging.getLogger(__name__)

NO_YES = (
    "Not run: this call wants a yes, and whoever asks you is from outside and may give none. Do without it, and say so."
)
UNDECIDED = "Not run: nobody has allowed this call."
CHANGED = "Not run: this is not the tool that was asked about any more. Ask again if it is still wanted."
MOST_SOURCES = 4
CHANGED_BY_PERSON = "The member changed the arguments before they said yes. This is about a call with these: {}"
SUMMARY = 200  # characters of a result shown to people


@dataclass(frozen=True)
class Bounds:
    steps: int = 12
    """Answers of the model with tools; after them one last answer without."""
    calls: int = 10
    """Of one step: no more than one question to a person can show, since a yes is for all of them."""
    seconds: float = 60.0
    """For one tool."""
    max_tokens: int | None = None
    """Of one answer."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What is said of an answer's ending, by its name, where that is not to be said as usual."""


USUAL = Bounds()


@dataclass(frozen=True)
class Leave:
    """Positions of calls: ``free`` were allowed by a person beforehand, ``asks`` wait for one whatever else holds, and
    ``never`` would have to wait for somebody who may not say yes."""

    free: Collection[int] = ()
    asks: Collection[int] = ()
    never: Collection[int] = ()


@dataclass(frozen=True)
class Verdict:
    """What a person decided about one call; ``note`` is what the model is told of a refusal."""

    allowed: bool
    note: str = "The member declined this call."
    arguments: Mapping[str, Any] | None = None
    """Those that the person put in place of the model's own."""


def digest(calls: Sequence[ToolCall]) -> str:
    """SHA-256 of exactly these calls, as they are stored: a verdict holds for what was shown and nothing else."""
    kept = json.loads(as_json([[call.id, call.name, call.arguments] for call in calls]))
    told = json.dumps(kept, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def likeness(tool: Tool) -> str:
    """SHA-256 of what a call by this name comes to: between question and answer the name may pass to another."""
    told = json.dumps([tool.connection_id, tool.own_name, tool.description, tool.schema], sort_keys=True)
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()


@dataclass
class Step:
    """``verdicts`` is None while nobody was asked; then guarded calls wait, and all others with them.

    ``shown`` has the likeness of each tool that was asked about, by its call's position as text.
    """

    calls: Sequence[ToolCall]
    offered: Mapping[str, Tool]
    bounds: Bounds
    verdicts: Mapping[int, Verdict] | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    leave: Leave = field(default_factory=Leave)
    room: Room = field(default_factory=Room)
    """For the files of its calls."""
    results: dict[int, ToolResult] = field(default_factory=dict)
    ready: dict[int, Tool] = field(default_factory=dict)
    answered: bool = False
    """Its results are in the history."""

    def __post_init__(self) -> None:
        for position, call in enumerate(self.calls):
            tool = named(call.name, self.offered)
            if tool is None:
                self._refuse(position, self._taken(position) or f"There is no tool named {call.name}.")
            elif position >= self.bounds.calls:
                self._refuse(position, f"Not run: at most {self.bounds.calls} calls at a time.")
            elif position in self.leave.never:
                self._refuse(position, NO_YES)
            elif note := unsayable(self._meant(position).arguments) or self._denial(position, tool):
                self._refuse(position, note)
            else:
                self.ready[position] = tool

    def _meant(self, position: int) -> ToolCall:
        """As it is made: by the tool's own name, with the person's arguments, where they changed the model's."""
        call, tool, changed = self.calls[position], self.ready.get(position), self._changed(position)
        call = replace(call, name=tool.name) if tool else call
        return call if changed is None else replace(call, arguments=dict(changed))

    def _changed(self, position: int) -> Mapping[str, Any] | None:
        verdict = (self.verdicts or {}).get(position)
        return verdict.arguments if verdict else None

    def _denial(self, position: int, tool: Tool) -> str:
        if self.verdicts is None:
            return ""
        verdict = self.verdicts.get(position)
        if verdict is None:
            return "" if str(position) in self.shown and not tool.guarded else UNDECIDED
        if not verdict.allowed:
            return verdict.note
        return "" if self.shown.get(str(position)) == likeness(tool) else CHANGED

    def _taken(self, position: int) -> str:
        """What is told of a tool that has gone since it was asked about; empty when nobody knows why."""
        verdict = (self.verdicts or {}).get(position)
        return verdict.note if verdict and not verdict.allowed else ""

    def _refuse(self, position: int, words: str) -> None:
        self.results[position] = ToolResult(error=words)

    @property
    def waits(self) -> bool:
        return self.verdicts is None and any(self._asks(at, tool) for at, tool in self.ready.items())

    def _asks(self, at: int, tool: Tool) -> bool:
        return at in self.leave.asks or (tool.guarded and at not in self.leave.free)

    def asked(self) -> tuple[Asked, ...]:
        return tuple(Asked(at, self._meant(at), tool.title, tool.server) for at, tool in self.ready.items())

    def likenesses(self) -> dict[str, str]:
        return {str(at): likeness(tool) for at, tool in self.ready.items()}

    @property
    def complete(self) -> bool:
        return len(self.results) == len(self.calls)

    def answers(self) -> list[tuple[ToolCall, ToolResult]]:
        return [(call, self.results[position]) for position, call in enumerate(self.calls)]

    async def carried_out(self, tools: Toolset) -> AsyncGenerator[ToolStarted | ToolProgressed | ToolFinished, None]:
        """All are told before any runs; when the last one is told to have finished, `answers` is complete."""
        for at, tool in self.ready.items():
            yield ToolStarted(at, self._meant(at), tool.title, tool.server, tool.guarded)
        told: asyncio.Queue[ToolProgressed | asyncio.Task[tuple[ToolFinished, ToolResult]]] = asyncio.Queue()
        tasks = [asyncio.create_task(self._run(tools, at, tool, told.put_nowait)) for at, tool in self.ready.items()]
        for task in tasks:
            task.add_done_callback(told.put_nowait)
        try:
            while len(self.results) < len(self.calls):
                each = await told.get()
                if isinstance(each, ToolProgressed):
                    yield each
                    continue
                finished, result = await each
                self.results[finished.position] = result
                yield finished
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(
        self, tools: Toolset, at: int, tool: Tool, tell: Callable[[ToolProgressed], None]
    ) -> tuple[ToolFinished, ToolResult]:
        """Whatever happens there is an answer: the model refuses a history with a call that has none."""
        call = self._meant(at)
        begun = asyncio.get_running_loop().time()

        def hear(progress: Progress) -> None:
            tell(ToolProgressed(at, call, tool.title, tool.server, progress.words))

        try:
            with heard_by(Paced(hear)):
                async with time_limit(self.bounds.seconds):
                    result = await tools.call(call)
        except TimeoutError:
            words = f"Timed out after {self.bounds.seconds:g} s. It may still have happened."
            result = ToolResult(error=words, timed_out=True)
        except Exception:
            log.exception("the tool %s failed beyond what its toolset answers for", tool.name)
            result = ToolResult(error="The tool failed unexpectedly. It may have happened.")
        seconds, result = asyncio.get_running_loop().time() - begun, self.room.fitting(result)
        finished = ToolFinished(
            *(
                at,
                call,
                tool.title,
                tool.server,
                result.failed,
                _summary(result),
                seconds,
                result.files,
                result.refused,
            ),
            sources=_sources(result),
        )
        return finished, result if self._changed(at) is None else _with_note(result, call.arguments)


def named(name: str, offered: Mapping[str, Tool]) -> Tool | None:
    """Models sometimes put a namespace of their own before the name."""
    return offered.get(name) or offered.get(re.split(r"[.:]", name)[-1])


def _sources(result: ToolResult) -> tuple[tuple[str, str], ...]:
    """Pages that the result itself links to, not those in its text."""
    links = result.output.get("links", ()) if isinstance(result.output, dict) else ()
    pages = [(each["name"], each["uri"]) for each in links if each["uri"].startswith(("https://", "http://"))]
    return tuple(pages[:MOST_SOURCES])


def _with_note(result: ToolResult, arguments: Mapping[str, Any]) -> ToolResult:
    """The model's own call stays in the history as it was made: what became of it is told with its result."""
    return result.noted(CHANGED_BY_PERSON.format(as_json(arguments)))


def _summary(result: ToolResult) -> str:
    output = result.output
    if isinstance(output, dict) and "result" in output:
        output = output["result"]  # beside it stand notes to the model
    told = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    words = " ".join((result.error or told).split())
    return words if len(words) <= SUMMARY else f"{words[: SUMMARY - 1]}…"
