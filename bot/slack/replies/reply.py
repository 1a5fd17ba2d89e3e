"""One turn's reply in its thread: streamed where Slack lets it be, else posted when it is whole."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.slack.edge.calls.client import budget_of
from bot.slack.replies.chunks import Chunk, drawn, markdown, posts, words_in
from bot.slack.replies.plan import Plan
from bot.slack.replies.refusals import CannotStream, StoppedByMember
from bot.slack.replies.status_line import StatusLine
from bot.slack.replies.stream import Left, Started, Stream
from bot.slack.replies.tables import Piece, Table, TableText
from bot.slack.screens.blocks.elements import Block
from bot.slack.screens.blocks.honest_links import HonestText, honest
from bot.slack.screens.blocks.text import unmarked

log = logging.getLogger(__name__)

BEAT = 1.0
"""Seconds between flushes."""
STOP_AFTER = 0.6
"""Seconds until an answer that has no words yet shows a stop button; a quick one needs none."""
MOST_DRAWN = {"table": 1, "data_visualization": 2}
LONGEST_TEXT = 3_000
"""Characters, of what is read instead of blocks."""
SKIPPED = "Skipped: {title}"
"""In words: a task knows only success and error, and a no is neither."""

Stopped = Callable[[], Awaitable[None]]


class Reply:
    """``started`` hears of each message as it stands there, ``stopped`` of the stop button; posts have ``mark``."""

    def __init__(
        self,
        client: AsyncWebClient,
        place: Place,
        recipient: str,
        started: Started,
        stopped: Stopped,
        left: Left | None = None,
        mark: dict[str, Any] | None = None,
    ) -> None:
        self._client = client
        self._place = place
        self._mark = mark
        self._stopped = stopped
        self._started = started
        self._stream = Stream(client, _target(place, recipient), started, left=left)
        self._said = ""
        self._text, self._tables = HonestText(), TableText()
        self._plan = Plan()
        self._drew: Counter[str] = Counter()
        self._plain: list[str] | None = None
        self._silent = False
        self.under: list[Block] = []
        """What stands below the answer's last message, once it is at its end."""
        self._status = StatusLine(client, place)
        self._begun = False
        self._offer: asyncio.Task[None] | None = None
        self._offering = False

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Reply"]:
        """While it is open, what waits is sent every second; at the end nothing is left unsaid."""
        beat = asyncio.create_task(self._beat())
        try:
            with budget_of(self._client).streaming():
                yield self
                await self.end()
            await self._status.settled()
        finally:
            at_work = {beat, *(each for each in (self._status.task, self._offer) if each)}
            for task in at_work:
                task.cancel()
            await asyncio.wait(at_work)

    def think(self, why: str = "") -> None:
        """Say so until the next words come; ``why`` tells what takes longer. What has no words yet can be stopped."""
        if why or not self._begun:
            self._status.show(why)
        if self._offer is None and not self._begun:
            self._offer = asyncio.create_task(self._offer_stop())

    async def _offer_stop(self) -> None:
        await asyncio.sleep(STOP_AFTER)
        self._offering = True
        await self._status.settled()
        await self._try(self._stream.begin())

    async def words(self, text: str) -> None:
        self._said += text
        await self._put_all(self._tables.add(self._text.add(text)))

    async def whole(self, text: str) -> None:
        """The final text; what was streamed of it is not said again."""
        if text.startswith(self._said):
            await self.words(text[len(self._said) :])
        elif text not in self._said:
            await self.words(f"\n\n{text}")

    async def remark(self, text: str) -> None:
        """Words of the house, in a paragraph of their own."""
        if text:
            await self._put_rest()
            await self._put(markdown(f"{self._gap()}_{honest(text)}_\n\n"))

    async def tool(self, call: str, title: str, state: str, **told: Any) -> None:
        """``told``: as `Plan.step` takes it."""
        if state == "declined":
            return await self.remark(SKIPPED.format(title=title.partition(": ")[2] or title))
        await self._put_rest()
        chunks = self._plan.step(call, title, state, **told)
        if self._plain is None:
            await self._put(*chunks)
        elif state != "started":
            self._plain.append(f"_{self._plan.name(call)}: {state}_\n\n")

    async def end(self, session_status: str = "active") -> None:
        """All is said for now; more may follow, in another message."""
        await self._offered_first()
        await self._put_rest()
        if not self._silent:
            await self._try(self._stream.stop(session_status, self.under))
        if self._plain:
            text, self._plain = "".join(self._plain), []
            await self._post(text, self.under)

    async def flush(self) -> None:
        if self._plain is None and not self._silent:
            await self._try(self._stream.flush())

    async def post_stopped(self, text: str) -> None:
        """Also after the stop button, when Slack takes no more into the message itself."""
        await self.remark(text)
        await self.end()
        if self._silent:
            await self._post(f"_{unmarked(text)}_")
            await self._status.at_rest()

    async def ask(self, text: str, blocks: list[Block]) -> None:
        """A message of its own, with buttons."""
        answer = await self._client.chat_postMessage(
            channel=self._place.channel,
            thread_ts=self._place.thread_ts,
            text=text,
            blocks=blocks,
            metadata=self._mark,
        )
        await self._started(str(answer["ts"]))

    async def _put_all(self, pieces: Sequence[Piece]) -> None:
        """Slack draws a table and two charts in a message: the first of an answer are, the others are Markdown."""
        for piece in pieces:
            kind = piece.block["type"] if isinstance(piece, Table) else ""
            if isinstance(piece, Table) and self._drew[kind] < MOST_DRAWN[kind] and self._plain is None:
                self._drew[kind] += 1
                await self._put(drawn(piece.block, piece.markdown))
            else:
                await self._put(markdown(piece.markdown if isinstance(piece, Table) else piece))

    async def _put_rest(self) -> None:
        await self._put_all([*self._tables.add(self._text.rest()), *self._tables.rest()])

    async def _put(self, *chunks: Chunk) -> None:
        if chunks[0].get("text") == "" or self._silent:
            return
        await self._offered_first()
        await self._status.settled()
        self._begun = True
        if self._plain is not None:
            self._plain += map(words_in, chunks)
        else:
            await self._try(self._stream.append(*chunks))

    async def _offered_first(self) -> None:
        """A message that is being opened is waited for; one that is not yet will be opened by the words."""
        offer, self._offer = self._offer, None
        if offer and not self._offering:
            offer.cancel()
        elif offer:
            await offer

    async def _try(self, writing: Awaitable[None]) -> None:
        try:
            await writing
        except StoppedByMember:
            if not self._silent:
                self._silent = True
                await self._stopped()
        except CannotStream as refusal:
            log.info("posting instead of streaming: %s", refusal)
            self._plain = [*(self._plain or []), self._stream.take_unsent()]
            await self._close_unfinished()

    async def _close_unfinished(self) -> None:
        with suppress(CannotStream, StoppedByMember):
            await self._stream.stop("processing")

    async def _post(self, text: str, under: Sequence[Block] = ()) -> None:
        parts = posts(text.strip())
        for number, part in enumerate(parts, 1):
            answer = await self._client.chat_postMessage(
                channel=self._place.channel,
                thread_ts=self._place.thread_ts,
                **_words(part, under if number == len(parts) else ()),
                unfurl_links=False,
                unfurl_media=False,
                metadata=self._mark,
            )
            await self._started(str(answer["ts"]))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self.flush()
            except Exception:  # what comes next will try again, and fail for all to see
                log.exception("a reply could not be brought up to date")

    def _gap(self) -> str:
        return "\n\n" if self._said and not self._said.endswith("\n\n") else ""


def _words(part: str, under: Sequence[Block]) -> dict[str, Any]:
    if not under:
        return {"markdown_text": part}
    return {"text": part[:LONGEST_TEXT], "blocks": [{"type": "markdown", "text": part}, *under]}


def _target(place: Place, recipient: str) -> dict[str, str]:
    """Outside direct messages Slack wants to know for whom it streams."""
    target = {"channel": place.channel, "thread_ts": place.thread_ts, "task_display_mode": "plan"}
    return target if place.private else target | {"recipient_user_id": recipient, "recipient_team_id": place.team}
