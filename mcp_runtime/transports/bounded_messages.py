"""Messages that are handed to the SDK unmended: it names each fault in them, and a message can have a million."""

from typing import Any

from mcp import types
from mcp.shared.message import SessionMessage

from mcp_runtime.transports.refusals import LONGER

MAX_OBJECTS, MAX_MEMBERS = 3_000, 30_000
"""Objects and lists in one message, and what all of them hold: a page of a thousand resources has half as many."""
TOO_MANY = f"Failed to parse JSON response: {LONGER} {MAX_OBJECTS} objects"
"""Begins as what the SDK says of an answer that it cannot read."""


def bounded(message: types.JSONRPCMessage) -> tuple[types.JSONRPCMessage | None, SessionMessage | None]:
    """What to hand on, if anything, and what to send back, if anything."""
    if isinstance(message, types.JSONRPCResponse):
        return (_error(message.id, types.PARSE_ERROR) if too_much(message.result) else message), None
    if isinstance(message, types.JSONRPCRequest) and too_much(message.params):
        return None, SessionMessage(_error(message.id, types.INVALID_PARAMS))
    if isinstance(message, types.JSONRPCNotification) and too_much(message.params):
        return None, None
    return message, None


def too_much(value: Any) -> bool:
    """Looked at until it is."""
    objects = members = 0
    ahead = [value]
    while ahead:
        inside = ahead.pop()
        objects, members = objects + 1, members + len(inside or ())
        if objects > MAX_OBJECTS or members > MAX_MEMBERS:
            return True
        each = inside.values() if isinstance(inside, dict) else inside or ()
        ahead += [one for one in each if isinstance(one, (dict, list))]
    return False


def _error(number: types.RequestId | None, code: int) -> types.JSONRPCError:
    return types.JSONRPCError(jsonrpc="2.0", id=number, error=types.ErrorData(code=code, message=TOO_MANY))
