"""What guests may spend: how fast, how often and how much. Every refusal says which limit and when it lifts."""

import hashlib
import hmac
import math
import time
from collections.abc import Sequence

from bot.errors import Refused
from storage.database import Tables
from storage.repositories.work.rates import Limit

SECOND = 1_000_000  # rates count in microseconds
MESSAGE_CHARACTERS = 4_000
SESSION_MESSAGES = 30
QUEUED = 3
GUEST_STEPS = 6
GUEST_TOKENS = 4_000
"""Of one answer; a thinking model's thoughts count too."""
LINK_TOKENS = 250_000
TURN_TOKENS = 10_000
"""Set aside on the link before a turn; what it really took is settled afterwards."""

APART = Limit(burst=1, every_microseconds=SECOND)
PER_MINUTE = Limit(burst=8, every_microseconds=60 * SECOND // 8)
STARTS = Limit(burst=10, every_microseconds=3_600 * SECOND // 10)


async def pace(tables: Tables, key: bytes, session_id: str) -> None:
    """One guest's messages: a second apart, eight a minute; raises `Refused`."""
    # Always in one order, or two requests could wait for each other's rows.
    await _take(tables, hidden(key, "minute", session_id), PER_MINUTE, "per_minute", "8 messages a minute")
    await _take(tables, hidden(key, "second", session_id), APART, "too_fast", "one message a second")


async def starts(tables: Tables, key: bytes, ip: str) -> None:
    """Chats started from one address; raises `Refused`."""
    await _take(tables, hidden(key, "start", ip), STARTS, "starts", "10 new chats an hour from one network")


async def take_all(tables: Tables, buckets: Sequence[tuple[str, Limit, str]], code: str) -> None:
    """One from each bucket, told as its key, its limit and that in words; raises `Refused`."""
    for key, limit, told in sorted(buckets, key=lambda each: each[0]):
        await _take(tables, key, limit, code, told)


async def has_room(tables: Tables, key: str, limit: Limit) -> bool:
    """Takes one, and says whether there was one to take."""
    return (await tables.rates.take(key, limit, time.time_ns() // 1_000)).allowed


async def _take(tables: Tables, key: str, limit: Limit, code: str, told: str) -> None:
    verdict = await tables.rates.take(key, limit, time.time_ns() // 1_000)
    if not verdict.allowed:
        wait = max(1, math.ceil(verdict.retry_after))
        raise Refused(f"The limit is {told}. Try again in {lasting(wait)}.", code=code, retry_after=wait)


def check_length(text: str) -> None:
    if not text.strip():
        raise Refused("The message is empty. Write something first.", code="empty")
    if len(text) > MESSAGE_CHARACTERS:
        told = f"A message may have {MESSAGE_CHARACTERS:,} characters, and this one has {len(text):,}. Shorten it."
        raise Refused(told, code="too_long")


def no_more_messages(most: int) -> Refused:
    told = f"This chat has had its {most} messages. It can be read until it ends, but takes no more."
    return Refused(told, code="messages")


def no_more_tokens() -> Refused:
    told = "This link has used up what its guests may ask, and that does not come back. Your host has been told."
    return Refused(f"{told} Ask them for a new link.", code="budget")


def no_more_of_share() -> Refused:
    told = "You have used up your part of what this link's guests may ask, and that does not come back."
    return Refused(f"{told} Ask your host if you need more.", code="share")


def set_aside() -> Refused:
    """What is left is promised to answers that others wait for; they seldom need all of it."""
    told = "Other guests of this link are being answered, and there is little left for it. Try again in 20 s."
    return Refused(told, code="budget", retry_after=20)


def queue_full() -> Refused:
    told = f"{QUEUED} of your messages are waiting for an answer already. Try again when one has come."
    return Refused(told, code="queue", retry_after=5)


def hidden(key: bytes, scope: str, value: str) -> str:
    """A bucket's name that tells nobody whose it is: no raw address is ever stored."""
    return hmac.new(key, f"{scope}:{value}".encode(), hashlib.sha256).hexdigest()


def lasting(seconds: float) -> str:
    if seconds < 90:
        return f"{math.ceil(seconds)} s"
    return f"{math.ceil(seconds / 60)} min" if seconds < 5400 else f"{math.ceil(seconds / 3600)} h"
