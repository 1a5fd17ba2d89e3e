"""What stands in the audit, by its name there, in words for administrators; `docs/security.md` has the same tables."""

from collections.abc import Mapping

from bot.services.watch.link_actions import LINK_ACTIONS

OTHERS: Mapping[str, str] = {
    "connection.made": "a tool was connected",
    "connection.edited": "a connection was changed in place",
    "connection.renamed": "a connection was given another name",
    "connection.renewed": "a connection has a new secret, or was signed in to again",
    "connection.paused": "none of a connection's tools are used",
    "connection.resumed": "a connection's tools are used again",
    "connection.leaves": "a connection was ended, and can be had back for a minute",
    "connection.kept": "a connection was had back",
    "connection.ended": "a connection and its secret were deleted",
    "instructions.accepted": "a changed word of a server was accepted",
    "tool.policy": "whether a tool asks first was changed",
    "tool.accepted": "a changed tool was accepted",
    "tool.tried": "a tool was tried out by hand",
    "call.made": "a tool that may change something was called",
    "call.refused": "a rule stopped a call",
    "call.unclear": "a turn was cut off in the middle of calls",
    "host.refused": "a program asked for a host that it may not reach",
    "approval.decided": "a question before a call was answered",
    "approval.changed": "what a call is made with was changed by hand",
    "approval.closed": "a question before a call was closed without an answer",
    "approval.refused": "a question before a call was pressed by somebody who may not, or too late",
    "always.taken_back": "an “always” was taken back",
    "elicitation.answered": "what a server asked was answered",
    "elicitation.declined": "what a server asked was declined",
    "elicitation.went_on": "a page that a server asked for was done",
    "results.shown": "private results were let be shown in a channel, or not any more",
    "links.exported": "a table of all of a member's links was given out",
    "chat.edited": "a host changed what they had said to a guest",
    "chat.taken_back": "a host took back what they had said to a guest",
    "card.added": "a card was added for the workspace",
    "card.changed": "a card of the workspace was changed",
    "card.taken_back": "a card of the workspace was taken back",
    "agent.made": "an agent was made",
    "agent.changed": "an agent was changed",
    "agent.made_default": "an agent became the default",
    "agent.archived": "an agent was archived",
    "agent.brought_back": "an archived agent was brought back",
    "grant.made": "a member said what an agent may do with a connection",
    "grant.revoked": "a member took a connection from an agent",
    "budget.limited": "a limit on what is spent was set or lifted",
    "budget.asks_from": "from which cost on a call asks was set",
    "memory.conversation_forgotten": "a conversation was forgotten",
    "memory.all_forgotten": "a member had all forgotten",
    "memory.retention_set": "after how long conversations are forgotten was set",
    "workspace.installed": "Usher began to work here",
    "workspace.opened_to": "who may ask besides members was set",
    "admin.refused": "somebody who is no admin pressed what only admins may",
    "ticket.code_failed": "a wrong code on a member's page",
    "ticket.stranger": "somebody else signed in on a member's page",
    "token.created": "an access token was made: a member's for a program, or Usher's own for Slackbot",
    "token.revoked": "an access token was revoked, or ended with its member's account",
    "token.refused": "a program asked for what its token is not good for",
    "secrets.moved": "secrets were taken to another store",
    "secrets.rotated": "secrets were put under a new master key",
    "database.restored": "a backup was put back",
    "retention.removed": "the oldest entries were removed when their time was over",
    "chain.restarted": "from here on entries are sealed with a key",
    "audit.verified": "the audit was verified",
    "audit.exported": "entries were given out",
}
ACTS: Mapping[str, str] = {**OTHERS, **LINK_ACTIONS}
AREAS: Mapping[str, tuple[str, ...]] = {
    "Connections and tools": ("connection", "instructions", "tool"),
    "Calls": ("call", "host"),
    "Questions and answers": ("approval", "always", "elicitation", "results"),
    "Chat links": ("link", "links", "chat"),
    "Cards": ("card",),
    "Agents": ("agent", "grant"),
    "Budgets": ("budget",),
    "Memory": ("memory",),
    "Workspace and admins": ("workspace", "admin", "ticket"),
    "Access tokens": ("token",),
    "Secrets, database, audit": ("secrets", "database", "retention", "chain", "audit"),
}
"""By what an action's name begins with."""


def of_area(area: str) -> list[str]:
    """The names in it; of an unknown one none."""
    return [name for name in ACTS if name.partition(".")[0] in AREAS.get(area, ())]
