"""What is true of every call of a member's tools: each policy a wrapper round one toolset, a page each."""

from mcp_runtime.tools.policies.arguments import Checked
from mcp_runtime.tools.policies.bounds import Bounded
from mcp_runtime.tools.policies.permission import NO_SUCH_TOOL, SWITCHED_OFF, Permitted, runs_free
from mcp_runtime.tools.policies.recording import Later, Recorded

__all__ = [
    "NO_SUCH_TOOL",
    "SWITCHED_OFF",
    "Bounded",
    "Checked",
    "Later",
    "Permitted",
    "Recorded",
    "runs_free",
    "unsayable",
]
