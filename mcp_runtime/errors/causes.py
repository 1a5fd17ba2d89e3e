"""The causes that a failure of a server can have: every error has exactly one, and people are told which."""

from enum import StrEnum


class Cause(StrEnum):
    """The value is the word for people, in the middle of a sentence."""

    ADDRESS_REFUSED = "address refused"
    CANNOT_REACH = "cannot reach"
    TLS = "TLS"
    NOT_MCP = "not an MCP server"
    SIGN_IN_NEEDED = "sign-in needed"
    SIGN_IN_REFUSED = "sign-in refused"
    FORBIDDEN_SCOPE = "forbidden scope"
    TOO_SLOW = "too slow"
    TOO_BIG = "too big"
    PROTOCOL_ERROR = "protocol error"
    SANDBOX_REFUSED = "sandbox refused"
    NOT_PERMITTED = "not permitted here"

    @property
    def title(self) -> str:  # type: ignore[override]
        """At the beginning of a sentence."""
        return self.value[:1].upper() + self.value[1:]
