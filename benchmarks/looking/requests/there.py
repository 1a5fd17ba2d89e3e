"""Real tools of public servers, and how many requests find theirs among the first."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from bot.agent.finding.shelf import Shelf, size_of
from mcp_runtime.tools.tools import Tool

HERE = Path(__file__).parent / "tools.json.gz"
Asked = Sequence[tuple[str, str, str]]


def tools() -> list[Tool]:
    """As many characters long as they really are."""
    found = []
    for server, each in json.loads(gzip.decompress(HERE.read_bytes())).items():
        for name, description, fields, size in each:
            schema = {"type": "object", "properties": {field: {} for field in fields}}
            tool = Tool(_called(server, name), name, description, schema, server=server, own_name=name)
            found.append(Tool(**vars(tool) | {"schema": schema | {"title": "." * (size - size_of(tool))}}))
    return found


def right(shelf: Shelf, asked: Asked, first: int) -> int:
    """How many requests have their tool among so many."""
    return sum(
        _called(server, name) in [each.name for each in shelf.fitting(text)[:first]] for text, server, name in asked
    )


def _called(server: str, name: str) -> str:
    return f"{server.lower().replace(' ', '_')}__{name}"
