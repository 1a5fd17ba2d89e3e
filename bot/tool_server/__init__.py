"""Usher's own MCP server: chat links, connections, reminders and memory, looked after in plain words."""

from bot.tool_server.asking import Asker
from bot.tool_server.connection_tools import ConnectionFace
from bot.tool_server.memory_tools import MemoryFace
from bot.tool_server.own_tools import AboutConnections, AboutMemory, AboutReminders, OwnTools
from bot.tool_server.server import HandOver, make_server

__all__ = [
    "AboutConnections",
    "AboutMemory",
    "AboutReminders",
    "Asker",
    "ConnectionFace",
    "HandOver",
    "MemoryFace",
    "OwnTools",
    "make_server",
]
