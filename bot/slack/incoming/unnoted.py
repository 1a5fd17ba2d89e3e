"""What a process had put up in a thread when it died before it could note where: known by its mark, or by being empty.

A streamed message takes no mark, but is opened without words, which follow once it is noted.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.calls.marked import mark, marked, posted_since
from storage.schema import now
from storage.tables import Job, Turn

LOOKED_BACK = timedelta(hours=1)
BEFORE_IT_WAS_DUE = timedelta(minutes=10)
"""One job for all that comes is due again and again: what it was at when its process died was due before."""
_DOUBT: ContextVar[datetime | None] = ContextVar("doubt", default=None)

Work = Callable[[Job], Awaitable[None]]


def begun_before(turn: Turn) -> datetime | None:
    """Since when a process that is dead may have put something up; None where there was none."""
    return turn.created_at if turn.attempts > 1 else None


def looking_first(work: Work) -> Work:
    """Of a job that is done once more, what the try before has put up is looked for before it is put up again."""

    async def done(job: Job) -> None:
        since = min(job.due_at, now()) - BEFORE_IT_WAS_DUE if job.attempts > 1 else None
        before = _DOUBT.set(since)
        try:
            await work(job)
        finally:
            _DOUBT.reset(before)

    return done


async def put_up(
    client: AsyncWebClient,
    of: str,
    *,
    channel: str,
    thread_ts: str | None = None,
    doubt: bool = False,
    **message: Any,
) -> str:
    """A message and its ts; ``of`` names it, by ids alone, and is the same in each try.

    ``doubt``: it is known otherwise that a try before may have put it up.
    """
    if since := _DOUBT.get() or (now() - LOOKED_BACK if doubt else None):
        for ts in marked(await posted_since(client, channel, thread_ts, since), of):
            return ts
    usual: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False, "metadata": mark(of)}
    answer = await client.chat_postMessage(channel=channel, thread_ts=thread_ts, **usual, **message)
    return str(answer["ts"])


async def stands_there(
    client: AsyncWebClient, channel: str, thread_ts: str, name: str, size: int | None = None
) -> bool:
    """Whether a file of this name, and ``size`` in bytes, was put into the thread by the try before; it takes no mark,
    and others before it may have had its name."""
    if not (since := _DOUBT.get()):
        return False
    there = await posted_since(client, channel, thread_ts, since)
    files = [file for each in there for file in each.get("files") or () if file.get("name") == name]
    return any(size is None or file.get("size") in (None, size) for file in files)


def noted_as(workspace: str, once: str) -> str:
    """What is noted of a job once it was told."""
    return f"told:{workspace}:{once}"
