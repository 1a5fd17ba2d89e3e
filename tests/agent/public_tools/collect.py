"""Collect what public MCP servers declare: python -m tests.agent.public_tools.collect NAME COMMAND [ARGUMENT...]

Adds one server, started over stdio, to what is there; `skeleton` keeps the structure of its schemas and no prose.
"""

import asyncio
import gzip
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "schemas.json.gz"
SECONDS = 60
HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "collect", "version": "1"},
}


def stored() -> dict[str, list[Any]]:
    """The schemas of each server's tools, by the server's package."""
    found: dict[str, list[Any]] = json.loads(gzip.decompress(HERE.read_bytes()))
    return found


def store(servers: dict[str, list[Any]]) -> None:
    told = json.dumps(servers, separators=(",", ":"), sort_keys=True)
    HERE.write_bytes(gzip.compress(told.encode(), mtime=0))


def skeleton(node: Any, key: str = "") -> Any:
    """Structure and names of parameters; texts of their authors become «d», «v», and numbered choices."""
    if key == "properties" and isinstance(node, dict):
        return {name: skeleton(child) for name, child in node.items()}
    if key in ("description", "title", "pattern", "$comment", "markdownDescription") and isinstance(node, str):
        return "d" if node else ""
    if key == "enum" and isinstance(node, list):
        return [f"v{i}" if isinstance(each, str) and each else each for i, each in enumerate(node)]
    if key in ("default", "example", "examples", "const") and not isinstance(node, bool | int | float | None):
        return "v" if isinstance(node, str) else type(node)()
    if isinstance(node, dict):
        return {name: skeleton(child, name) for name, child in node.items()}
    return [skeleton(child) for child in node] if isinstance(node, list) else node


async def listed(command: list[str]) -> list[Any]:
    server = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=2**26)
    try:
        async with asyncio.timeout(SECONDS):
            await _asked(server, {"id": 1, "method": "initialize", "params": HELLO})
            await _tell(server, {"method": "notifications/initialized"})
            tools: list[Any] = []
            cursor: dict[str, str] = {}
            while True:
                page = await _asked(server, {"id": len(tools) + 2, "method": "tools/list", "params": cursor})
                tools += page["tools"]
                if not page.get("nextCursor"):
                    return [skeleton(tool["inputSchema"]) for tool in tools]
                cursor = {"cursor": page["nextCursor"]}
    finally:
        if server.returncode is None:
            server.kill()
        await server.wait()


async def _tell(server: Process, message: dict[str, Any]) -> None:
    assert server.stdin
    server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    await server.stdin.drain()


async def _asked(server: Process, message: dict[str, Any]) -> Any:
    assert server.stdout
    await _tell(server, message)
    while line := await server.stdout.readline():
        try:
            told = json.loads(line)
        except ValueError:
            continue  # a log line
        if isinstance(told, dict) and told.get("id") == message["id"] and "method" not in told:
            return told["result"]
    raise EOFError(f"the server ended before it answered {message['method']}")


if __name__ == "__main__":
    name, *command = sys.argv[1:]
    schemas = asyncio.run(listed([os.path.expanduser(part) for part in command]))  # noqa: PTH111
    store((stored() if HERE.exists() else {}) | {name: schemas})
    print(f"{name}: {len(schemas)} tools")
