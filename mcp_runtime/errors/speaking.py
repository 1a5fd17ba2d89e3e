"""Something answered, and no session came of it."""

from mcp_runtime.errors.base import ConnectFailed
from mcp_runtime.errors.causes import Cause


class NotAnMcpServer(ConnectFailed):
    cause = Cause.NOT_MCP
    reason = "something answered at this address, but it does not speak MCP"
    cure = "The address often ends in /mcp: see the server's own documentation."


class NothingThere(NotAnMcpServer):
    reason = "the host answered, but it has nothing at this path (HTTP 404)"
    cure = "Check the path, which often ends in /mcp: see the server's own documentation."


class WebPage(NotAnMcpServer):
    reason = "a web page answered, perhaps one to log in at, and that does not speak MCP"
    cure = "Enter the address for MCP clients, which often ends in /mcp: see the server's own documentation."


class OldTransport(NotAnMcpServer):
    reason = (
        "this server speaks the older kind of MCP, over SSE, and wants messages to be sent to another host than its own"
    )
    cure = "See whether it has an address for Streamable HTTP: that often ends in /mcp instead of /sse."


class ProtocolTooOld(NotAnMcpServer):
    cause = Cause.PROTOCOL_ERROR
    reason = "this server speaks a version of MCP that I do not"
    cure = "Whoever runs it has to bring it up to date."


class TooBig(ConnectFailed):
    cause = Cause.TOO_BIG
    reason = "the server sent more at once than I take"
    cure = "Whoever runs it can send it in smaller parts."


class ErrorAnswered(ConnectFailed):
    reason = "the server answered with an error of its own"
    cure = "Try again in a minute; if it stays so, tell whoever runs it."


class AsksOn(ErrorAnswered):
    reason = "the server asked for something again and again before it would answer"
    cure = "Whoever runs it can mend that."


class WantsTooMuch(ErrorAnswered):
    reason = "the server wanted a model or folders of mine before it would answer, which I give to none"
    cure = "See in its own documentation whether it can do without."


class SessionRefused(ConnectFailed):
    reason = "the server does not know the session that it has just opened itself"
    cure = "It may run as several copies that do not share their sessions: whoever runs it can mend that."
