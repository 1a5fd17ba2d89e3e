"""Where a sandboxed program may connect to, as a spec writes it."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

NAME = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?")
MOST = 32
SCHEME = "tcp://"
LOWEST_PORT = 1024
"""What listens inside has no power to take a lower one."""


@dataclass(frozen=True)
class Place:
    """A host, ``*.name`` for all below it, or ``*`` for every public one; without a port any that may be dialled."""

    host: str
    port: int | None = None

    def covers(self, host: str, port: int) -> bool:
        if self.port not in (None, port):
            return False
        return self.host in ("*", host) or (self.host.startswith("*.") and host.endswith(self.host[1:]))


@dataclass(frozen=True)
class Destinations:
    """``web``: reached through a proxy for HTTP. ``passes``: one host and port each, for all that is not HTTP."""

    web: tuple[Place, ...] = ()
    passes: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.web or self.passes)

    @classmethod
    def of(cls, entries: Iterable[str]) -> "Destinations":
        """From ``api.example.org``, ``*.example.org``, ``host:port`` and ``tcp://host:port``; raises ValueError."""
        web, passes = dict[Place, None](), dict[tuple[str, int], None]()
        for entry in entries:
            if entry.lower().startswith(SCHEME):
                host, port = _split(entry[len(SCHEME) :])
                if port is None or port < LOWEST_PORT:
                    raise ValueError(f"{entry!r} has to name a port from {LOWEST_PORT} on")
                passes[_host(host, entry), port] = None
            else:
                host, port = _split(entry)
                web[Place("*" if host == "*" else _host(host, entry), port)] = None
        if len(web) + len(passes) > MOST:
            raise ValueError(f"more than {MOST} hosts")
        return cls(tuple(web), tuple(passes))

    def may_ask(self, host: str, port: int) -> bool:
        """Whether the proxy may connect there; the address is checked apart from that."""
        return any(place.covers(host, port) for place in self.web)


NOWHERE = Destinations()


def plain(host: str) -> str:
    """As names are compared: small letters, no dot at the end, no brackets."""
    return host.lower().rstrip(".").strip("[]")


def _split(entry: str) -> tuple[str, int | None]:
    try:
        return str(ipaddress.ip_address(entry.strip("[]"))), None
    except ValueError:
        host, colon, port = entry.rpartition(":")
    if not colon:
        return entry, None
    if not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{entry!r} names no port that there is")
    return host, int(port)


def _host(host: str, entry: str) -> str:
    name = plain(host)
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        if len(name) <= 253 and NAME.fullmatch(name):
            return name
    raise ValueError(f"{entry!r} names no host")
