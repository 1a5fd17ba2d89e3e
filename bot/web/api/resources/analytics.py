"""What was called and asked, and how that went: a member's own, and for admins the workspace's, line by line."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from bot.services.limits.prices import DOLLAR
from bot.services.tokens.scopes import Scope
from bot.services.watch.insights import analytics
from bot.services.watch.insights.analytics import Line
from bot.services.watch.insights.tables import CHARACTERS
from bot.web.api.operations import Asked, Operation, Told
from bot.web.api.paging import Paged, cursor_after, place
from storage.schema import now

TAG = "Analytics"
Place = tuple[Annotated[str, Field(max_length=80)], Annotated[str, Field(max_length=200)]]
Days = Annotated[int, Field(ge=1, le=366, description="So many days (UTC) back, and today")]


class OfMine(Paged):
    by: Literal["tool", "connection", "link"] = "tool"
    days: Days = 30


class OfAll(Paged):
    by: Literal["tool", "member", "agent", "link", "model", "purpose"] = "tool"
    days: Days = 30


class Figures(Told):
    key: str
    """A card, a member, an agent (empty: members in person), a link, a connection, a model or a purpose."""
    tool: str | None
    """Of a card."""
    title: str | None
    """Of a link, an agent or a connection that is still there."""
    calls: int
    """Of tools, that were sent."""
    failed: int
    """Of these; those too that were not answered in time."""
    refused: int
    """By our own rules, so never sent."""
    success: float | None
    """The share that went well; null for fewer than five calls."""
    seconds: float
    """Of one call, on average."""
    last_called_at: datetime | None
    tools_usd: float
    """What calls cost, as far as cards say it."""
    result_tokens: int
    """By how much its results let prompts grow, as the model counts: shared out by length among those of a step."""
    left_out_tokens: int
    """Of results that were too long, estimated at four characters a token."""
    answers: int
    requests: int
    """To the model."""
    prompt_tokens: int
    cached_tokens: int
    """Of those of the prompt."""
    output_tokens: int
    usd: float
    """About; of requests whose price is known."""
    saved_usd: float
    """By the model's cache."""


class Analytics(Told):
    since: datetime
    figures: list[Figures]
    """In the order of key and tool."""
    next: str | None


async def my_analytics(asked: Asked) -> Analytics:
    since = _since(asked)
    return _page(asked, since, await analytics.of_member(asked.services.db, asked.member, asked.query.by, since))


async def workspace_analytics(asked: Asked) -> Analytics:
    since = _since(asked)
    found = await analytics.of_workspace(asked.services.db, asked.member.workspace, asked.query.by, since)
    return _page(asked, since, found)


def _since(asked: Asked) -> datetime:
    begun = now() - timedelta(days=asked.query.days)
    return begun.replace(hour=0, minute=0, second=0, microsecond=0)


def _page(asked: Asked, since: datetime, lines: Sequence[Line]) -> Analytics:
    after, limit = place(asked.query.cursor, Place), asked.query.limit
    left = [each for each in lines if after is None or (each.key, each.tool) > after]
    shown = left[:limit]
    more = cursor_after(shown[-1].key, shown[-1].tool) if len(left) > limit else None
    return Analytics(since=since, figures=[_told(each) for each in shown], next=more)


def _told(line: Line) -> Figures:
    used, calls = line.used, line.used.calls
    return Figures(
        key=line.key,
        tool=line.tool or None,
        title=line.title or None,
        calls=calls.sent,
        failed=calls.failed,
        refused=calls.refused,
        success=calls.success,
        seconds=calls.seconds,
        last_called_at=used.last,
        tools_usd=used.cost / DOLLAR,
        result_tokens=used.brought,
        left_out_tokens=round(used.left_out / CHARACTERS),
        answers=used.turns,
        requests=used.requests,
        prompt_tokens=used.prompt,
        cached_tokens=used.cached,
        output_tokens=used.output + used.thoughts,
        usd=used.money / DOLLAR,
        saved_usd=used.saved / DOLLAR,
    )


OPERATIONS = (
    Operation(
        "myAnalytics",
        TAG,
        "GET",
        "/analytics",
        "How the member's tools and links were used, line by line.",
        Scope.USAGE_READ,
        my_analytics,
        Analytics,
        query=OfMine,
    ),
    Operation(
        "workspaceAnalytics",
        TAG,
        "GET",
        "/analytics/workspace",
        "How the whole workspace was used, by tool, member, agent, link, model or purpose.",
        Scope.USAGE_READ,
        workspace_analytics,
        Analytics,
        query=OfAll,
        admins=True,
    ),
)
