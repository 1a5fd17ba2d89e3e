"""Who may talk to the page: a browser on this machine that looks at this page, and no other site through it."""

from collections.abc import Mapping

HERE = {"127.0.0.1", "localhost", "[::1]"}
ELSEWHERE = {"cross-site", "same-site"}


def from_this_page(host: str, headers: Mapping[str, str]) -> bool:
    """A foreign Host means that a name was pointed at this machine; a foreign Origin, that another site asks."""
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    if name not in HERE or headers.get("Origin", f"http://{host}") != f"http://{host}":
        return False
    # A link on another site may lead here: that shows the page and does nothing.
    return headers.get("Sec-Fetch-Site") not in ELSEWHERE or headers.get("Sec-Fetch-Mode") == "navigate"
