"""What the workspace has used this month and how far it may go: for admins."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from bot.services.limits.budgets.budgets import Budgets as Kept
from bot.services.limits.budgets.budgets import Month
from bot.services.limits.prices import DOLLAR
from bot.services.tokens.scopes import Scope
from bot.web.api.operations import Asked, Operation, Sent, Told

TAG = "Budgets"


class OfMember(Told):
    member: str
    usd: float
    """With guests on their links."""
    limit_usd: float | None
    """Their own, or else each member's."""


class Budgets(Told):
    usd: float
    """About; of requests whose price is known."""
    limit_usd: float | None
    each_member_usd: float | None
    """How far each may go who has no limit of their own."""
    members: list[OfMember]
    """Those who took most first."""
    of_their_own: dict[str, float]
    """Limits of single members, by their id."""
    begins_anew: datetime


class Limit(Sent):
    """Whose limit, and what it is from now on."""

    whose: Annotated[str, Field(pattern="^(workspace|members|[UW][A-Z0-9]{1,40})$")]
    """workspace | members (each who has none of their own) | a member's id"""
    usd: Annotated[float, Field(ge=0, le=1_000_000)] | None
    """A month; nothing lifts it."""


async def budgets(asked: Asked) -> Budgets:
    return _told(await Kept(asked.services.db).month(asked.member.workspace))


async def set_limit(asked: Asked) -> Budgets:
    limit: Limit = asked.body
    money = None if limit.usd is None else round(limit.usd * DOLLAR)
    kept = Kept(asked.services.db)
    await kept.limit(asked.member, limit.whose, money)
    return _told(await kept.month(asked.member.workspace))


def _told(month: Month) -> Budgets:
    return Budgets(
        usd=month.all.money / DOLLAR,
        limit_usd=_dollars(month.limit()),
        each_member_usd=_dollars(month.each_member),
        members=[
            OfMember(member=name, usd=total.money / DOLLAR, limit_usd=_dollars(month.limit(name)))
            for name, total in month.members
        ],
        of_their_own={name: money / DOLLAR for name, money in month.of_their_own.items()},
        begins_anew=month.begins_anew,
    )


def _dollars(money: int | None) -> float | None:
    return None if money is None else money / DOLLAR


OPERATIONS = (
    Operation(
        "budgets",
        TAG,
        "GET",
        "/budgets",
        "What the workspace has used this month, and how far it may go.",
        Scope.USAGE_READ,
        budgets,
        Budgets,
        admins=True,
    ),
    Operation(
        "setBudget",
        TAG,
        "PUT",
        "/budgets",
        "Says how far the workspace, each member or one member may go in a month; at once.",
        Scope.BUDGETS_WRITE,
        set_limit,
        Budgets,
        body=Limit,
        admins=True,
    ),
)
