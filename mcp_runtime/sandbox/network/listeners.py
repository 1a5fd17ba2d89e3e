"""Where a sandbox listens for its own program, and the names that lead there."""

import ipaddress
import re
from collections.abc import Iterator

from mcp_runtime.sandbox.network.destinations import Destinations, plain

PROXY = "127.0.0.1:3128"


def listen(destinations: Destinations) -> tuple[str, ...]:
    """``address:port`` of each listener: the proxy's, if there is one, then that of each pass."""
    proxy = (PROXY,) if destinations.web else ()
    return (*proxy, *(f"{address}:{port}" for _, address, port in _passes(destinations)))


def hosts_file(destinations: Destinations) -> str:
    """The program's resolver looks into this file and nowhere else: a name leads to our listener, or to nothing."""
    names = {"localhost": "127.0.0.1"} | {name: address for name, address, _ in _passes(destinations)}
    return "".join(f"{address} {name}\n" for name, address in names.items())


def name_inside(host: str) -> str:
    """What a program has to call a host that a pass leads to: its own name, or one made for its number."""
    try:
        address = ipaddress.ip_address(plain(host))
    except ValueError:
        return plain(host)
    return str(address) if address.is_loopback else re.sub(r"[.:]+", "-", f"address-{address}")


def _passes(destinations: Destinations) -> Iterator[tuple[str, str, int]]:
    """Name, address and port inside; each host has an address of its own, so that two may have the same port."""
    addresses: dict[str, str] = {}
    for host, port in destinations.passes:
        name = name_inside(host)
        yield name, addresses.setdefault(name, _loopback(name, len(addresses) + 1)), port


def _loopback(name: str, number: int) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return "127.0.0.1" if name == "localhost" else f"127.0.1.{number}"
