"""Get one whole answer from Gemini, and recover only while the person has seen none of it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.agent.events import ModelReplaced, Retrying, ToolsLeftOut
from bot.agent.gemini import retry as retries
from bot.agent.gemini import stream
from bot.agent.gemini.client import Line
from bot.agent.gemini.declarations import Declared, declared
from bot.agent.gemini.error_texts import briefly, failed
from bot.agent.gemini.errors import Refused, Trouble
from bot.agent.gemini.history import paired
from bot.agent.gemini.known_models import KnownModels, utc_today
from bot.agent.gemini.plain_words import attached, given, in_words, said, speaks, typed, with_files, words_of
from bot.agent.gemini.refusals.left_out import files_of, size_of
from bot.agent.gemini.refusals.old_files import fitting
from bot.agent.gemini.refusals.refused_files import RefusedFiles
from bot.agent.gemini.refusals.refused_tools import RefusedTools
from bot.agent.gemini.request import Request, request
from bot.agent.gemini.responses import answered
from bot.agent.gemini.retry import Retry
from bot.agent.gemini.stream import Patience, open_stream
from bot.agent.gemini.streamed_answer import StreamedAnswer, calls_of
from bot.agent.model import Heard, Message, Model
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult

log = logging.getLogger(__name__)

MOST_WITHDRAWALS = 12  # of tools' definitions, one request each, before we give up on the turn

Remedy = Retrying | ModelReplaced | ToolsLeftOut


@dataclass
class _Asking:
    """What stays the same, or is counted, over the attempts at one answer."""

    history: Sequence[Message]
    declared: Declared
    instructions: str
    may_call: bool
    max_tokens: int | None
    attempt: int = field(default=0)
    withdrawals: int = field(default=0)


class Gemini(Model):
    """One for the process: which model is gone is remembered for all conversations."""

    def __init__(
        self,
        api_key: str,
        model: str,
        fallback: str,
        *,
        base_url: str | None = None,
        api_version: str | None = None,
        retry: Retry = retries.USUAL,
        patience: Patience = stream.USUAL,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        today: Callable[[], date] = utc_today,
    ) -> None:
        self._line = Line(api_key, base_url, api_version)
        self._lineup = KnownModels([model, fallback], today)
        self._newer_version: str | None = None
        self._refused_tools, self._refused_files = RefusedTools(), RefusedFiles()
        self._retry, self._patience, self._sleep = retry, patience, sleep

    @property
    def name(self) -> str:
        """Of the model that is asked at present."""
        return self._lineup.current.name

    @property
    def line(self) -> Line:
        """The way to its API, for what else is asked there."""
        return self._line

    async def warm(self) -> None:
        """Pay for imports and the client before somebody waits for them."""
        await self._line.client()

    async def close(self) -> None:
        await self._line.close()

    async def reply(
        self,
        history: Sequence[Message],
        tools: Sequence[Tool],
        *,
        instructions: str,
        may_call: bool = True,
        max_tokens: int | None = None,
    ) -> AsyncGenerator[Heard, None]:
        offered = await declared(tools, self._refused_tools)
        asking = _Asking(history, offered, instructions, may_call, max_tokens)
        for left in _left_out(asking.declared.aside):
            yield left
        while True:
            asking.attempt += 1
            hearing = StreamedAnswer(self.name)
            async with aclosing(self._attempt(asking, hearing)) as events:
                async for event in events:
                    yield event
            if hearing.trouble is None:
                asking.declared.accepted()
                yield hearing.reply
                return
            remedy = self._remedy_for(hearing, asking)
            yield remedy
            if isinstance(remedy, Retrying):
                await self._sleep(remedy.seconds)

    async def _attempt(self, asking: _Asking, hearing: StreamedAnswer) -> AsyncGenerator[Heard, None]:
        try:
            async with open_stream(await self._line.client(), self._request(asking), self._patience) as chunks:
                async for chunk in chunks:
                    for event in hearing.hear(chunk):
                        yield event
            hearing.check()
        except Trouble as trouble:
            hearing.trouble = trouble
        if hearing.spent:
            yield hearing.spent

    def _remedy_for(self, hearing: StreamedAnswer, asking: _Asking) -> Remedy:
        """Raises `ModelFailed` when there is none, as there is none once words were shown."""
        trouble = hearing.trouble or Trouble()
        remedy = None if hearing.shown else self._remedy(trouble, asking, hearing.model)
        if remedy is None:
            log.warning("%s did not answer: %s %s", hearing.model, type(trouble).__name__, trouble)
            raise failed(trouble, hearing.model, shown=hearing.shown)
        return remedy

    def _remedy(self, trouble: Trouble, asking: _Asking, asked: str) -> Remedy | None:
        if isinstance(trouble, Refused):
            if trouble.code == 404 and self._lineup.retire(asked):
                log.warning("the model %s is gone; %s is asked instead", asked, self.name)
                return ModelReplaced(asked, self.name)
            if trouble.code == 404 and self.name != asked:
                return Retrying(0.0, "")  # another turn has found the successor meanwhile
            if self._wants_newer_version(trouble):
                self._newer_version = "v1beta"
                return Retrying(0.0, "")
            if trouble.code in (400, 413) and self._refused_files.refuse(asking.history, trouble.message):
                log.warning("files are left out, since the model's API refused with %s", trouble)
                return Retrying(0.0, "")
            if trouble.code == 400 and (names := self._withdraw(trouble, asking)):
                log.warning("left out, since the model's API refused with %s: %s", trouble, ", ".join(names))
                return ToolsLeftOut(names, asking.declared.why(trouble.message))
        delay = self._retry.delay(trouble, asking.attempt)
        return None if delay is None else Retrying(delay, briefly(trouble))

    def _withdraw(self, refused: Refused, asking: _Asking) -> tuple[str, ...]:
        asking.withdrawals += 1
        if refused.bad_key or asking.withdrawals > MOST_WITHDRAWALS:
            return ()
        return asking.declared.withdraw(refused.message)

    def _wants_newer_version(self, refused: Refused) -> bool:
        """The ``v1`` API has been seen to know neither tools nor a system instruction."""
        return refused.code == 400 and "Unknown name" in refused.message and self._newer_version is None

    def _request(self, asking: _Asking) -> Request:
        return request(
            self._lineup.current,
            fitting(self._refused_files.without(asking.history)),
            asking.declared.declarations(),
            instructions=asking.instructions,
            may_call=asking.may_call,
            max_tokens=asking.max_tokens,
            api_version=self._newer_version,
        )

    def user(self, text: str, note: str = "", files: Sequence[Mapping[str, Any]] = ()) -> Message:
        return said(text, note, files)

    def with_files(self, message: Message, contents: Mapping[str, bytes]) -> Message:
        return with_files(message, contents)

    def results(self, results: Sequence[tuple[ToolCall, ToolResult]]) -> list[Message]:
        return [{"role": "user", "parts": [answered(call, result) for call, result in results]}]

    def calls(self, message: Message) -> tuple[ToolCall, ...]:
        return calls_of(message)

    def given(self, message: Message) -> list[tuple[str, dict[str, Any]]]:
        return given(message)

    def typed(self, message: Message) -> str:
        return typed(message)

    def attached(self, message: Message) -> list[tuple[str, str]]:
        return attached(message)

    def repaired(self, history: Sequence[Message]) -> list[Message]:
        return paired(history)

    def file_bytes(self, message: Message) -> int:
        return sum(size_of(file) * 3 // 4 for file in files_of(message))

    def speaks(self, message: Message) -> bool:
        return speaks(message)

    def words_of(self, message: Message) -> str:
        return words_of(message)

    def in_words(self, message: Message) -> str:
        return in_words(message)


def _left_out(aside: Mapping[str, str]) -> Iterator[ToolsLeftOut]:
    """One for each reason."""
    for why in dict.fromkeys(aside.values()):
        names = tuple(name for name in aside if aside[name] == why)
        log.info("left out, since %s: %s", why, ", ".join(names))
        yield ToolsLeftOut(names, why)
