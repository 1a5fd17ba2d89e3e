"""A model whose every request is paid for: set aside before, settled after, whatever became of it."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from bot.agent.events import Spent
from bot.agent.model import FILE_TOKENS, Heard, Message, Model, ModelFailed, Reply
from bot.services.limits import prices
from bot.services.limits.budgets.accounts import Account
from bot.services.limits.budgets.growth import Growth
from bot.services.limits.budgets.ledger import Ledger
from bot.services.limits.budgets.took import BYTES, Bill, Took
from mcp_runtime.tools.kept import Kept
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult
from storage.engines.engine import TROUBLE
from storage.schema import now

FILE = 2_500
"""Tokens of a picture or a paper, however it is encoded."""
ANSWER = 2_000
"""Where an answer has no limit of its own."""
WEIGHTS: Kept[int] = Kept(4_000_000)
"""Bytes of schemas, which may be megabytes and are the same in each request, by their pin or as they stand."""
log = logging.getLogger(__name__)


class Metered(Model):
    """``number`` names what it is asked for, a turn's attempt or a summary: each of its requests is settled once.

    Its `reply` raises `Refused` where there is nothing left, besides what the model's own raises.
    """

    def __init__(self, model: Model, ledger: Ledger, account: Account, number: str) -> None:
        self._model = model
        self._ledger = ledger
        self._account = account
        self._number = number
        self._step = 0
        self._growth = Growth()

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
        prompt, answer = prompt_of(history, tools, instructions), max_tokens or ANSWER
        bill, money = Bill(model, prompt), prices.at_most(model, prompt, answer, now().date())
        await self._ledger.reserve(self._account, number, prompt + answer, money)
        over = False
        try:
            asked = self._model.reply(
                history, tools, instructions=instructions, may_call=may_call, max_tokens=max_tokens
            )
            async with aclosing(asked) as heard:
                async for event in heard:
                    bill.hear(event)
                    if isinstance(event, Spent):
                        bill.took.brought = self._growth.asked(event, tools)
                    over = over or isinstance(event, Reply)
                    yield event
        except ModelFailed:
            over = True  # refused, which costs nothing but for what was heard
            raise
        finally:
            await asyncio.shield(self._settle(number, bill.close(over=over)))

    async def _settle(self, number: str, took: Took) -> None:
        try:
            await self._ledger.settle(self._account.workspace, number, took)
        except TROUBLE as error:  # the answer is not lost for that: the sweeper settles it
            log.warning("a request could not be settled: %s", type(error).__name__)

    def user(self, text: str, note: str = "", files: Sequence[Mapping[str, Any]] = ()) -> Message:
        return self._model.user(text, note, files)

    def with_files(self, message: Message, contents: Mapping[str, bytes]) -> Message:
        return self._model.with_files(message, contents)

    def results(self, results: Sequence[tuple[ToolCall, ToolResult]]) -> list[Message]:
        self._growth.results(results)
        return self._model.results(results)

    def calls(self, message: Message) -> tuple[ToolCall, ...]:
        return self._model.calls(message)

    def given(self, message: Message) -> list[tuple[str, dict[str, Any]]]:
        return self._model.given(message)

    def typed(self, message: Message) -> str:
        return self._model.typed(message)

    def attached(self, message: Message) -> list[tuple[str, str]]:
        return self._model.attached(message)

    def repaired(self, history: Sequence[Message]) -> list[Message]:
        return self._model.repaired(history)

    def file_bytes(self, message: Message) -> int:
        return self._model.file_bytes(message)

    def speaks(self, message: Message) -> bool:
        return self._model.speaks(message)

    def words_of(self, message: Message) -> str:
        return self._model.words_of(message)

    def in_words(self, message: Message) -> str:
        return self._model.in_words(message)


def prompt_of(history: Sequence[Message], tools: Sequence[Tool], instructions: str) -> int:
    """About how many tokens a request has; its bill says it exactly, afterwards."""
    files = sum(_files(message) for message in history)
    told = [{**each, "parts": [_told(p) for p in each.get("parts", ()) if "inlineData" not in p]} for each in history]
    declared = [[tool.name, tool.description] for tool in tools]
    schemas = sum(len(", ") + _weight(tool) for tool in tools)
    return (_bytes([told, declared, instructions]) + schemas) // BYTES + files


def _weight(tool: Tool) -> int:
    key = tool.pin or tool.schema_json
    return WEIGHTS.of(key, lambda: (_bytes(tool.schema), 64 + len(key)))


def _bytes(told: Any) -> int:
    return len(json.dumps(told, ensure_ascii=False).encode(errors="surrogatepass"))


def _files(message: Message) -> int:
    """Tokens of those that stand in it; of a guest's it is known from when they came."""
    if (known := message.get(FILE_TOKENS)) is not None:
        return int(known)
    return FILE * sum(_held(part) for part in message.get("parts", ()))


def _held(part: Mapping[str, Any]) -> int:
    """Files in it: one of its own, or those that a tool gave with its result."""
    within = (part.get("functionResponse") or {}).get("parts", ())
    return ("inlineData" in part) + sum("inlineData" in each for each in within)


def _told(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what is no text: its base64 is many times what it counts for."""
    response = part.get("functionResponse") or {}
    if "parts" not in response:
        return part
    words = [each for each in response["parts"] if "inlineData" not in each]
    return {**part, "functionResponse": {**response, "parts": words}}
