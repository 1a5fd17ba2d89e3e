"""The schemas of our own tools, worked out once: they were a third of the time of a test with a house."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from mcp.server.mcpserver.tools.base import Tool


@contextmanager
def defined_once() -> Iterator[None]:
    """A tool is defined anew where its code, its defaults, its annotations or what its decorator says differ."""
    first = Tool.from_function
    made: dict[tuple[object, ...], Tool] = {}

    def from_function(_: type[Tool], /, fn: Callable[..., Any], **told: Any) -> Tool:
        if not hasattr(fn, "__code__"):
            return first(fn, **told)
        key = (fn.__code__, repr(fn.__defaults__), repr(fn.__annotations__), repr(sorted(told.items())))
        if key not in made:
            made[key] = first(fn, **told)
        # What runs is this house's own.
        return made[key].model_copy(update={"fn": fn})

    with patch.object(Tool, "from_function", classmethod(from_function)):
        yield
