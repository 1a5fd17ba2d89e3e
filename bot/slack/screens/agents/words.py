"""What an agent is and may, in words: alike in lists, forms and on the Home tab."""

from collections.abc import Mapping, Sequence

from bot.slack.screens.blocks.text import count, safe, unmarked
from bot.slack.screens.spending.amounts import dollars
from storage.rules.access import Access, Barred, Scope
from storage.tables import Agent, AgentGrant

SCOPES: Mapping[Scope, str] = {
    Scope.FULL: "All that its member may",
    Scope.READ_ONLY: "Only read",
    Scope.CUSTOM: "Only the tools named below",
}
USED = {
    "everyone": "Members, and guests on chat links",
    "members": "Members only",
    "channels": "Only the channels chosen below",
}
NOTHING = {
    Barred.ARCHIVED: "Nothing: this agent is archived.",
    Barred.CARD: "Nothing: administrators let this agent use other services.",
    Barred.UNGRANTED: "Nothing, until you grant it.",
    Barred.REVOKED: "Nothing: you have taken it back.",
    Barred.EXPIRED: "Nothing: what you granted has ended.",
}
SHOWN_TOOLS = 5


def titled(agent: Agent) -> str:
    name = f"*{unmarked(agent.name)}*"
    return f"{agent.picture} {name}" if agent.picture else name


def may(scope: str, tools: Sequence[str]) -> str:
    if scope == Scope.CUSTOM:
        rest = len(tools) - SHOWN_TOOLS
        named = ", ".join(safe(each, 40) for each in tools[:SHOWN_TOOLS])
        return f"calls only {named}" + (f" and {rest} more" if rest > 0 else "")
    return "only reads" if scope == Scope.READ_ONLY else "may do all that its member may"


def facts(agent: Agent, channels: Sequence[str], titles: Mapping[str, str], money: int | None = None) -> str:
    """``titles`` are those of the cards by name."""
    told = [may(agent.scope, agent.tools)]
    if agent.cards:
        told.append(f"with {', '.join(safe(titles.get(each, each), 40) for each in agent.cards)} alone")
    if agent.asks_first:
        told.append("once a member has granted it")
    where = {"everyone": "for members and guests", "members": "for members"}
    here = ", ".join(f"<#{each}>" for each in channels)
    if agent.used in where:
        told.append(where[agent.used])
    told += [f"answers in {here}" + (" and nowhere else" if agent.used == "channels" else "")] if here else []
    if money is not None and not agent.is_default:
        told.append(f"up to {dollars(money)} a month")
    line = " · ".join(told)
    return line[:1].upper() + line[1:]


def granted(access: Access, grant: AgentGrant | None) -> str:
    """What an agent may do with one connection now, for its member."""
    if access.barred:
        return NOTHING[access.barred]
    if Scope.CUSTOM in access.scopes and grant and grant.scope == Scope.CUSTOM:
        told = f"Calls {count(len(grant.tools), 'tool')} of it that you chose."
    elif Scope.CUSTOM in access.scopes:
        told = "Calls only tools that administrators chose."
    else:
        told = "Only reads." if Scope.READ_ONLY in access.scopes else "May do all that you may."
    until = f" Until {grant.expires_at:%-d %B %Y}, UTC." if grant and grant.expires_at else ""
    return told + until
