"""Programs of this machine that an administrator may run as a server: what is typed, what it names, what it becomes."""

from mcp_runtime.commands.files import Commands
from mcp_runtime.commands.typed import NotRunnable

__all__ = ["Commands", "NotRunnable"]
