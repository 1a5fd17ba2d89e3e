"""Usher's own MCP server: chat links, connections and reminders, looked after in plain words."""

from bot.tool_server.asking import Asker
from bot.tool_server.connection_tools import ConnectionFace
from bot.tool_server.own_tools import AboutConnections, AboutReminders, OwnTools
from bot.tool_server.server import HandOver, make_server

__all__ = ["AboutConnections", "AboutReminders", "Asker", "ConnectionFace", "HandOver", "OwnTools", "make_server"]
