"""The SDK's server whose tools answer with what they want to know, several things at once, and are called again."""

from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestURLParams,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
)

PAGE = "https://pay.example/checkout?id=9"
PATIENT = 14
"""Rounds in which a tool only bids to wait: more than the SDK itself would bear."""


def form(message: str, field: str) -> ElicitRequest:
    schema: dict[str, Any] = {"type": "object", "properties": {field: {"type": "string"}}, "required": [field]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def page() -> ElicitRequest:
    return ElicitRequest(params=ElicitRequestURLParams(message="Please pay.", url=PAGE))


def model() -> CreateMessageRequest:
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[], max_tokens=1))


def make_server() -> MCPServer:
    server = MCPServer("rounds", log_level="CRITICAL")

    @server.tool()
    async def order(ctx: Context) -> str | InputRequiredResult:
        """Wants two forms and a page at once, then one thing more."""
        given, state = ctx.input_responses or {}, ctx.request_state
        if not given:
            asked: dict[str, InputRequest] = {
                "who": form("For whom?", "name"),
                "where": form("Where to?", "town"),
                "pay": page(),
            }
            return InputRequiredResult(input_requests=asked, request_state="first")
        if state == "first":
            told = ", ".join(f"{key}={_said(given[key])}" for key in sorted(given))
            return InputRequiredResult(input_requests={"sure": form("Sure?", "word")}, request_state=told)
        return f"{state}, sure={_said(given['sure'])}"

    @server.tool()
    async def think(ctx: Context) -> str | InputRequiredResult:
        """Wants a model beside a person's word."""
        return InputRequiredResult(input_requests={"who": form("For whom?", "name"), "model": model()})

    @server.tool()
    async def look_around(ctx: Context) -> str | InputRequiredResult:
        """Wants folders beside a page."""
        return InputRequiredResult(input_requests={"pay": page(), "roots": ListRootsRequest()})

    @server.tool()
    async def brew(ctx: Context) -> str | InputRequiredResult:
        """Takes a while, and says so by bidding to come again."""
        round_ = int(ctx.request_state or 0)
        return "brewed" if round_ >= PATIENT else InputRequiredResult(request_state=str(round_ + 1))

    @server.tool()
    async def nag(ctx: Context) -> str | InputRequiredResult:
        """Never has enough."""
        return InputRequiredResult(input_requests={"more": form("And?", "word")}, request_state="on")

    _offer_beside(server)
    return server


def _offer_beside(server: MCPServer) -> None:
    """A resource and a prompt that answer as the tools of the same names do."""

    def in_its_time(kind: str, state: str | None) -> str | InputRequiredResult:
        if kind == "brew":
            done = int(state or 0)
            return "brewed" if done >= PATIENT else InputRequiredResult(request_state=str(done + 1))
        wanted: InputRequest = model() if kind == "think" else form("And?", "word")
        return InputRequiredResult(input_requests={"more": wanted}, request_state="on")

    @server.resource("cup://{kind}")
    async def cup(kind: str, ctx: Context) -> str | InputRequiredResult:
        return in_its_time(kind, ctx.request_state)

    @server.prompt()
    async def pour(kind: str, ctx: Context) -> str | InputRequiredResult:
        return in_its_time(kind, ctx.request_state)


def _said(answer: Any) -> str:
    return "/".join([answer.action, *map(str, (answer.content or {}).values())])
