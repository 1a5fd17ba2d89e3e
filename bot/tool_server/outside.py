"""Usher as an MCP server for programs outside: some of its own tools, by an access token, for its member.

Who calls is known from the token alone: no argument can say otherwise, and a tool whose scope the token lacks is not
even listed.
"""

import logging
from collections.abc import Mapping
from typing import Any

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import CallToolResult, InputRequiredResult
from mcp.types import Tool as Offered
from pydantic import AnyHttpUrl

from bot.services.chats.values import Place
from bot.services.connections import Connections
from bot.services.links import Created, Links
from bot.services.memory import Memory
from bot.services.tokens.access import CALLING, AccessTokens, Caller
from bot.services.tokens.scopes import ASK, Scope
from bot.tool_server import asking_usher, connection_tools, link_tools, memory_tools, server
from bot.tool_server.asking import Asker, asker
from bot.tool_server.faces import Ask, MemoryFace
from storage.members import BY_TOKEN, Member

PATH = "/mcp"
MOST_SESSIONS = 1_000
IDLE_SECONDS = 1_800.0
LARGEST_BODY = 256 * 1024
ISSUER = "usher"
LINKS = dict.fromkeys(("create_temporary_chat_link", "revoke_temporary_chat_link"), Scope.LINKS_WRITE)
LOOKS = dict.fromkeys(("list_connections", "list_tools_of_connections", "test_connection"), Scope.CONNECTIONS_READ)
NEEDS: Mapping[str, str] = {
    **LINKS,
    **LOOKS,
    "list_temporary_chat_links": Scope.LINKS_READ,
    "search_memory": Scope.MEMORY_READ,
    asking_usher.NAME: ASK,
}
"""What a token has to be good for, by tool."""
CREATES = (
    "Make a temporary link with which guests without Slack can chat with Usher in a browser. Its address is in the "
    "answer, and nobody can be told it again: pass it on only to those whom it is for."
)
ADDRESS = "Its address, told this once: {url}"
WITH_PASSCODE = "Guests also need this passcode: {passcode}"
NOT_FROM_OUTSIDE = ("tools", "follow_here")
"""Of a new link: what would lend guests more than the token is good for, and what means a place in Slack."""
ONLY_IN_SLACK = (
    "From outside, a link lends its guests none of its maker's tools, and is followed in no channel. Make it in Slack, "
    "where Usher shows what its guests would get."
)
NOBODY = "Slack did not say for whom this is asked."
UNKNOWN = "There is no tool named {name}."
LACKS = "This access token lacks the scope {scope}. Its member makes another on Usher's Home tab in Slack."


class Verifier:
    """Takes the word of the door, which has looked the token up for this very request."""

    def __init__(self, resource: str) -> None:
        self._resource = resource

    async def verify_token(self, token: str) -> AccessToken | None:
        caller = CALLING.get()
        if caller is None:
            return None
        # A session is bound to these: another's token does not fit it. The token itself goes no further.
        return AccessToken(
            token="",
            client_id=caller.token_id,
            subject=f"{caller.member.workspace}/{caller.member.id}",
            scopes=sorted(caller.scopes),
            resource=self._resource,
            claims={
                "iss": ISSUER,
                "workspace": caller.member.workspace,
                "member": caller.member.id,
                "team": caller.team,
            },
        )


class OutsideServer(MCPServer[Any]):
    def __init__(self, tokens: AccessTokens, **about: Any) -> None:
        super().__init__("Usher", **about)
        self._tokens = tokens

    async def list_tools(self) -> list[Offered]:
        """Those that this token is good for."""
        scopes = _caller().scopes
        return [_as_offered(each) for each in await super().list_tools() if NEEDS[each.name] in scopes]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        caller, needed = _caller(), NEEDS.get(name)
        if not caller.member.id:  # somebody may look which tools there are, and no more
            raise ToolError(NOBODY)
        if needed is None:  # also one that was added and not thought of here
            raise ToolError(UNKNOWN.format(name=name))
        if needed not in caller.scopes:
            await self._tokens.refused(caller, name)
            raise ToolError(LACKS.format(scope=needed))
        # In Slack a question shows which tools guests would get. Here nobody is asked: a token that makes links would
        # be good for whatever its member's tools can read.
        if any(arguments.get(each) for each in NOT_FROM_OUTSIDE):
            await self._tokens.refused(caller, f"{name}: tools")
            raise ToolError(ONLY_IN_SLACK)
        home = caller.team or caller.member.workspace
        who = asker.set(Asker(caller.member, Place("", "", home, private=True)))
        by = BY_TOKEN.set(caller.token_id)
        try:
            return await super().call_tool(name, arguments, context)
        finally:
            BY_TOKEN.reset(by)
            asker.reset(who)


def outside(
    tokens: AccessTokens,
    links: Links,
    connections: Connections,
    memory: tuple[Memory, MemoryFace] | None,
    base_url: str,
    ask: Ask | None = None,
) -> OutsideServer:
    """``base_url`` is where programs reach it; by ``ask``, who is good for that has the agent itself do something."""
    address = AnyHttpUrl(f"{base_url}{PATH}")
    # We are no authorization server: a token is made on Home and given to the program by hand.
    auth = AuthSettings(
        issuer_url=AnyHttpUrl(base_url),
        resource_server_url=address,
        required_scopes=[Scope.MCP.value],
        validate_token_resource=True,
    )
    made = OutsideServer(tokens, auth=auth, token_verifier=Verifier(str(address)), subscriptions=False)
    server.add_creating(made, links, _told, CREATES)
    link_tools.add_listing_and_revoking(made, links)
    connection_tools.add_looking(made, connections)
    if memory:
        memory_tools.add_search(made, *memory)
    if ask:
        asking_usher.add_asking(made, ask)
    return made


def asgi(made: OutsideServer, hosts: list[str], origins: list[str], *, sessions: bool = True) -> Any:
    """The app that answers, for whoever names it by one of these hosts; without ``sessions`` each request is whole."""
    logging.getLogger("mcp.server.streamable_http_manager").setLevel(logging.WARNING)  # session ids at INFO
    allowed = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)
    return made.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=not sessions,
        session_idle_timeout=IDLE_SECONDS,
        max_sessions=MOST_SESSIONS,
        max_request_body_size=LARGEST_BODY,
        transport_security=allowed,
    )


def _as_offered(tool: Offered) -> Offered:
    given = tool.input_schema.get("properties", {})
    left = {name: schema for name, schema in given.items() if name not in NOT_FROM_OUTSIDE}
    return tool.model_copy(update={"input_schema": {**tool.input_schema, "properties": left}})


async def _told(_member: Member, _place: Place, created: Created) -> str:
    also = [WITH_PASSCODE.format(passcode=created.passcode)] if created.passcode else []
    return "\n".join([ADDRESS.format(url=created.url), *also])


def _caller() -> Caller:
    """By the verified token of this very call. Raises PermissionError where there is none."""
    token = get_access_token()
    if token is None or not token.claims:
        raise PermissionError("no verified caller")
    member = Member(token.claims["workspace"], token.claims["member"])
    return Caller(token.client_id, member, frozenset(token.scopes), token.claims["team"])
