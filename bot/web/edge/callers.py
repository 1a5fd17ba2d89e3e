"""Who is calling, as far as an address tells, and how often is too often."""

import ipaddress
import time
from collections.abc import Callable
from functools import lru_cache

from aiohttp import web

from bot.services.limits.networks import WIDE, wider

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_KEPT = 10_000
FORWARDED = "X-Forwarded-For"
BEHIND_UNNAMED = "127.0.0.0/8"
"""All who come through a proxy on this machine that was not named."""


def networks(names: tuple[str, ...] | list[str]) -> Networks:
    return tuple(ipaddress.ip_network(name.strip(), strict=False) for name in names if name.strip())


def address(request: web.BaseRequest, proxies: Networks) -> _Address | None:
    """The caller's own address: the last one in X-Forwarded-For that no trusted proxy has."""
    found = _peer(request.remote or "")
    if found is None or not among(found, proxies):
        return found  # of what could not be parsed there are no headers to look at
    hops = [parsed(hop) for hop in ",".join(request.headers.getall(FORWARDED, [])).split(",")]
    while found is not None and among(found, proxies) and hops and hops[-1] is not None:
        found = hops.pop()
    return found


def blocks(found: _Address) -> tuple[str, ...]:
    """The block that one household or office has, and the one that a provider gives to a customer who asks for many."""
    widths = (32,) if found.version == 4 else (64, 48)
    return tuple(str(ipaddress.ip_network(f"{found}/{width}", strict=False)) for width in widths)


def prefix(found: _Address | None) -> str | None:
    """The block that one household or office has; None for loopback, which is the operator."""
    return None if found is None or found.is_loopback else blocks(found)[0]


def caller(request: web.BaseRequest, proxies: Networks) -> str | None:
    """As `prefix`. Behind a proxy on this machine that was not named all are one: better than no limit at all."""
    found = address(request, proxies)
    if found is not None and found.is_loopback and FORWARDED in request.headers:
        return BEHIND_UNNAMED  # also who had a proxy say that it is on this machine
    return prefix(found)


def unnamed_proxy(request: web.BaseRequest, proxies: Networks) -> str:
    """The address of a near peer that speaks for others and was not named as trusted; empty when there is none.

    Who comes from afar may send such a header as well, and is believed nothing.
    """
    if FORWARDED not in request.headers:
        return ""
    peer = _peer(request.remote or "")
    near = peer is not None and (peer.is_loopback or peer.is_private)
    return "" if peer is None or not near or among(peer, proxies) else str(peer)


@lru_cache(maxsize=1_000)
def _peer(address: str) -> _Address | None:
    """Of a connection, which asks more than once."""
    return parsed(address)


@lru_cache(maxsize=1_000)
def masked(found: _Address | None) -> str:
    """For logs: too coarse to name a person."""
    if found is None:
        return "-"
    width = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network(f"{found}/{width}", strict=False).network_address)


def parsed(text: str) -> _Address | None:
    """Some proxies write the port too: ``203.0.113.5:51234``, ``[2001:db8::1]:443``."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def among(found: _Address, trusted: Networks) -> bool:
    return any(found in network for network in trusted if network.version == found.version)


class Gate:
    """So many in so many seconds for each caller, in this process's memory (GCRA: one number each).

    Callers whose keys are small IPv6 blocks share a wider bound as well: one customer may have 65,536 of them.
    """

    def __init__(self, burst: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._every = seconds / burst
        self._tolerance = seconds
        self._rests_at: dict[str, float] = {}
        """The one counted longest ago first."""
        self._clock = clock

    def wait(self, key: str | None) -> float:
        """Seconds until the caller may pass; 0: may pass now, and nothing is counted."""
        now = self._clock()
        return max((self._left(each, every, now) for each, every in self._bounds(key)), default=0.0)

    def count(self, key: str | None) -> None:
        now = self._clock()
        for each, every in self._bounds(key):
            self._rests_at[each] = max(self._rests_at.pop(each, now), now) + every
        self._forget(now)

    def _bounds(self, key: str | None) -> list[tuple[str, float]]:
        """Each key that counts, with the seconds that one costs it."""
        if key is None:
            return []
        wide = wider(key)
        return [(key, self._every), *([(wide, self._every / WIDE)] if wide else [])]

    def _left(self, key: str, every: float, now: float) -> float:
        return max(0.0, self._rests_at.get(key, now) + every - self._tolerance - now)

    def _forget(self, now: float) -> None:
        """A few at a time, so that none of many callers pays for all; never more are kept than may be."""
        for _ in range(3):
            first = next(iter(self._rests_at), None)
            if first is None or (self._rests_at[first] > now and len(self._rests_at) <= _KEPT):
                return
            del self._rests_at[first]
