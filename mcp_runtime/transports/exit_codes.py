"""Why one of our own servers ended, from its exit code: it has tried its sign-in before it says a word of MCP."""

from mcp_runtime.errors import (
    AuthorizationNeeded,
    ConnectFailed,
    ConnectionRefused,
    ErrorAnswered,
    ServerError,
    TokenRefused,
    UnknownHost,
)

REFUSED = "what it connects to refused the password or the token"
REFUSED_CURE = "Enter it again, and check the name that it belongs to."
UNFIT = "something answered at this address that is not what this card is for"
UNFIT_CURE = "Check the address, and how its connection is encrypted."
OTHER_HOST = "the description says that the API itself is at another host"
OTHER_HOST_CURE = "Enter the address of the API as well."


def explained(server: str, code: int | None, *, secret_sent: bool) -> ServerError | None:
    """By the numbers of `mcp_runtime.own_servers.running`, which are those of sysexits.h."""
    match code:
        case 68:
            return UnknownHost(server)
        case 69:
            return ConnectionRefused(server, "nothing that answers was reached at this address")
        case 76:
            return ErrorAnswered(server, UNFIT, UNFIT_CURE)
        case 77:
            return TokenRefused(server, REFUSED, REFUSED_CURE) if secret_sent else AuthorizationNeeded(server)
        case 78:
            return ConnectFailed(server, OTHER_HOST, OTHER_HOST_CURE)
    return None
