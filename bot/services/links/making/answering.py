"""Which agent answers on a link: chosen by its creator, frozen with it, and never more than it may at the moment."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import FormError
from bot.services.links.values import Draft
from storage.database import Tables
from storage.members import Member
from storage.repositories.agents.grants import Equipped

GONE = "This agent is not there any more, or does not answer guests. Choose another one."
MAY_NOT = "{agent} may not call {tool}. Leave it out, or choose another agent."


async def chosen(tables: Tables, member: Member, draft: Draft) -> Equipped:
    """With the member's connections, and what it may do with each. Raises `FormError`."""
    named = draft.agent.get("id", "")
    if not named:
        await tables.workspaces.give_agent(member.workspace)
    found = await tables.grants.equipped(member.workspace, member.id, named)
    if found is None or (named and (found.agent.archived_at or found.agent.used != "everyone")):
        raise FormError({"agent": GONE})
    return found


def frozen(draft: Draft, who: Equipped) -> dict[str, str]:
    """Empty where none was chosen: then the default answers, whichever it is."""
    agent = who.agent
    return {"id": agent.id, "name": agent.name, "instructions": agent.instructions} if draft.agent else {}


def check(who: Equipped, tools: Sequence[Mapping[str, Any]]) -> None:
    """A guest's page promises no tool that would be refused. Raises `FormError`."""
    access = {each.connection.id: each.access for each in who.reachable}
    for each in tools:
        if not access[each["connection_id"]].allows(each["name"], reads=each["free"]):
            raise FormError({"tools": MAY_NOT.format(agent=who.agent.name, tool=each["title"])})
