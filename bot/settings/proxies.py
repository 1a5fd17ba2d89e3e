"""The proxies of the environment: a wrong one would fail late, deep in a library that quotes its password."""

from collections.abc import Mapping
from urllib.parse import urlsplit

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
CURE = "Write it as http://HOST:PORT in HTTPS_PROXY, or unset it"
NO_ADDRESS = "is not the address of a proxy"
OTHER_KINDS = {"socks": "a SOCKS proxy", "https": "a proxy that is itself spoken to by TLS", "ftp": "an FTP proxy"}
"""By how their scheme begins."""


def complaints(env: Mapping[str, str]) -> list[str]:
    """A line for each that cannot be used, with the cure and never with its value."""
    found = {name: env.get(name, "").strip() for each in NAMES for name in (each, each.lower())}
    return [f"{name} {wrong}. {CURE}" for name, value in found.items() if value and (wrong := _wrong(value))]


def _wrong(value: str) -> str:
    try:
        parts = urlsplit(value)
        reachable = parts.hostname and parts.port != 0
    except ValueError:
        return NO_ADDRESS
    for beginning, kind in OTHER_KINDS.items():
        if parts.scheme.startswith(beginning):
            return f"names {kind}, and Usher can use HTTP proxies only"
    return "" if parts.scheme == "http" and reachable else NO_ADDRESS
