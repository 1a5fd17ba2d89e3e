"""What came of a link: how it was used, and what its guests answered."""

from datetime import datetime

from bot.services.limits.prices import DOLLAR
from bot.services.links.results.usage import Usage, Visit
from bot.services.tokens.scopes import Scope
from bot.web.api.operations import Asked, Operation, Told

TAG = "Links"


class Guests(Told):
    """How many."""

    started: int
    chatting: int
    wrote: int
    answered_all: int
    left_early: int


class LinkUsage(Told):
    opened: int
    """By people, as far as that can be told."""
    previewed: int
    """By machines, such as previews."""
    guests: Guests
    messages: int
    seconds_to_first_answer: float | None
    """The median."""
    tokens: int
    usd: float
    """About."""


class Answer(Told):
    question: str
    answer: str | None


class Result(Told):
    """Of one guest's chat."""

    session: str
    started_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    messages: int
    answers: list[Answer]
    complete: bool


class Results(Told):
    results: list[Result]
    """The newest first."""


async def link_usage(asked: Asked) -> LinkUsage:
    usage = await asked.services.links.outcomes.usage(asked.member, asked.path["link_id"])
    counts = usage.counts
    return LinkUsage(
        opened=usage.opened,
        previewed=usage.previewed,
        guests=Guests(
            started=counts.started,
            chatting=counts.chatting,
            wrote=counts.wrote,
            answered_all=counts.complete,
            left_early=usage.left_early,
        ),
        messages=counts.messages,
        seconds_to_first_answer=usage.first_answer,
        tokens=usage.link.tokens_spent,
        usd=usage.link.money_spent / DOLLAR,
    )


async def link_results(asked: Asked) -> Results:
    usage = await asked.services.links.outcomes.exported(asked.member, asked.path["link_id"], "api")
    return Results(results=[_result(usage, visit) for visit in usage.visits])


def _result(usage: Usage, visit: Visit) -> Result:
    covers, session = usage.link.covers, visit.session
    answers = [
        Answer(question=str(each), answer=visit.answers.get(str(number))) for number, each in enumerate(covers, 1)
    ]
    return Result(
        session=session.id,
        started_at=session.started_at,
        ended_at=session.ended_at,
        end_reason=session.end_reason,
        messages=session.messages,
        answers=answers,
        complete=visit.answered == len(covers),
    )


OPERATIONS = (
    Operation(
        "linkUsage",
        TAG,
        "GET",
        "/links/{link_id}/usage",
        "How a link was used.",
        Scope.LINKS_READ,
        link_usage,
        LinkUsage,
    ),
    Operation(
        "linkResults",
        TAG,
        "GET",
        "/links/{link_id}/results",
        "What the guests answered of what the link asks; noted in the audit.",
        Scope.LINKS_READ,
        link_results,
        Results,
    ),
)
