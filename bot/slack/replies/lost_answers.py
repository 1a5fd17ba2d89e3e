"""Slack's answer about a streamed message was lost: what became of it is looked up in its thread."""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.calls.marked import posted_since, wordless
from bot.slack.edge.errors import AWAY, TROUBLE, code_of
from bot.slack.replies.chunks import Chunk, words_in
from bot.slack.replies.streamed_message import Ending, Segment, rewrite, take_away
from bot.slack.replies.unsent import Unsent
from storage.schema import now

log = logging.getLogger(__name__)

_NO_LETTERS = re.compile(r"[\W_]+")
_ENOUGH = 200
"""Letters, of the end of what it showed before."""


class LostAnswers:
    """Of one reply; ``target`` is where its messages are streamed."""

    def __init__(self, client: AsyncWebClient, target: dict[str, Any]) -> None:
        self._client = client
        self._target = target
        self._opening: datetime | None = None
        """Since when a message may have been opened of which we heard nothing."""
        self.told: list[Chunk] = []
        """May stand in the message, or not."""

    async def open(self, note: Callable[[str], Awaitable[None]]) -> str:
        """A message without words, once it is noted: nobody would find what is said in one that is not."""
        ts = await self._open()
        try:
            await note(ts)
        except Exception:
            with suppress(*TROUBLE):
                await take_away(self._client, str(self._target["channel"]), ts)
            raise
        return ts

    async def _open(self) -> str:
        """A new one, or that of which we heard nothing."""
        since = self._opening or now()
        if ts := await self._opened():
            return ts
        try:
            answer = await self._client.chat_startStream(**self._target)
        except AWAY:
            self._opening = since
            raise
        self._opening = None
        return str(answer["ts"])

    async def let_nothing_stand(self) -> None:
        """A message that may have been opened, and in which nothing will be said."""
        with suppress(*TROUBLE):
            if ts := await self._opened():
                await take_away(self._client, str(self._target["channel"]), ts)

    async def settle(self, segment: Segment | None, unsent: Unsent) -> Segment | None:
        """What became of the piece whose answer was lost: shown by the message, or to be said again.

        Where nobody can tell, the message is left without it, and the reply goes on in another: None. Raises what
        Slack or the network says where that could not be done.
        """
        there = await self._took(segment, self.told) if segment and self.told else False
        if segment and there is None:
            await rewrite(self._client, Ending.of(str(self._target["channel"]), segment, "processing"))
            unsent.ended(segment)
            segment = None
        if segment and there:
            segment.shows(self.told)
            self.told = []
        self.put_back(unsent)
        return segment

    def put_back(self, unsent: Unsent) -> None:
        """To be said again."""
        unsent.chunks[:0], self.told = self.told, []

    async def _opened(self) -> str | None:
        if self._opening is None:
            return None
        where = (str(self._target["channel"]), self._target.get("thread_ts"))
        there = wordless(await posted_since(self._client, *where, self._opening))
        self._opening = None
        return there[-1] if there else None

    async def _took(self, segment: Segment, chunks: Sequence[Chunk]) -> bool | None:
        """Whether the message shows these words, at the end of what it showed before; None when that is not known."""
        if not (words := _letters("".join(map(words_in, chunks)))):
            return False  # steps of a plan: to tell them twice changes nothing
        asked: dict[str, Any] = {"channel": self._target["channel"], "ts": self._target["thread_ts"]}
        asked |= {"oldest": segment.ts, "latest": segment.ts, "inclusive": True, "limit": 2}
        try:
            found = (await self._client.conversations_replies(**asked))["messages"]
        except TROUBLE as error:
            log.info("what a streamed message shows could not be looked up: %s", code_of(error))
            return None
        shown = next((_letters(str(each.get("text", ""))) for each in found if each["ts"] == segment.ts), "")
        before = _letters(segment.text)[-_ENOUGH:]
        if shown.endswith(before + words):
            return True
        return False if shown.endswith(before) else None


def _letters(text: str) -> str:
    """Slack gives text back with marks of its own."""
    return _NO_LETTERS.sub("", text)
