"""Which addresses may be dialled for a member: public ones over https, and what the operator has named."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx2

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From a host and a port to all addresses that it has now."""

# The IANA special-purpose registries, and what only vendors document. Python's `is_global` is asked as well,
# never alone: it admits about fifteen of these, and which ones differs between its minor versions.
SPECIAL: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT; metadata of one cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # host agent of one cloud, on a public address
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; metadata of one cloud
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relay
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: any IPv4 address inside
        "3fff::/20",  # documentation
    )
)
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

PRIVATE = "its address is private, and only public ones may be dialled unless an administrator allows it"
INSECURE = "its address does not start with https://, which only hosts allowed by an administrator may do"
ODD_PORT = "its address names a port other than 443, which only hosts allowed by an administrator may do"


class Refused(httpx2.ConnectError):
    """This address may not be dialled; the text is for people and names no address."""


class Insecure(Refused):
    """Its scheme is not https."""


class OddPort(Refused):
    """Its port is not the usual one."""


def is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return address.is_global and not any(address in network for network in SPECIAL)


def parse(text: str) -> Address:
    """The address really reached: IPv4 written as IPv6 counts as IPv4. Raises ValueError."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


@dataclass(frozen=True)
class Reach:
    """Public addresses on port 443 over https; what the operator names is exempt from all three."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    """Host and port; without a port any is meant."""
    networks: tuple[Network, ...] = ()

    @classmethod
    def allowing(cls, text: str) -> "Reach":
        """From ``ALLOW_PRIVATE_MCP_HOSTS``: hosts, ``host:port`` or networks, by commas.

        Raises ValueError naming the entry that is none of them.
        """
        hosts, networks = set[tuple[str, int | None]](), list[Network]()
        for entry in filter(None, (word.strip() for word in text.split(","))):
            network = _network(entry)
            if network is None:
                hosts.add(_host(entry))
            else:
                networks.append(network)
        return cls(frozenset(hosts), tuple(networks))

    def check_url(self, url: httpx2.URL) -> None:
        """Raises `Refused` for a scheme that this host may not be reached by."""
        port = url.port or (443 if url.scheme == "https" else 80)
        if url.scheme == "https" or (url.scheme == "http" and self.names(url.host, port)):
            return
        raise Refused(PRIVATE) if is_inward(url.host) else Insecure(INSECURE)

    def check_addresses(self, host: str, port: int, addresses: list[str], *, any_port: bool = False) -> None:
        """Raises `Refused` unless all of them may be dialled: one bad one spoils all, since a stranger mixes them.

        ``any_port``: what is dialled is no web server, and its member has chosen the port.
        """
        if (host.lower(), port) in self.hosts or (host.lower(), None) in self.hosts:
            return
        targets = [target for target in map(parse, addresses) if not self._in_networks(target)]
        if not all(map(is_public, targets)):
            raise Refused(PRIVATE)
        if targets and port != 443 and not any_port:
            raise OddPort(ODD_PORT)

    def names(self, host: str, port: int) -> bool:
        """Whether the operator has named this host, or a network that it is a number of."""
        if (host.lower(), port) in self.hosts or (host.lower(), None) in self.hosts:
            return True
        try:
            return self._in_networks(parse(host))
        except ValueError:
            return False

    def _in_networks(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def is_inward(host: str) -> bool:
    """Nobody else can reach it, as far as its name or number says: https would not help."""
    try:
        return not is_public(parse(host))
    except ValueError:
        return host.lower().rstrip(".").rpartition(".")[2] in ("localhost", "local", "internal", "lan")


def _network(entry: str) -> Network | None:
    if "/" not in entry:
        return None
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        raise ValueError(f"{entry!r} is no network") from None


def _host(entry: str) -> tuple[str, int | None]:
    """``host``, ``host:port``, ``[v6]:port`` or a bare address of either kind."""
    try:
        return str(ipaddress.ip_address(entry.strip("[]"))), None
    except ValueError:
        if ":" not in entry:
            return entry.lower(), None
    host, _, port = entry.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{entry!r} is neither a host nor host:port nor a network")
    return host.strip("[]").lower(), int(port)


PUBLIC = Reach()


async def system_resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]).split("%")[0] for info in found]
