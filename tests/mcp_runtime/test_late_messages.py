"""What the SDK has of messages is built when one is met: by a process of its own, for here all is imported already."""

import asyncio
import sys

MEETING = """
import asyncio

from mcp_runtime.sessions.lifetime import sdk

asyncio.run(sdk.imported())

import mcp_types._v2025_11_25 as older
import mcp_types._v2026_07_28 as newer
from mcp_types import methods

met = older.InitializeRequest, newer.CallToolRequest, newer.ListToolsResult
print([each.__pydantic_complete__ for each in met])
given = {"tools": [{"name": "add", "inputSchema": {"type": "object"}}]}
print(methods.parse_server_result("tools/list", "2025-11-25", given).tools[0].name)
"""


async def test_messages_of_the_sdk_are_built_when_they_are_met() -> None:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", MEETING, stdout=pipe)
    said, _ = await child.communicate()
    assert said.decode().splitlines() == ["[False, False, False]", "add"]
