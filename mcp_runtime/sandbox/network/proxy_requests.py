"""What a program says to the proxy of its sandbox: CONNECT, or a request with the whole address in it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from mcp_runtime.sandbox.network.destinations import plain

DROPPED = ("proxy-", "connection:", "keep-alive:", "host:")


class BadRequest(Exception):
    """What came is no request to a proxy."""


@dataclass(frozen=True)
class Request:
    method: str
    host: str
    port: int
    path: str
    headers: tuple[str, ...] = ()

    def forwarded(self) -> bytes:
        """As the server itself expects it, to the host that was checked and no other."""
        kept = [line for line in self.headers if not line.lower().startswith(DROPPED)]
        name = f"[{self.host}]" if ":" in self.host else self.host
        authority = name if self.port == 80 else f"{name}:{self.port}"
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {authority}", *kept, "Connection: close", "", ""]
        return "\r\n".join(lines).encode("latin-1")


def parse(head: bytes) -> Request:
    """Raises `BadRequest`."""
    first, *headers = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    try:
        method, target, version = first.split(" ")
        url = urlsplit(f"//{target}" if method == "CONNECT" else target)
        port = url.port or (443 if method == "CONNECT" else 80)
    except ValueError:
        raise BadRequest from None
    if not version.startswith("HTTP/1.") or not url.hostname or url.username is not None:
        raise BadRequest
    if url.scheme != ("" if method == "CONNECT" else "http"):
        raise BadRequest
    # Where one line is two for the server behind, it would see headers that we never saw.
    if any(mark in line for line in (first, *headers) for mark in "\n\r\0"):
        raise BadRequest
    path = url._replace(scheme="", netloc="", fragment="").geturl() or "/"
    return Request(method, plain(url.hostname), port, path, tuple(headers))
