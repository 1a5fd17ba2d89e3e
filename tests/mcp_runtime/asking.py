"""A real server whose tools ask in the middle of a call; over HTTP in both eras, and as a program."""

import asyncio
from typing import Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp.shared.exceptions import UrlElicitationRequiredError
from mcp.types import ElicitRequestURLParams
from pydantic import BaseModel, Field

PAGE = "https://pay.example/checkout?id=7"


class Booking(BaseModel):
    name: str = Field(title="Your name")
    guests: int = Field(2, ge=1, le=8)
    food: Literal["meat", "fish", "neither"] = "neither"
    window: bool = False


class Key(BaseModel):
    api_key: str = Field(description="Of your account")


class Nothing(BaseModel):
    pass


async def ask_for_booking() -> Elicit[Booking]:
    return Elicit("For whom is the table?", Booking)


async def ask_for_key() -> Elicit[Key]:
    return Elicit("Which key?", Key)


async def ask_for_yes() -> Elicit[Nothing]:
    return Elicit("Really delete <!channel> everything?", Nothing)


def make_server() -> MCPServer:
    server = MCPServer("asking", log_level="CRITICAL")
    paid: set[str] = set()

    @server.tool()
    async def book(booking: Annotated[Booking, Resolve(ask_for_booking)]) -> str:
        """Book a table."""
        return f"{booking.name}, {booking.guests}, {booking.food}, {booking.window}"

    @server.tool()
    async def log_in(key: Annotated[Key, Resolve(ask_for_key)]) -> str:
        """Log in with a key."""
        return f"with {key.api_key}"

    @server.tool()
    async def wipe(sure: Annotated[Nothing, Resolve(ask_for_yes)]) -> str:
        """Wipe all."""
        return "wiped"

    @server.tool()
    async def pay(ctx: Context) -> str:
        """Pay on a page; the server asks itself."""
        given = await ctx.elicit_url("Please pay.", PAGE, "pay-1")
        if given.action == "accept":
            await ctx.session.send_elicit_complete("pay-1")
        return given.action

    @server.tool()
    async def pay_first(ctx: Context) -> str:
        """Refused until it is paid."""
        if "pay-2" in paid:
            return "paid"
        paid.add("pay-2")
        asyncio.get_running_loop().call_later(0.2, _tell_later, ctx)
        page = ElicitRequestURLParams(message="Pay first.", url=PAGE, elicitation_id="pay-2")
        raise UrlElicitationRequiredError([page])

    @server.tool()
    async def pay_silently() -> str:
        """Refused once; that it is paid is never told."""
        if "pay-3" in paid:
            return "paid"
        paid.add("pay-3")
        raise UrlElicitationRequiredError([ElicitRequestURLParams(message="Pay.", url=PAGE, elicitation_id="pay-3")])

    return server


_TELLING: set[Any] = set()


def _tell_later(ctx: Context) -> None:
    _TELLING.add(asyncio.ensure_future(ctx.session.send_elicit_complete("pay-2")))


if __name__ == "__main__":
    make_server().run("stdio")
