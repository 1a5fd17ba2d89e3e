"""One streamed message: what it shows already, and how it is ended, or mended when Slack gave it up."""

import logging
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import code_of
from bot.slack.replies.chunks import markdown
from bot.slack.replies.cut_places import closing
from bot.slack.screens.blocks.elements import Block

log = logging.getLogger(__name__)

EXPIRED, TOO_LONG, STOPPED = "message_not_in_streaming_state", "msg_too_long", "stopped_by_user"
LIMITED = ("ratelimited", "rate_limited")


@dataclass
class Segment:
    ts: str
    born: float
    text: str = ""
    weight: int = 0


async def end(client: AsyncWebClient, channel: str, segment: Segment, session_status: str) -> None:
    """Tidily, with no code block and no mark left open; a refusal is logged, since what was shown is shown."""
    tail = closing(segment.text, cut=session_status == "processing")
    chunks = [markdown(tail)] if tail else None
    try:
        await client.chat_stopStream(channel=channel, ts=segment.ts, chunks=chunks, session_status=session_status)
    except SlackApiError as error:
        if code_of(error) == EXPIRED:
            await _mend(client, channel, segment.ts, segment.text + tail)
        elif code_of(error) != STOPPED:
            log.warning("a stream could not be ended: %s", code_of(error))


async def _mend(client: AsyncWebClient, channel: str, ts: str, text: str) -> None:
    """An expired message looks broken until it is rewritten; that keeps its text, not its task cards."""
    blocks: list[Block] = [{"type": "markdown", "text": text}] if text else []
    try:
        await client.chat_update(channel=channel, ts=ts, text=text[:3000] or "…", blocks=blocks)
    except SlackApiError as error:
        log.warning("an expired message could not be rewritten: %s", code_of(error))


def retry_after(error: SlackApiError) -> float:
    """Seconds that Slack asks to wait."""
    headers = getattr(error.response, "headers", None) or {}
    try:
        return float(headers.get("Retry-After", 1))
    except ValueError:
        return 1.0
