"""Who may talk to the page: a browser on this machine that was opened with its secret, and no other site through it."""

import hashlib
import hmac
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


class Key:
    """The secret of the page's address, and the cookie that stands for it afterwards.

    Other users of this machine reach the port too; without it they could read and act as anybody here.
    """

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        # Browsers send a cookie to every port of a host: what another server there sees is not the address itself.
        self.cookie = hashlib.sha256(b"cookie of " + self._token).hexdigest()

    def opens(self, token: str | None) -> bool:
        return _same(token, self._token)

    def known(self, cookie: str | None) -> bool:
        return _same(cookie, self.cookie.encode())


def _same(given: str | None, right: bytes) -> bool:
    """In a time that tells nothing of how much of it was right."""
    return given is not None and hmac.compare_digest(given.encode(errors="replace"), right)
