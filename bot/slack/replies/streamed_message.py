"""One streamed message: what it shows already, and how it is ended, or mended when Slack gave it up."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import NOTHING_LEFT, code_of
from bot.slack.replies.chunks import Chunk, as_sent, in_words, markdown, weight, words_in
from bot.slack.replies.refusals import Gone
from bot.slack.screens.blocks.cut_places import closing
from bot.slack.screens.blocks.elements import Block

log = logging.getLogger(__name__)

EXPIRED, TOO_LONG, STOPPED = "message_not_in_streaming_state", "msg_too_long", "stopped_by_user"
UNDRAWN = "invalid_blocks"
"""As where Slack draws no charts yet: the same is told in words."""
LIMITED = ("ratelimited", "rate_limited")
REWRITTEN = (EXPIRED, TOO_LONG)


@dataclass
class Segment:
    ts: str
    born: float
    text: str = ""
    weight: int = 0

    def shows(self, chunks: Sequence[Chunk]) -> None:
        """These too, from now on."""
        self.text += "".join(map(words_in, chunks))
        self.weight += sum(map(weight, chunks))


@dataclass(frozen=True)
class Ending:
    """What is left to do with a streamed message; plain values, which a job can keep."""

    channel: str
    ts: str
    text: str
    """All that it shows, in case that it has to be rewritten."""
    session_status: str
    last: list[Chunk]
    empty: bool = False
    """Opened for its stop button alone: nothing was said in it."""
    under: list[Block] = field(default_factory=list)
    """What stands below its text from then on."""

    @property
    def unseen(self) -> bool:
        """All its words come with the end."""
        return bool(self.text) and self.text == "".join(map(words_in, self.last))

    @classmethod
    def of(
        cls,
        channel: str,
        segment: Segment,
        session_status: str,
        last: Sequence[Chunk] = (),
        under: Sequence[Block] = (),
    ) -> "Ending":
        text = segment.text + "".join(map(words_in, last))
        tail = closing(text, cut=session_status == "processing")
        closed = [markdown(tail)] if tail else []
        empty = not segment.weight and not last
        return cls(channel, segment.ts, text + tail, session_status, [*last, *closed], empty, list(under))


async def end(client: AsyncWebClient, ending: Ending) -> bool:
    """Tidily; False when its member had ended it before, and Slack took nothing more into it.

    Raises what Slack or the network says when it could not be done, and may be done again then; `Gone`.
    """
    if ending.empty:
        await take_away(client, ending.channel, ending.ts)
        return True
    status, last = ending.session_status, as_sent(ending.last) or None
    try:
        under = ending.under or None
        await client.chat_stopStream(
            channel=ending.channel, ts=ending.ts, chunks=last, blocks=under, session_status=status
        )
    except SlackApiError as error:
        worded = in_words(ending.last)
        if code_of(error) == UNDRAWN and worded != ending.last:
            return await end(client, replace(ending, last=worded))
        if code_of(error) in REWRITTEN:
            await _mend(client, ending)
        elif code_of(error) not in NOTHING_LEFT | {STOPPED}:
            raise
        elif code_of(error) in NOTHING_LEFT and ending.unseen:
            raise Gone from error
        return code_of(error) != STOPPED
    return True


async def take_away(client: AsyncWebClient, channel: str, ts: str, *, stopped: bool = False) -> None:
    """Nothing was said in it. Raises what may be done later."""
    for call in (client.chat_delete,) if stopped else (client.chat_stopStream, client.chat_delete):
        try:
            await call(channel=channel, ts=ts)
        except SlackApiError as error:
            log.info("an empty message could not be taken away: %s", code_of(error))
            if code_of(error) not in NOTHING_LEFT | {STOPPED, "cant_delete_message", *REWRITTEN}:
                raise


async def rewrite(client: AsyncWebClient, ending: Ending) -> None:
    """Ended, and shows what ``ending`` says and nothing else."""
    try:
        await client.chat_stopStream(channel=ending.channel, ts=ending.ts, session_status=ending.session_status)
    except SlackApiError as error:
        if code_of(error) not in (*NOTHING_LEFT, STOPPED, *REWRITTEN):
            raise
    await _mend(client, ending)


async def _mend(client: AsyncWebClient, ending: Ending) -> None:
    """An expired message looks broken until it is rewritten; that keeps its text, not its task cards."""
    blocks: list[Block] = [{"type": "markdown", "text": ending.text}] if ending.text else []
    blocks += ending.under
    try:
        await client.chat_update(channel=ending.channel, ts=ending.ts, text=ending.text[:3000] or "…", blocks=blocks)
    except SlackApiError as error:
        if code_of(error) not in NOTHING_LEFT:
            raise
