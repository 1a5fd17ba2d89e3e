"""A member of a house, and the others' servers: connected by cards, called by the toolset that the agent gets."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.services.connections import Connected
from mcp_runtime.programs import PROGRAMS, Program
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.specs import StdioSpec
from mcp_runtime.tools.tools import ToolCall, ToolResult
from run_cards import CARDS, RunCard, custom, time
from storage.database import Database
from tests.mcp_runtime.conftest import quiet
from tests.real_servers.programs import EVERYTHING, serving
from tests.services.house import OWNER, House, open_house
from tests.support.gemini import Scripted, gemini
from tests.support.ports import free_port
from tests.support.requirements import require

__all__ = ["gemini", "quiet"]


def card_of(name: str) -> RunCard:
    """A program without anything to fill in, whose every tool asks."""
    spec = StdioSpec(name.lower())
    return replace(time.CARD, name=name.lower(), title=name, reads=frozenset(), server=lambda _: spec)


PROGRAM_CARDS = {name: card_of(name) for name in ("Everything", "Files", "Memory")}


@dataclass
class Guest:
    """Somebody else's server, as a member sees it."""

    house: House
    name: str
    made: Connected

    async def call(self, tool: str, **arguments: Any) -> ToolResult:
        mine = await self.house.pool.toolset(OWNER)
        name = next(each.name for each in mine.tools if each.own_name == tool and each.server == self.name)
        return await mine.call(ToolCall("", name, arguments))

    async def output(self, tool: str, **arguments: Any) -> Any:
        result = await self.call(tool, **arguments)
        assert not result.failed, result.error
        return result.output["result"]

    @property
    async def tools(self) -> set[str]:
        mine = await self.house.pool.toolset(OWNER)
        return {each.own_name for each in mine.tools if each.server == self.name}


@dataclass
class Town:
    house: House
    monkeypatch: pytest.MonkeyPatch

    async def program(self, name: str, program: Program) -> Guest:
        """One that runs as our child."""
        self.monkeypatch.setitem(PROGRAMS, name.lower(), program)  # type: ignore[arg-type]
        made = await self.house.connections.begin(OWNER, PROGRAM_CARDS[name], {})
        assert isinstance(made, Connected)
        return Guest(self.house, name, made)

    async def at(self, name: str, url: str, token: str = "") -> Guest:
        """One that is reached over HTTP."""
        values = {"name": name, "url": url}
        if token:
            made = await self.house.connections.begin_with_secrets(OWNER, custom.CARD, values, {"token": token})
        else:
            given = await self.house.connections.begin(OWNER, custom.CARD, values)
            assert isinstance(given, Connected)
            made = given
        return Guest(self.house, name, made)


@pytest.fixture
async def town(sqlite_db: Database, gemini: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    sandbox = Sandbox()
    level = await sandbox.probe()
    require(level.name == "full", level.cure)
    cards = (*CARDS, *PROGRAM_CARDS.values())
    async with open_house(sqlite_db, gemini.model, cards, sandbox=sandbox, connect_timeout=60.0) as house:
        yield Town(house, monkeypatch)


Serve = Callable[[str], str]


@pytest.fixture(scope="module")
def everything_at() -> Iterator[Serve]:
    """The origin of server-everything over one of its HTTP transports; each is started once."""
    origins: dict[str, str] = {}
    with ExitStack() as stack:

        def serve(transport: str) -> str:
            if transport not in origins:
                port = free_port()
                stack.enter_context(serving(EVERYTHING, transport, until="on port", PORT=str(port)))
                origins[transport] = f"http://127.0.0.1:{port}"
            return origins[transport]

        yield serve
