"""Addresses in arguments that would send a server into somebody's own network, or to its machine's metadata.

Only what is plainly an address is looked at: an argument that is called one, or whose schema says so. A text that
mentions one stays a text. Names are not resolved here: whoever dials a name has to look where it leads.
"""

import socket
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from mcp_runtime.addresses import Reach, is_inward

CALLED = {"url", "uri", "urls", "uris", "href", "endpoint", "website", "webhook", "link", "links"}
SCHEMES = {"http", "https", "ws", "wss", "ftp", "ftps", "gopher", "dict", "ldap", "ldaps", "smb", "tftp"}
FORBIDDEN = "{} leads into a private network, where no tool is sent from here. Use a public address."
LOCAL_FILE = "{} names a file of the server's own machine, which no tool is asked for from here."
DEEPEST = 6


def inward_address(arguments: Mapping[str, Any], schema: Mapping[str, Any], reach: Reach) -> str | None:
    """The complaint about the first one; hosts that the operator has named in ``reach`` are fine."""
    for name, value in _addresses(arguments, schema, 0):
        if complaint := _complaint(name, value.strip(), reach):
            return complaint
    return None


def _complaint(name: str, value: str, reach: Reach) -> str | None:
    try:
        # Browsers and most clients take a backslash for a slash, and leave out what cannot be printed.
        parts = urlsplit("".join(each for each in value.replace("\\", "/") if each.isprintable()))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None  # nobody can dial it
    if parts.scheme == "file":
        return LOCAL_FILE.format(name)
    if parts.scheme not in SCHEMES or not host:
        return None
    target = _number(host) or host
    if reach.names(host, port or {"https": 443, "wss": 443}.get(parts.scheme, 80)):
        return None
    known_here_alone = "." not in target and ":" not in target
    return FORBIDDEN.format(name) if known_here_alone or is_inward(target) else None


def _number(host: str) -> str | None:
    """What clients make of 127.1, 0x7f000001, 2130706433 and 0177.0.0.1, too."""
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _addresses(value: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    properties = schema.get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    for name, given in value.items():
        told = known.get(name)
        told = told if isinstance(told, Mapping) else {}
        items = told.get("items")
        within = items if isinstance(items, Mapping) else {}
        says_so = _called(name) or told.get("format") == "uri" or within.get("format") == "uri"
        for each in given if isinstance(given, list) else [given]:
            if isinstance(each, str) and says_so:
                yield name, each
            elif isinstance(each, Mapping) and depth < DEEPEST:
                yield from _addresses(each, within or told, depth + 1)


def _called(name: str) -> bool:
    """url, page_url, imageUrl."""
    plain = name.lower().replace("-", "_")
    return plain in CALLED or plain.rpartition("_")[2] in CALLED or name.endswith(("Url", "URL", "Uri", "URI"))
