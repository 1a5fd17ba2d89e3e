"""Where a stdio server runs: no network, no secrets of ours, bounded means."""

from mcp_runtime.sandbox.sandbox import Launch, Level, Prepare, Sandbox

__all__ = ["Launch", "Level", "Prepare", "Sandbox"]
