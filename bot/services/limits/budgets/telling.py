"""Who has to know that a month's budget comes to its end: the member, and those who look after the workspace."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.services.admin_notes import ABOUT, tell_admins
from bot.services.limits.budgets.many import Added
from bot.services.limits.budgets.months import agent_of, is_month, limit_of, member_of, next_month, whose, whose_agents
from bot.services.limits.prices import DOLLAR
from storage.database import Tables
from storage.schema import now
from storage.tables import Budget, Link

NEARLY = 0.8
NOTE = "budget_note"
"""A job: told to one member, in their direct message."""
YOURS = (
    "You have used {percent} % of what you may use of me in a month ({used} of {limit}). On {day} it begins anew; an"
    " administrator can raise it before on my Home tab, under “Budgets”."
)
OURS = (
    "This workspace has used {percent} % of what it may use of me in a month ({used} of {limit}). When nothing is left"
    " I answer nobody until {day}. You can raise it on my Home tab, under “Budgets”."
)
OF_ONE = (
    "{about} has used {percent} % of what they may use of me in a month ({used} of {limit}). You can raise it on my"
    " Home tab, under “Budgets”."
)
OF_AGENT = (
    "The agent {name} has used {percent} % of what it may use in a month ({used} of {limit}). You can raise it on my"
    " Home tab, under “Agents”."
)
NO_PRICE = (
    "I do not know what the model {model} costs. Until I do, what is used of it is counted at the price of the"
    " dearest model I know, so that limits hold."
)


async def of_months(tables: Tables, links: Sequence[Link], found: Mapping[str, Added]) -> None:
    """Once, when it comes to that point."""
    months = {member_of(key): each for key, each in found.items() if is_month(key)}
    agents = {agent_of(key): each for key, each in found.items() if agent_of(key)}
    limits = await tables.budgets.limits(next(iter(months.values())).held.workspace_id) if months else {}
    for member, each in months.items():
        if (limit := limit_of(limits, whose(member))) and _comes_to(each, limit):
            await _nearly(tables, each.held, member, limit)
    for agent, each in agents.items():
        if (limit := limit_of(limits, (whose_agents(agent),))) and _comes_to(each, limit):
            held = each.held
            named = await tables.agents.get(held.workspace_id, agent)
            text = OF_AGENT.format(**_told(held, limit), name=named.name if named else "")
            await tell_admins(tables, held.workspace_id, held.key, text)


def _comes_to(added: Added, limit: int) -> bool:
    """It is nearly used up, since just now."""
    return added.held.money_spent - added.money < NEARLY * limit <= added.held.money_spent


async def of_price(tables: Tables, workspace: str, model: str) -> None:
    await tell_admins(tables, workspace, f"price:{model}", NO_PRICE.format(model=model))


def _told(held: Budget, limit: int) -> dict[str, Any]:
    return {
        "percent": int(100 * held.money_spent / limit),
        "used": f"about ${held.money_spent / DOLLAR:,.2f}",
        "limit": f"${limit / DOLLAR:,.2f}",
        "day": f"{next_month(now()):%-d %B}",
        "about": ABOUT,
    }


async def _nearly(tables: Tables, held: Budget, member: str, limit: int) -> None:
    told = _told(held, limit)
    sentence = OF_ONE if member else OURS
    await tell_admins(tables, held.workspace_id, held.key, sentence.format(**told), about=member)
    if member:
        payload = {"workspace": held.workspace_id, "member": member, "text": YOURS.format(**told)}
        once = f"{NOTE}:{held.workspace_id}:{held.key}:{limit}"
        await tables.jobs.add(NOTE, once, payload, now(), workspace=held.workspace_id)
