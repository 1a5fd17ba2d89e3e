"""What a refusal says about how to sign in: the Bearer challenge of a 401 or 403 (RFC 6750, RFC 9728)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST = 8192
INSUFFICIENT = "insufficient_scope"
# Only at a word's beginning, and without going back into it: else one long word would stop the loop for seconds.
_PART = re.compile(
    r'(?<![\w-])(?:(?P<name>[\w-]++)\s*+=\s*+(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<bare>[^\s,"]+))'
    r"|(?P<scheme>[A-Za-z][\w-]*))"
)


@dataclass(frozen=True)
class Challenge:
    """All of it is the server's own text."""

    resource_metadata: str = ""
    """Where the server describes what protects it; empty when it does not say."""
    scope: str | None = None
    """What is needed for the request that was refused."""
    error: str = ""

    @property
    def wants_more(self) -> bool:
        """The token is good, and has too few rights."""
        return self.error == INSUFFICIENT


def challenge_of(headers: Iterable[str]) -> Challenge | None:
    """Of the values of ``WWW-Authenticate``: the first Bearer challenge, if there is one."""
    for header in headers:
        for scheme, named in _challenges(header[:LONGEST]):
            if scheme == "bearer":
                return Challenge(named.get("resource_metadata", ""), named.get("scope"), named.get("error", ""))
    return None


def _challenges(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """One header may hold several challenges, each a scheme and its parameters."""
    scheme, named = "", dict[str, str]()
    for part in _PART.finditer(header):
        if part["scheme"]:
            yield scheme, named
            scheme, named = part["scheme"].lower(), {}
        else:
            value = part["bare"] if part["quoted"] is None else re.sub(r"\\(.)", r"\1", part["quoted"])
            named.setdefault(part["name"].lower(), value)
    yield scheme, named
