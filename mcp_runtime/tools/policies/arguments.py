"""Arguments that a connection may not be given are refused before anything is sent."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mcp_runtime.addresses import Reach
from mcp_runtime.specs import from_json
from mcp_runtime.tools.policies.inward_addresses import inward_address
from mcp_runtime.tools.policies.terms import TermsOf
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset
from storage.tables import Connection

REFUSED = "The call was not made: {}"
AT_ONCE = 2_000
"""Characters that are looked through in a moment; more are in a thread, since a parser may take a tenth of a second."""


@dataclass(frozen=True)
class Checked:
    """By the card's own checks, and for every connection no address that leads into somebody's own network.

    ``connections`` has the one of each tool, by its offered name.
    """

    inner: Toolset
    connections: Mapping[str, Connection]
    terms: TermsOf
    reach: Reach

    @property
    def tools(self) -> Sequence[Tool]:
        return self.inner.tools

    async def call(self, call: ToolCall) -> ToolResult:
        tool = next((each for each in self.inner.tools if each.name == call.name), None)
        connection = self.connections.get(call.name)
        if tool is not None and connection is not None:
            look = partial(self._complaint, tool, connection, call.arguments)
            complaint = await asyncio.to_thread(look) if _long(call.arguments) else look()
            if complaint:
                return ToolResult(error=REFUSED.format(complaint), refused="arguments")
        return await self.inner.call(call)

    def _complaint(self, tool: Tool, connection: Connection, arguments: Mapping[str, Any]) -> str | None:
        check = self.terms(connection).checks.get(tool.own_name)
        if check and (complaint := check(arguments, from_json(connection.spec))):
            return complaint
        return inward_address(arguments, tool.schema, self.reach)


def _long(arguments: Mapping[str, Any]) -> bool:
    return sum(len(each) for each in arguments.values() if isinstance(each, str)) > AT_ONCE
