"""What guests may spend: how fast, how often and how much. Every refusal says which limit and when it lifts."""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.errors import Refused
from bot.services.refusals import refused
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


@dataclass(frozen=True)
class Bucket:
    """Of whom so many may be taken; ``code`` is the sentence for more, and ``told`` the numbers in it."""

    key: str
    limit: Limit
    code: str
    told: Mapping[str, int]


async def pace(tables: Tables, key: bytes, session_id: str) -> None:
    """One guest's messages: a second apart, eight a minute; raises `Refused`."""
    # Always in one order, or two requests could wait for each other's rows.
    await _take(tables, hidden(key, "minute", session_id), PER_MINUTE, "per_minute", PER_MINUTE.burst)
    await _take(tables, hidden(key, "second", session_id), APART, "too_fast", APART.burst)


async def starts(tables: Tables, key: bytes, ip: str) -> None:
    """Chats started from one address; raises `Refused`."""
    await _take(tables, hidden(key, "start", ip), STARTS, "starts", STARTS.burst)


async def take_all(tables: Tables, buckets: Sequence[Bucket]) -> None:
    """One from each; raises `Refused`, and then the caller's transaction takes back what was spent."""
    for bucket in sorted(buckets, key=lambda each: each.key):
        verdict = await tables.rates.take(bucket.key, bucket.limit, time.time_ns() // 1_000)
        if not verdict.allowed:
            raise refused(bucket.code, retry_after=verdict.retry_after, **bucket.told)


async def has_room(tables: Tables, key: str, limit: Limit) -> bool:
    """Takes one, and says whether there was one to take."""
    return (await tables.rates.take(key, limit, time.time_ns() // 1_000)).allowed


async def _take(tables: Tables, key: str, limit: Limit, code: str, most: int) -> None:
    verdict = await tables.rates.take(key, limit, time.time_ns() // 1_000)
    if not verdict.allowed:
        raise refused(code, retry_after=verdict.retry_after, most=most)


def check_length(text: str) -> None:
    if not text.strip():
        raise refused("empty")
    if len(text) > MESSAGE_CHARACTERS:
        raise refused("too_long", most=MESSAGE_CHARACTERS, has=len(text))


def no_more_messages(most: int) -> Refused:
    return refused("messages", most=most)


def no_more_tokens() -> Refused:
    return refused("budget")


def no_more_of_share() -> Refused:
    return refused("share")


def set_aside() -> Refused:
    """What is left is promised to answers that others wait for; they seldom need all of it."""
    return refused("others", retry_after=20)


def queue_full() -> Refused:
    return refused("queue", retry_after=5, most=QUEUED)


def hidden(key: bytes, scope: str, value: str) -> str:
    """A bucket's name that tells nobody whose it is: no raw address is ever stored."""
    return hmac.new(key, f"{scope}:{value}".encode(), hashlib.sha256).hexdigest()
