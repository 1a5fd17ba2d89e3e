"""Who is calling, as far as an address tells, and how often is too often."""

import ipaddress
import time
from collections.abc import Callable

from aiohttp import web

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_KEPT = 10_000


def networks(names: tuple[str, ...] | list[str]) -> Networks:
    return tuple(ipaddress.ip_network(name.strip(), strict=False) for name in names if name.strip())


def address(request: web.BaseRequest, proxies: Networks) -> _Address | None:
    """The caller's own address: the last one in X-Forwarded-For that no trusted proxy has."""
    found = _parsed(request.remote or "")
    if found is None or not _among(found, proxies):
        return found  # of what could not be parsed there are no headers to look at
    hops = [_parsed(hop) for hop in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")]
    while found is not None and _among(found, proxies) and hops and hops[-1] is not None:
        found = hops.pop()
    return found


def prefix(found: _Address | None) -> str | None:
    """The block that one household or office has; None for loopback.

    A loopback caller is the operator, or a proxy that was not named as trusted: behind it all guests look
    like one, and a limit would lock them out together.
    """
    if found is None or found.is_loopback:
        return None
    width = 32 if found.version == 4 else 64
    return str(ipaddress.ip_network(f"{found}/{width}", strict=False))


def caller(request: web.BaseRequest, proxies: Networks) -> str | None:
    return prefix(address(request, proxies))


def masked(found: _Address | None) -> str:
    """For logs: too coarse to name a person."""
    if found is None:
        return "-"
    width = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network(f"{found}/{width}", strict=False).network_address)


def _parsed(text: str) -> _Address | None:
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _among(found: _Address, trusted: Networks) -> bool:
    return any(found in network for network in trusted if network.version == found.version)


class Gate:
    """So many in so many seconds for each caller, in this process's memory (GCRA: one number each)."""

    def __init__(self, burst: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._every = seconds / burst
        self._tolerance = seconds
        self._rests_at: dict[str, float] = {}
        self._clock = clock

    def wait(self, key: str | None) -> float:
        """Seconds until the caller may pass; 0: may pass now, and nothing is counted."""
        if key is None:
            return 0.0
        now = self._clock()
        return max(0.0, self._rests_at.get(key, now) + self._every - self._tolerance - now)

    def count(self, key: str | None) -> None:
        if key is None:
            return
        now = self._clock()
        if len(self._rests_at) >= _KEPT:
            self._rests_at = {each: at for each, at in self._rests_at.items() if at > now}
        self._rests_at[key] = max(self._rests_at.get(key, now), now) + self._every
