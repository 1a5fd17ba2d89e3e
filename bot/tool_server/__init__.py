"""Usher's own MCP server: chat links, made and ended in plain words."""

from bot.tool_server.own_tools import OwnTools
from bot.tool_server.server import Asker, HandOver, make_server

__all__ = ["Asker", "HandOver", "OwnTools", "make_server"]
