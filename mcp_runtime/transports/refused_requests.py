"""What servers of old may ask of a client and Usher does not do: refused at once, so that none of them waits."""

from mcp import types
from mcp.shared.message import SessionMessage

NOT_DONE = {
    "sampling/createMessage": "Usher lends its model to no server",
    "roots/list": "Usher has no folders to share",
}


def refusal(message: types.JSONRPCMessage) -> SessionMessage | None:
    """The answer to such a request; None for every other message."""
    if not isinstance(message, types.JSONRPCRequest) or message.method not in NOT_DONE:
        return None
    error = types.ErrorData(code=types.METHOD_NOT_FOUND, message=NOT_DONE[message.method])
    return SessionMessage(types.JSONRPCError(jsonrpc="2.0", id=message.id, error=error))
