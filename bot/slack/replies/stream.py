"""One reply as one or more streamed messages: a single writer, continued before one gets too old or too long."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.calls.budget import APPEND, START
from bot.slack.edge.calls.client import budget_of
from bot.slack.edge.errors import AWAY, TROUBLE, code_of, retry_after
from bot.slack.replies.chunks import Chunk, as_sent
from bot.slack.replies.lost_answers import LostAnswers
from bot.slack.replies.refusals import CannotStream, Gone, Later, StoppedByMember
from bot.slack.replies.streamed_message import (
    EXPIRED,
    LIMITED,
    STOPPED,
    TOO_LONG,
    UNDRAWN,
    Ending,
    Segment,
    end,
    take_away,
)
from bot.slack.replies.unsent import Unsent
from bot.slack.screens.blocks.elements import Block

log = logging.getLogger(__name__)

MAX_AGE = 240.0
"""Seconds; Slack ends a stream after about 300, busy or not."""
PAUSE = 1.0
"""Seconds before Slack is tried again after it did not answer."""

Started = Callable[[str], Awaitable[None]]
Left = Callable[[Ending], Awaitable[None]]
"""Hears of a message that Slack did not let end: somebody has to do it later."""


class Stream:
    """What Slack did not take is kept and sent again, in a new message if need be; `started` hears of each message."""

    def __init__(
        self,
        client: AsyncWebClient,
        target: dict[str, Any],
        started: Started,
        clock: Callable[[], float] = time.monotonic,
        left: Left | None = None,
    ) -> None:
        self._client = client
        self._budget = budget_of(client)
        self._left = left
        self._target = target
        self._started = started
        self._clock = clock
        self._lock = asyncio.Lock()
        self._unsent = Unsent()
        self._segment: Segment | None = None
        self._begun = False
        self._stopped = False
        self._quiet_until = 0.0
        self._next = 0.0
        self._lost = LostAnswers(client, target)

    async def begin(self) -> None:
        """Open the message before there are words: Slack shows its stop button with it."""
        async with self._lock:
            if not (self._segment or self._begun or self._unsent.chunks or self._stopped):
                await self._open_wordless()

    async def append(self, *chunks: Chunk) -> None:
        async with self._lock:
            self._unsent.chunks += chunks
            first = not self._begun or (self._segment is not None and not self._segment.weight)
            if self._unsent.is_long or first or any(chunk["type"] != "markdown_text" for chunk in chunks):
                await self._flush()
            if not self._begun and self._unsent.chunks:
                await self._open_wordless()  # half a word is not shown yet, but that an answer comes is

    async def flush(self) -> None:
        """For a clock of about a second: what a slow model has said is seen, half a word too if it stays at that."""
        async with self._lock:
            await self._flush(more=not self._unsent.has_paused())

    async def stop(self, session_status: str = "active", under: Sequence[Block] = ()) -> None:
        """End the message tidily, with ``under`` below; ``suspended`` when a person is asked, ``active`` at the end."""
        async with self._lock:
            self._next, said = 0.0, False
            with suppress(Later):
                await self._settle()  # also within the pause that Slack was given
            try:
                await self._flush(more=False, last=True)
                said = True
            finally:
                segment, self._segment = self._segment, None
                self._lost.put_back(self._unsent)
                await self._lost.let_nothing_stand()
                if segment and not self._stopped:
                    last = self._unsent.take_with_the_end(segment) if said else []
                    await self._end(Ending.of(self._channel, segment, session_status, last, under), last)
            if self._unsent.chunks:
                raise CannotStream("ratelimited")

    def take_unsent(self) -> str:
        """Text that Slack has not taken, for those who say it in another way."""
        self._lost.put_back(self._unsent)
        return self._unsent.take_text(self._segment)

    async def _open_wordless(self) -> None:
        with suppress(Later):  # the words will open it
            await self._send([])

    async def _flush(self, *, more: bool = True, last: bool = False) -> None:
        """``more``: words may follow, so that the last may be half a word; ``last``: the end takes the rest with it."""
        if self._stopped:
            raise StoppedByMember
        if self._clock() < max(self._quiet_until, self._next):
            return
        try:
            await self._settle()
            self._unsent.join()
            await self._send_unsent(more, last)
        except Later:
            return

    async def _send_unsent(self, more: bool, last: bool) -> None:
        if self._segment and self._clock() - self._segment.born >= MAX_AGE:
            await self._continue_elsewhere(self._segment)
        while (share := self._unsent.share(self._segment, more=more)) is not None:
            if last and not self._segment and share.now and not await self._send([]):
                continue
            if last and self._segment and not share.later and not share.full:
                return  # it goes with the end, which saves a call
            if share.now:
                try:
                    if not await self._send(share.now):
                        continue
                except Later:
                    if self._lost.told:
                        self._unsent.chunks = share.later
                    raise
                self._unsent.chunks = share.later
            if share.full and self._segment:
                await self._continue_elsewhere(self._segment)
            elif not share.full:
                return

    async def _send(self, chunks: Sequence[Chunk]) -> bool:
        """False when the current message took no more: the same chunks then go into another."""
        segment = self._segment
        try:
            if segment is None:
                segment = await self._open()
            if not chunks:
                return True
            if not self._budget.take(APPEND):
                raise self._later(None, self._budget.rest(APPEND))
            await self._client.chat_appendStream(channel=self._channel, ts=segment.ts, chunks=as_sent(chunks))
        except SlackApiError as error:
            await self._refused(segment, error)
            return False
        except AWAY as error:
            self._lost.told = list(chunks) if segment else []
            raise self._later(error, PAUSE) from error
        segment.shows(chunks)
        self._next = self._clock() + self._budget.between_pieces
        return True

    async def _settle(self) -> None:
        if not self._lost.told:
            return
        try:
            self._segment = await self._lost.settle(self._segment, self._unsent)
        except TROUBLE as error:
            raise self._later(error, PAUSE) from error

    async def _open(self) -> Segment:
        """Without words, which follow once it is noted: of a process that dies in between, no words stand there twice.

        Where that is the end too, its words go with the end, so that a short answer takes no call more.
        """
        if not self._budget.take(START):
            raise CannotStream("ratelimited")
        born = self._clock()
        segment = Segment(await self._lost.open(self._started), born)
        self._begun, self._segment = True, segment
        return segment

    async def _refused(self, segment: Segment | None, error: SlackApiError) -> None:
        code = code_of(error)
        if code == STOPPED:
            self._stopped = True
            if segment and not segment.weight:
                with suppress(*TROUBLE):
                    await take_away(self._client, self._channel, segment.ts, stopped=True)
            raise StoppedByMember from error
        if segment and code in LIMITED:
            raise self._later(error, retry_after(error)) from error
        if code == UNDRAWN and self._unsent.draw_nothing():
            return
        if segment is None or code not in (EXPIRED, TOO_LONG):
            raise CannotStream(code) from error
        await self._continue_elsewhere(segment)

    async def _continue_elsewhere(self, segment: Segment) -> None:
        self._segment = None
        self._unsent.ended(segment)
        await self._end(Ending.of(self._channel, segment, "processing"))

    async def _end(self, ending: Ending, last: Sequence[Chunk] = ()) -> None:
        """What Slack does not let end now is ended later: an answer must not look unfinished for ever."""
        try:
            ended = await end(self._client, ending)
        except Gone:  # of what nobody has seen, another message tells
            self._unsent.chunks[:0] = last
            return
        except TROUBLE as error:
            if self._left is None:
                raise
            log.warning("a stream is ended later: %s", code_of(error))
            await self._left(ending)
            return
        if not ended:
            self._stopped = True
            raise StoppedByMember

    def _later(self, error: Exception | None, seconds: float) -> Later:
        if error:
            log.info("Slack takes no more of an answer for %.0f s: %s", seconds, code_of(error))
        self._quiet_until = self._clock() + seconds
        return Later()

    @property
    def _channel(self) -> str:
        return str(self._target["channel"])
