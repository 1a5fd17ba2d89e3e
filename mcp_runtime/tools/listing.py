"""All the tools of a server, page by page, and what had to be left out of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mcp import Client, MCPError, types

from mcp_runtime.left_out import (
    ALL_FURTHER,
    BEYOND,
    ITS_NAME_TWICE,
    ITS_OWN_CURSOR,
    MAX_TOOLS,
    TOO_MANY_PAGES,
    LeftOut,
)

TOO_MUCH = LeftOut(ALL_FURTHER, "its list is larger than can be looked at")
MAX_PAGES = 50
MAX_BYTES = 4 << 20
"""Of all tools that are held at once; each page may have twice as many."""
Page = Callable[[Iterable[types.Tool]], Iterable[tuple[types.Tool, int]]]
FRUITLESS = 2
"""Pages in a row without a new tool, after which no more are asked for."""


@dataclass
class Listed:
    tools: dict[str, types.Tool] = field(default_factory=dict)
    bytes: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    says_none: bool = False
    """The server says that it has no tools at all."""

    def add(self, page: Iterable[tuple[types.Tool, int]]) -> bool:
        """Tools with their sizes; False when none is new. The first of two with one name wins."""
        before = len(self.tools)
        for tool, size in page:
            known = self.tools.get(tool.name)
            if known is None and len(self.tools) == MAX_TOOLS:
                self.stop(BEYOND)
            elif known is None and self.full:
                self.stop(TOO_MUCH)
            elif known is None:
                self.tools[tool.name] = tool
                self.bytes += size
            elif tool != known:
                self.left_out.append(LeftOut(tool.name, ITS_NAME_TWICE))
        return len(self.tools) > before

    @property
    def full(self) -> bool:
        return self.bytes > MAX_BYTES

    def stop(self, why: LeftOut) -> None:
        if why not in self.left_out:
            self.left_out.append(why)


async def list_every_tool(client: Client, listed_on: Page) -> Listed:
    """Ends where a page leads back to one that was seen, or where two bring nothing new.

    ``listed_on``: which tools those of a page stand for, and how large each is.
    """
    listed = Listed()
    try:
        await _walk(client, listed, listed_on)
    except MCPError as error:
        # Some do not say that they have tools, and have them: so they are asked.
        if client.server_capabilities.tools is not None or error.code != types.METHOD_NOT_FOUND:
            raise
        listed.says_none = True
    return listed


async def _walk(client: Client, listed: Listed, listed_on: Page) -> None:
    cursors: list[str | None] = [None]
    fruitless = 0
    while len(cursors) <= MAX_PAGES:
        try:
            page = await client.list_tools(cursor=cursors[-1])
        except MCPError as error:
            if error.code != types.INVALID_PARAMS or cursors[-1] is None:
                raise
            return listed.stop(LeftOut(ALL_FURTHER, ITS_OWN_CURSOR))
        fruitless = 0 if listed.add(listed_on(page.tools)) else fruitless + 1
        if not page.next_cursor or page.next_cursor in cursors or fruitless == FRUITLESS:
            return
        if len(listed.tools) == MAX_TOOLS:
            return listed.stop(BEYOND)
        if listed.full:
            return listed.stop(TOO_MUCH)
        cursors.append(page.next_cursor)
    listed.stop(LeftOut(ALL_FURTHER, TOO_MANY_PAGES.format(MAX_PAGES)))
