"""Who may talk to the page: a browser on this machine that looks at this page, and no other site through it."""

from collections.abc import Mapping

HERE = {"127.0.0.1", "localhost", "[::1]"}


def from_this_page(host: str, headers: Mapping[str, str]) -> bool:
    """A foreign Host means that a name was pointed at this machine; a foreign Origin, that another site asks."""
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    if name not in HERE:
        return False
    origin = headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        return False
    return headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"} or "Origin" not in headers and _opens(headers)


def _opens(headers: Mapping[str, str]) -> bool:
    """A link on another site may lead here: that shows the page and does nothing."""
    return headers.get("Sec-Fetch-Mode") == "navigate"
