"""How fast guests may write and start: by session, link, network, creator and workspace, all of them or none."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.services.limits.networks import WIDE, wider
from bot.services.limits.refusals import refused
from storage.clock import microseconds
from storage.database import Tables
from storage.repositories.work.rates import SECOND, Limit

MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND


@dataclass(frozen=True)
class Rate:
    """``code`` names what is said when it is met."""

    code: str
    limit: Limit


@dataclass(frozen=True)
class Bucket:
    """Of whom so many may be taken; ``code`` is the sentence for more, and ``told`` the numbers in it."""

    key: str
    limit: Limit
    code: str
    told: Mapping[str, int]


@dataclass(frozen=True)
class Whose:
    """Who acts, and on whose account; ``session`` is empty for a start, ``prefix`` where nobody tells it."""

    workspace: str
    creator: str
    link: str
    session: str = ""
    prefix: str = ""


def _per(seconds: int, most: int) -> Limit:
    return Limit(burst=most, every_microseconds=seconds // most)


MESSAGES: Mapping[str, Rate] = {
    "session:second": Rate("too_fast", Limit(burst=1, every_microseconds=SECOND)),
    "session:minute": Rate("per_minute", _per(MINUTE, 8)),
    "link": Rate("busy", _per(MINUTE, 240)),
    # Fifteen guests of one office who write as fast as each of them may.
    "prefix": Rate("network", _per(MINUTE, 120)),
    "creator": Rate("busy", _per(MINUTE, 480)),
    "workspace": Rate("busy", _per(MINUTE, 960)),
}
STARTS: Mapping[str, Rate] = {
    "link": Rate("busy", _per(MINUTE, 120)),
    "prefix": Rate("starts", _per(HOUR, 10)),
    "creator": Rate("busy", _per(MINUTE, 240)),
    "workspace": Rate("busy", _per(MINUTE, 480)),
}
UPLOADS: Mapping[str, Rate] = {
    "session": Rate("uploads", _per(MINUTE, 12)),
    "prefix": Rate("uploads", _per(MINUTE, 60)),
    "workspace": Rate("file_busy", _per(MINUTE, 240)),
}
"""Narrow to wide: each is met before the next one can be."""


def starts(guests: int) -> Mapping[str, Rate]:
    """On a link for so many: all of them may sit in one office, behind one address."""
    prefix = STARTS["prefix"]
    if guests <= prefix.limit.burst:
        return STARTS
    return {**STARTS, "prefix": Rate(prefix.code, _per(HOUR, guests))}


async def pace(
    tables: Tables, key: bytes, act: str, rates: Mapping[str, Rate], whose: Whose, besides: Sequence[Bucket] = ()
) -> None:
    """One from each of them, and from those ``besides``; raises as `take_all` does."""
    named = [bucket for scope, rate in rates.items() for bucket in _buckets(key, f"{act}:{scope}", rate, whose)]
    await take_all(tables, [*named, *besides])


def of_network(
    key: bytes, scope: str, network: str, limit: Limit, code: str, told: Mapping[str, int], within: str = ""
) -> list[Bucket]:
    """The network's own, ``within`` something such as a link; and that of the network around it, which has more room.

    None where nobody tells the network.
    """
    bounds = {network: limit, wider(network): Limit(WIDE * limit.burst, max(limit.every_microseconds // WIDE, 1))}
    told_of = {each: {**told, **({"most": bound.burst} if "most" in told else {})} for each, bound in bounds.items()}
    return [
        Bucket(hidden(key, scope, f"{within}:{each}" if within else each), bound, code, told_of[each])
        for each, bound in bounds.items()
        if each
    ]


def _buckets(key: bytes, scope: str, rate: Rate, whose: Whose) -> list[Bucket]:
    name, told = scope.split(":")[1], {"most": rate.limit.burst}
    value = _value(name, whose)
    if name == "prefix":
        return of_network(key, scope, value, rate.limit, rate.code, told)
    return [Bucket(hidden(key, scope, value), rate.limit, rate.code, told)] if value else []


async def take_all(tables: Tables, buckets: Sequence[Bucket]) -> None:
    """One from each; raises `Refused`, naming what has to wait longest: roll back then, and nothing was used up."""
    limits = {bucket.key: bucket.limit for bucket in buckets}
    waits = await tables.rates.take_all(limits, microseconds())
    if waits:
        # Of those that wait equally long the narrowest, which is first.
        longest = max((each for each in buckets if each.key in waits), key=lambda each: waits[each.key])
        raise refused(longest.code, retry_after=waits[longest.key], **longest.told)


async def has_room(tables: Tables, key: str, limit: Limit) -> bool:
    """Takes one, and says whether there was one to take."""
    return (await tables.rates.take(key, limit, microseconds())).allowed


def hidden(key: bytes, scope: str, value: str) -> str:
    """A bucket's name that tells nobody whose it is: no raw address is ever stored."""
    return hmac.new(key, f"{scope}:{value}".encode(), hashlib.sha256).hexdigest()


def _value(name: str, whose: Whose) -> str:
    value: str = getattr(whose, name)
    # A member's id is theirs in one workspace alone.
    return f"{whose.workspace}:{value}" if value and name == "creator" else value
