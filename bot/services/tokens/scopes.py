"""What a token may be good for. Less than its member may do, and never more."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Scope(StrEnum):
    MCP = "mcp"
    LINKS_READ = "links:read"
    LINKS_WRITE = "links:write"
    CONNECTIONS_READ = "connections:read"
    MEMORY_READ = "memory:read"
    AGENTS_READ = "agents:read"
    GRANTS_READ = "grants:read"
    GRANTS_WRITE = "grants:write"
    USAGE_READ = "usage:read"
    AUDIT_READ = "audit:read"


WORDS: Mapping[str, str] = {
    Scope.MCP: "use Usher as an MCP server",
    Scope.LINKS_READ: "see chat links and what came of them",
    Scope.LINKS_WRITE: "make and end chat links",
    Scope.CONNECTIONS_READ: "see what is connected",
    Scope.MEMORY_READ: "search what was said to Usher",
    Scope.AGENTS_READ: "see the workspace's agents",
    Scope.GRANTS_READ: "see what agents may do with own connections",
    Scope.GRANTS_WRITE: "say what agents may do with own connections",
    Scope.USAGE_READ: "see what was used",
    Scope.AUDIT_READ: "read the workspace's audit",
}
FOR_SLACKBOT = "mcp:connect"
"""Slack's own scope, by which Slackbot may use an app's MCP server."""
ASK = "ask"
"""To have Usher's agent do something for its member. No token that a member makes is good for it: Slackbot alone is."""
OF_SLACKBOT = frozenset({ASK, *map(str, (Scope.MCP, Scope.LINKS_READ, Scope.CONNECTIONS_READ, Scope.MEMORY_READ))})
"""It looks by itself; what changes something goes through Usher's agent, which asks its member where that is due."""
OF_ADMINS = frozenset({Scope.AUDIT_READ})
"""Good for nothing while their member is no admin."""


def in_words(scopes: Iterable[str]) -> list[str]:
    """As their member reads them, in the order in which they are asked."""
    found = set(scopes)
    return [WORDS[each] for each in Scope if each in found]
