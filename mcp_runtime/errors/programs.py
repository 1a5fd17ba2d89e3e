"""A server that is a program of ours, and would not run."""

from mcp_runtime.errors.base import ConnectFailed
from mcp_runtime.errors.causes import Cause


class SandboxMissing(ConnectFailed):
    cause = Cause.SANDBOX_REFUSED
    reason = "it runs only in a sandbox, and there is none here"
    cure = "An administrator can mend that."


class ProgramFailed(ConnectFailed):
    cause = Cause.CANNOT_REACH
    reason = "its program would not start here"
    cure = "An administrator can see why."


class ProgramStopped(ProgramFailed):
    """The sandbox ended it, as it took more than it may."""

    cause = Cause.SANDBOX_REFUSED


class ProgramMute(ProgramFailed):
    cause = Cause.NOT_MCP
    reason = "its program does not speak MCP"
