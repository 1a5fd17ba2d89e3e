"""For whom a token acts, and what they have used this month."""

from datetime import date, datetime

from bot.services.limits.budgets.budgets import Budgets
from bot.services.limits.prices import DOLLAR
from bot.services.tokens.scopes import Scope
from bot.web.api.operations import Asked, Operation, Told
from storage.repositories.spending.model_usage import Sum


class Myself(Told):
    workspace: str
    member: str
    token: str
    """Its id, as the audit has it."""
    scopes: list[str]


class Used(Told):
    requests: int
    prompt_tokens: int
    cached_tokens: int
    """Of those of the prompt."""
    output_tokens: int
    thought_tokens: int
    usd: float
    """About; of requests whose price is known."""


class Day(Told):
    day: date
    usd: float


class Month(Told):
    own: Used
    guests: Used
    """On the member's links."""
    tools_usd: float
    limit_usd: float | None
    begins_anew: datetime
    days: list[Day]


async def who_am_i(asked: Asked) -> Myself:
    caller = asked.caller
    whose = {"workspace": caller.member.workspace, "member": caller.member.id}
    return Myself(**whose, token=caller.token_id, scopes=sorted(caller.scopes))


async def my_usage(asked: Asked) -> Month:
    month = await Budgets(asked.services.db).mine(asked.member)
    return Month(
        own=_used(month.own),
        guests=_used(month.of_links),
        tools_usd=month.tools / DOLLAR,
        limit_usd=None if month.limit is None else month.limit / DOLLAR,
        begins_anew=month.begins_anew,
        days=[Day(day=day, usd=money / DOLLAR) for day, money in month.days],
    )


def _used(told: Sum) -> Used:
    return Used(
        requests=told.requests,
        prompt_tokens=told.prompt,
        cached_tokens=told.cached,
        output_tokens=told.output,
        thought_tokens=told.thoughts,
        usd=told.money / DOLLAR,
    )


OPERATIONS = (
    Operation("whoAmI", "Myself", "GET", "/me", "For whom this token acts, and how far.", None, who_am_i, Myself),
    Operation(
        "usage",
        "Myself",
        "GET",
        "/usage",
        "What the member, and guests on their links, have used this month.",
        Scope.USAGE_READ,
        my_usage,
        Month,
    ),
)
