"""The one tool by which another program has Usher's agent do something, with the member's tools and questions."""

from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from bot.errors import UserError
from bot.tool_server.asking import asker
from bot.tool_server.faces import Ask

NAME = "ask_usher"
MOST = 4_000
Request = Annotated[
    str, Field(min_length=1, max_length=MOST, description="What to do or to find out, whole, in the member's language")
]


def add_asking(server: MCPServer[Any], ask: Ask) -> None:
    @server.tool(annotations=ToolAnnotations(title="Ask Usher", destructive_hint=False, open_world_hint=True))
    async def ask_usher(request: Request) -> str:
        """Have Usher do something for the member with the tools that they have connected to it, or look it up there.

        Also to make, change or end a temporary chat link for guests. Usher knows nothing of this conversation, so say
        all that it needs. Before it changes anything it asks the member in their direct message with Usher; it says so
        here, and nobody else can answer that question. A link's address is shown to the member alone.
        """
        who = asker.get()
        try:
            return await ask(who.member, who.place.team, request)
        except UserError as error:
            raise ToolError(str(error)) from error
