"""The agent loop: ask, run the tools, pause where a person must decide, and carry on when they have."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from bot.agent.events import Answer, Delta, Ending, Event, Failed, Paused, ToolsLeftOut
from bot.agent.model import Message, Model, ModelFailed, Reply
from bot.agent.room import room_left
from bot.agent.step import USUAL, Bounds, Leave, Step, Verdict, digest, named
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset

__all__ = ["Bounds", "Leave", "Verdict", "abandoned", "resume", "run"]

Allowed = Callable[[Sequence[ToolCall]], Awaitable[Leave]]
"""Which calls need no question, and which need one all the same: asked before each step, as that may change."""

MOVED_ON = "Not run: the person went on without deciding."
NOTES = {
    "cut_short": "(The answer reached its length limit and stops here. Ask me to go on.)",
    "refused": "I cannot answer this: the model's safety rules stopped it. Ask in another way: that may help.",
    "too_many_steps": "(I stopped here: this took too many steps. Ask me to go on.)",
}


async def nothing(calls: Sequence[ToolCall]) -> Leave:
    return Leave()


async def run(
    model: Model,
    tools: Toolset,
    history: list[Message],
    *,
    instructions: str,
    bounds: Bounds = USUAL,
    allowed: Allowed = nothing,
    said: str = "",
) -> AsyncGenerator[Event, None]:
    """Answer the last message of ``history``, adding to it whole messages as they come about.

    Ends with `Answer`, with `Paused` when a call needs a person's approval, or with `Failed`.
    Closing the generator ends the request and the tools that run. ``said`` is what the answer begins with: the words of
    an attempt that was cut off after it.
    """
    async with aclosing(_Turn(model, tools, history, instructions, bounds, allowed, said=said).steps()) as events:
        async for event in events:
            yield event


async def resume(
    model: Model,
    tools: Toolset,
    history: list[Message],
    pause: dict[str, Any],
    verdicts: Mapping[int, Verdict],
    *,
    instructions: str,
    note: Message | None = None,
    bounds: Bounds = USUAL,
    allowed: Allowed = nothing,
    said: str = "",
) -> AsyncGenerator[Event, None]:
    """Take a paused turn up again: allowed calls run, the others are answered with their note.

    ``note`` comes after their results: hours may have passed since the question.

    Where the history has moved on from the pause, as after a crash that came later than the results,
    nothing runs a second time and the turn goes on from there.
    """
    shown = pause.get("tools", {})
    calls = _paused_calls(model, history, pause)
    since = [note] if calls and note else []
    so_far = {"done": pause.get("steps", 0), "shown": shown, "since": since, "said": said}
    turn = _Turn(model, tools, history, instructions, bounds, allowed, **so_far)
    async with aclosing(turn.steps(calls, verdicts)) as events:
        async for event in events:
            yield event


def abandoned(model: Model, history: list[Message], pause: dict[str, Any], why: str = MOVED_ON) -> list[Message]:
    """What to append to ``history`` when nobody will decide any more, as when the person speaks instead."""
    calls = _paused_calls(model, history, pause)
    return model.results([(call, ToolResult(error=why)) for call in calls]) if calls else []


def _paused_calls(model: Model, history: list[Message], pause: dict[str, Any]) -> tuple[ToolCall, ...]:
    calls = model.calls(history[-1]) if history else ()
    return calls if calls and digest(calls) == pause.get("digest") else ()


@dataclass
class _Turn:
    model: Model
    tools: Toolset
    history: list[Message]
    instructions: str
    bounds: Bounds
    allowed: Allowed
    done: int = 0
    """Steps so far, those before a pause included."""
    shown: Mapping[str, str] = field(default_factory=dict)
    """Likenesses of the tools that a pause asked about."""
    since: list[Message] = field(default_factory=list)
    """What the model is told after the next results."""
    said: str = ""
    reply: Reply = field(default_factory=lambda: Reply(None, ""))
    aside: set[str] = field(default_factory=set)

    async def steps(
        self, calls: tuple[ToolCall, ...] = (), verdicts: Mapping[int, Verdict] | None = None
    ) -> AsyncGenerator[Event, None]:
        """Until an end; ``calls`` of a pause, with their verdicts, come first."""
        try:
            while True:
                if calls:
                    leave = await self.allowed(self._by_own_names(calls)) if verdicts is None else Leave()
                    room = room_left(self.model, self.history)
                    step = Step(calls, self._offered(), self.bounds, verdicts, self.shown, leave, room)
                    if step.waits:
                        yield self._paused(step)
                        return
                    async with aclosing(self._carried_out(step)) as events:
                        async for event in events:
                            yield event
                async with aclosing(self._asked()) as events:
                    async for event in events:
                        yield event
                if not self.reply.calls or self.done >= self.bounds.steps:
                    break
                self._keep(self.reply)
                self.done, calls, verdicts = self.done + 1, self.reply.calls, None
            for event in self._ending():
                yield event
        except ModelFailed as failed:
            yield Failed(
                str(failed),
                shown=self.said,
                setup=failed.setup,
                anew=failed.anew,
                code=failed.code,
                seconds=failed.seconds,
            )

    async def _asked(self) -> AsyncGenerator[Event, None]:
        """One answer of the model, which is then in ``reply``."""
        fresh = True
        async with aclosing(
            self.model.reply(
                self.model.repaired(self.history),
                list(self._offered().values()),
                instructions=self.instructions,
                may_call=self.done < self.bounds.steps,
                max_tokens=self.bounds.max_tokens,
            )
        ) as heard:
            async for event in heard:
                if isinstance(event, Reply):
                    self.reply = event
                    continue
                if isinstance(event, ToolsLeftOut):
                    self.aside |= set(event.names)
                if isinstance(event, Delta):
                    event, fresh = self._told(event.text, apart=fresh), False
                yield event

    async def _carried_out(self, step: Step) -> AsyncGenerator[Event, None]:
        """The results are in the history before the last call is told to have finished: one can be stored with it."""
        async with aclosing(step.carried_out(self.tools)) as events:
            async for event in events:
                if step.complete:
                    self._answer(step)
                yield event
        self._answer(step)

    def _answer(self, step: Step) -> None:
        if not step.answered:
            self.history += [*self.model.results(step.answers()), *self.since]
            self.since, step.answered = [], True

    def _offered(self) -> dict[str, Tool]:
        return {tool.name: tool for tool in self.tools.tools if tool.name not in self.aside}

    def _by_own_names(self, calls: Sequence[ToolCall]) -> list[ToolCall]:
        """As they would be made: who decides about them must not miss one for what the model put before its name."""
        offered = self._offered()
        found = ((call, named(call.name, offered)) for call in calls)
        return [replace(call, name=tool.name) if tool else call for call, tool in found]

    def _paused(self, step: Step) -> Paused:
        mark = digest(step.calls)
        pause = {"steps": self.done, "digest": mark, "tools": step.likenesses()}
        return Paused(step.asked(), pause, mark, self.said)

    def _told(self, text: str, *, apart: bool) -> Delta:
        """Words of a later answer begin a paragraph of their own; the sum of all deltas is the whole text."""
        gap = "\n\n" if apart and self.said and not self.said.endswith("\n") else ""
        self.said += gap + text
        return Delta(gap + text)

    def _keep(self, reply: Reply) -> None:
        self.history += [reply.message] if reply.message else []

    def _ending(self) -> Iterator[Event]:
        ending = self._reached()
        # Calls at the very end came although they were forbidden: kept, they would want results.
        if not self.reply.calls:
            self._keep(self.reply)
        if note := {**NOTES, **self.bounds.notes}.get(ending):
            yield self._told(note, apart=True)
        yield Answer(self.said, ending)

    def _reached(self) -> Ending:
        """The limit of steps is named also where the model made the best of its last words."""
        if self.reply.calls or (self.reply.ending == "answered" and self.done >= self.bounds.steps):
            return "too_many_steps"
        return self.reply.ending
