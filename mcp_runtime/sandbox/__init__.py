"""Where a stdio server runs: no network but what it was given, no secrets of ours, bounded means."""

from mcp_runtime.sandbox.launches import Launch, Prepare
from mcp_runtime.sandbox.probe import Level
from mcp_runtime.sandbox.sandbox import Sandbox

__all__ = ["Launch", "Level", "Prepare", "Sandbox"]
