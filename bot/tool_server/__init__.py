"""Usher's own MCP server: chat links, connections, reminders and memory, looked after in plain words."""

from bot.tool_server.asking import Asker
from bot.tool_server.faces import ConnectionFace, HandOver, MemoryFace
from bot.tool_server.own_tools import AboutConnections, AboutMemory, AboutReminders, OwnTools

__all__ = [
    "AboutConnections",
    "AboutMemory",
    "AboutReminders",
    "Asker",
    "ConnectionFace",
    "HandOver",
    "MemoryFace",
    "OwnTools",
]
