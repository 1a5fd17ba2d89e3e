"""The SDK of MCP, which all that opens a session needs: a quarter of all that Usher imports, and imported late."""

import asyncio
from importlib import import_module

PIECES = ("mcp_types.methods", "mcp", "mcp_runtime.sessions.sessions")
"""Whoever ends Usher meanwhile waits for one of them at most."""


async def imported() -> None:
    """Beside the loop, for the first who needs it or before anybody does."""
    await asyncio.to_thread(_messages_built_when_used)
    for piece in PIECES:
        await asyncio.to_thread(import_module, piece)


def _messages_built_when_used() -> None:
    """There are three hundred models of them, in two eras; who calls tools meets a dozen."""
    from mcp_types._wire_base import WireModel

    WireModel.model_config["defer_build"] = True  # a test holds the SDK to this
