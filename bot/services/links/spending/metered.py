"""A model whose every request is paid for: set aside before, settled after, whatever became of it."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from bot.agent.events import Delta, Retrying, Spent, Thinking
from bot.agent.model import FILE_TOKENS, Heard, Message, Model, ModelFailed, Reply
from bot.services.limits import prices
from bot.services.links.spending.spending import Spending
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult
from storage.engines.engine import TROUBLE
from storage.schema import now
from storage.tables import Link

BYTES = 3
"""Of a token, in UTF-8: English has four and more, Japanese three; rather too much than too little."""
FILE = 2_500
"""Tokens of a picture or a paper, however it is encoded."""
ANSWER = 2_000
"""Where an answer has no limit of its own."""
log = logging.getLogger(__name__)


@dataclass
class _Bill:
    """What came back of one request, with all its attempts."""

    model: str
    prompt: int
    """As estimated."""
    tokens: int = 0
    money: int = 0
    unpriced: str = ""
    heard: int = 0
    """Bytes of text of which no bill has come yet."""

    def hear(self, event: Heard) -> None:
        if isinstance(event, Delta | Thinking):
            self.heard += len(event.text.encode())
        elif isinstance(event, Retrying):
            self._cut_off()
        elif isinstance(event, Spent):
            day, self.heard = now().date(), 0
            self.tokens += event.total
            self.money += prices.cost_of(event, day)
            self.unpriced = self.unpriced or ("" if prices.price_of(event.model, day) else event.model)

    def close(self, *, over: bool) -> None:
        """``over``: it came to its end or to nothing, and nobody left it while it ran."""
        self._cut_off(always=not (over or self.tokens))

    def _cut_off(self, *, always: bool = False) -> None:
        """What broke off is billed all the same: as much of it as was heard, after the whole prompt."""
        if self.heard or always:
            output, self.heard = self.heard // BYTES, 0
            self.tokens += self.prompt + output
            self.money += prices.at_most(self.model, self.prompt, output, now().date())


class Metered(Model):
    """``number`` names what it is asked for, a turn's attempt or a summary: each of its requests is settled once.

    Its `reply` raises `Refused` where there is nothing left, besides what the model's own raises.
    """

    def __init__(self, model: Model, spending: Spending, link: Link, session_id: str, number: str) -> None:
        self._model = model
        self._spending = spending
        self._link = link
        self._session_id = session_id
        self._number = number
        self._step = 0

    @property
    def name(self) -> str:
        return self._model.name

    async def reply(
        self,
        history: Sequence[Message],
        tools: Sequence[Tool],
        *,
        instructions: str,
        may_call: bool = True,
        max_tokens: int | None = None,
    ) -> AsyncGenerator[Heard, None]:
        self._step += 1
        number, model = f"{self._number}:{self._step}", self.name
        bill, answer = _Bill(model, _prompt(history, tools, instructions)), max_tokens or ANSWER
        money = prices.at_most(model, bill.prompt, answer, now().date())
        await self._spending.reserve(self._link, self._session_id, number, bill.prompt + answer, money)
        over = False
        try:
            asked = self._model.reply(
                history, tools, instructions=instructions, may_call=may_call, max_tokens=max_tokens
            )
            async with aclosing(asked) as heard:
                async for event in heard:
                    bill.hear(event)
                    over = over or isinstance(event, Reply)
                    yield event
        except ModelFailed:
            over = True  # refused, which costs nothing but for what was heard
            raise
        finally:
            bill.close(over=over)
            await asyncio.shield(self._settle(number, bill))

    async def _settle(self, number: str, bill: _Bill) -> None:
        try:
            await self._spending.settle(number, bill.tokens, bill.money, unpriced=bill.unpriced)
        except TROUBLE as error:  # the answer is not lost for that: the sweeper settles it
            log.warning("a request could not be settled: %s", type(error).__name__)

    def user(self, text: str, note: str = "", files: Sequence[Mapping[str, Any]] = ()) -> Message:
        return self._model.user(text, note, files)

    def with_files(self, message: Message, contents: Mapping[str, bytes]) -> Message:
        return self._model.with_files(message, contents)

    def results(self, results: Sequence[tuple[ToolCall, ToolResult]]) -> list[Message]:
        return self._model.results(results)

    def calls(self, message: Message) -> tuple[ToolCall, ...]:
        return self._model.calls(message)

    def given(self, message: Message) -> list[tuple[str, Any]]:
        return self._model.given(message)

    def repaired(self, history: Sequence[Message]) -> list[Message]:
        return self._model.repaired(history)

    def speaks(self, message: Message) -> bool:
        return self._model.speaks(message)

    def in_words(self, message: Message) -> str:
        return self._model.in_words(message)


def _prompt(history: Sequence[Message], tools: Sequence[Tool], instructions: str) -> int:
    """About how many tokens a request has; its bill says it exactly, afterwards."""
    files = sum(_files(message) for message in history)
    told = [{**each, "parts": [p for p in each.get("parts", ()) if "inlineData" not in p]} for each in history]
    declared = [[tool.name, tool.description, tool.schema] for tool in tools]
    text = json.dumps([told, declared, instructions], ensure_ascii=False)
    return len(text.encode(errors="surrogatepass")) // BYTES + files


def _files(message: Message) -> int:
    """Tokens of those that stand in it; of a guest's it is known from when they came."""
    if (known := message.get(FILE_TOKENS)) is not None:
        return int(known)
    return FILE * sum("inlineData" in part for part in message.get("parts", ()))
