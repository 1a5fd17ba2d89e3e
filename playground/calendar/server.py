"""Calendar's tools, for whoever was let in, and the pages where people let apps in and out again."""

import datetime
from typing import Annotated, Any

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.server.mcpserver import Context, Elicit, ElicitationResult, MCPServer, Resolve
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import AnyHttpUrl
from starlette.applications import Starlette

from playground.calendar import diary
from playground.calendar.clashes import Start, answered, start_of
from playground.calendar.kept import Kept
from playground.calendar.letting_in import LettingIn
from playground.calendar.pages import Pages

READ, WRITE = "events:read", "events:write"
SCOPES = [READ, WRITE]
READING = ToolAnnotations(read_only_hint=True)
WRITING = ToolAnnotations(read_only_hint=False, destructive_hint=False)
DESTROYING = ToolAnnotations(read_only_hint=False, destructive_hint=True)
MOST_DAYS = 31


def make_app(kept: Kept, origin: str) -> Starlette:
    """``origin`` is where it is served: it is its own authorization server."""
    auth = AuthSettings(
        issuer_url=AnyHttpUrl(origin),
        resource_server_url=AnyHttpUrl(f"{origin}/mcp"),
        required_scopes=[READ],
        validate_token_resource=True,
        client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=SCOPES, default_scopes=SCOPES),
        revocation_options=RevocationOptions(enabled=True),
    )
    letting_in = LettingIn(kept, origin)
    server = MCPServer("Calendar", log_level="WARNING", auth_server_provider=letting_in, auth=auth)
    _add_tools(server, kept)
    app = server.streamable_http_app()
    app.router.routes += Pages(letting_in, kept).routes()
    return app


def _add_tools(server: MCPServer, kept: Kept) -> None:
    @server.tool(title="List events", annotations=READING)
    def list_events(day: str = "", days: int = 1) -> list[dict[str, Any]]:
        """List the events in the calendar on a day (today, tomorrow or a date), or of several days from then on."""
        if not 1 <= days <= MOST_DAYS:
            raise ToolError(f"One to {MOST_DAYS} days can be listed at once.")
        return diary.coming(kept, _account(READ), diary.day_of(day), days)

    def start(title: str, day: str, time: str, minutes: int, context: Context) -> Start | Elicit[Start]:
        account = _account(WRITE)
        if not _asks(context):
            return Start(time=time)
        return start_of(kept, account, title, diary.day_of(day), time, minutes)

    @server.tool(title="Add an event", annotations=WRITING)
    def add_event(
        title: str,
        day: str,
        time: str,
        begins: Annotated[ElicitationResult[Start], Resolve(start)],
        minutes: int = 60,
    ) -> str:
        """Add an event to the calendar on a day (today, tomorrow or a date), at a time such as 14:30."""
        event = diary.add(kept, _account(WRITE), title, diary.day_of(day), answered(begins), minutes)
        return f"Added the event “{event['title']}” on {_long(event['day'])} at {event['time']}."

    @server.tool(title="Cancel an event", annotations=DESTROYING)
    def cancel_event(title: str) -> str:
        """Cancel the event with this title, which somebody added before."""
        event = diary.cancel(kept, _account(WRITE), title)
        return f"Cancelled the event “{event['title']}” on {_long(event['day'])}."


def _asks(context: Context) -> bool:
    """Whether the app can ask its person something in the middle of a call."""
    able = context.client_capabilities
    return able is not None and able.elicitation is not None


def _account(scope: str) -> str:
    """Whose calendar it is; raises `ToolError` when they did not agree to this."""
    token = get_access_token()
    if token is None or token.subject is None:
        raise ToolError("Nobody is signed in.")
    if scope not in token.scopes:
        raise ToolError("The person who signed in did not agree to changes of the calendar.")
    return token.subject


def _long(day: str) -> str:
    return f"{datetime.date.fromisoformat(day):%A, %-d %B}"
