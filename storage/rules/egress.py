"""Which hosts a workspace lets members' servers lie at; it can only narrow what the installation lets be dialled."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

EGRESS = "egress"
"""The name of the policy."""
HTTPS, HTTP = 443, 80
EVERYWHERE = "*"
WHOLE = "tcp://"

_Place = tuple[str, int | None]
"""A host, ``*.name`` for all below it, or ``*``; without a port any is meant."""


@dataclass(frozen=True)
class Egress:
    """``hosts`` as administrators wrote them: ``example.org``, ``*.example.org``, ``host:port``; None: wherever."""

    hosts: tuple[str, ...] | None = None

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> "Egress":
        """From the policy as it is stored."""
        return cls(tuple(chosen["hosts"])) if chosen.get("hosts") else cls()

    def lets(self, host: str, port: int | None) -> bool:
        return self.hosts is None or any(_covers(_place(each), (plain(host), port)) for each in self.hosts)

    def outside(self, spec: Mapping[str, Any]) -> str:
        """The first host that a connection of this stored spec leads to and may not; empty: there is none."""
        return next((host for host, port in led_to(spec) if not self.lets(host, port)), "")


ANYWHERE = Egress()


def led_to(spec: Mapping[str, Any]) -> Iterator[_Place]:
    """Where it leads: its server's address, or whatever its program may reach."""
    if spec.get("transport") == "http":
        url = urlsplit(str(spec["url"]))
        yield plain(url.hostname or ""), url.port or (HTTPS if url.scheme == "https" else HTTP)
        return
    for entry in spec.get("network", ()):
        yield _place(str(entry).removeprefix(WHOLE))


def named(spec: Mapping[str, Any]) -> Iterable[str]:
    """The hosts alone, for people."""
    return dict.fromkeys(host for host, _ in led_to(spec))


def _place(entry: str) -> _Place:
    try:
        return str(ipaddress.ip_address(entry.strip("[]"))), None
    except ValueError:
        host, colon, port = entry.rpartition(":")
    return (plain(host), int(port)) if colon and port.isdecimal() else (plain(entry), None)


def plain(host: str) -> str:
    """As names are compared, and as they are dialled.

    Letters that Python's codec makes into others, as ß into ss, make a name of its own where it is dialled: such a one
    stays as it is, which no entry covers. Else whoever owns it would pass for the other.
    """
    name = host.strip().lower().rstrip(".").strip("[]")
    if name.isascii():
        return name
    try:
        written = name.encode("idna").decode()
        return written if written.encode().decode("idna") == name else name
    except UnicodeError:
        return name


def _covers(allowed: _Place, wanted: _Place) -> bool:
    """A star that is wanted is covered by a star that is as wide."""
    (host, port), (other, its_port) = allowed, wanted
    if port is not None and port != its_port:
        return False
    return host in (EVERYWHERE, other) or (host.startswith("*.") and other.endswith(host[1:]))
