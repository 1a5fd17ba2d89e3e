"""Usher's own MCP server: chat links and connections, looked after in plain words."""

from bot.tool_server.asking import Asker
from bot.tool_server.connection_tools import ConnectionFace
from bot.tool_server.own_tools import AboutConnections, OwnTools
from bot.tool_server.server import HandOver, make_server

__all__ = ["AboutConnections", "Asker", "ConnectionFace", "HandOver", "OwnTools", "make_server"]
