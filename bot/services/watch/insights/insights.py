"""What administrators look at: how the workspace is doing, who uses what, how calls go."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from bot.services.limits.budgets.months import first_of, limit_of, of_agents_month, whose, whose_agents
from bot.services.limits.policies import Chosen, Policies
from bot.services.tokens.forms import Kind
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.repositories.insights.calls import Calls
from storage.repositories.insights.health import Counts
from storage.repositories.insights.people import OfCard, Person
from storage.repositories.links.figures import Counts as LinkCounts
from storage.repositories.spending.model_usage import Sum
from storage.schema import now
from storage.tables import AccessToken, Agent, Budget, Connection, Link, SpendingLimit

Row = TypeVar("Row")
PAGE, PAGE_OF_CARD = 20, 15
LATELY, A_DAY = timedelta(days=30), timedelta(days=1)
TOO_LONG = timedelta(minutes=5)
MOST_TOOLS, MOST_SHOWN = 10, 20


@dataclass(frozen=True)
class Overview:
    counts: Counts
    today: int
    """Money since midnight (UTC), in millionths of a US dollar."""
    month: Sum
    limit: int | None
    calls: Calls
    tools: Sequence[tuple[str, str, Calls]]
    """Card, tool: those that were called most in 30 days."""


@dataclass(frozen=True)
class OnePerson:
    """A member, as administrators see them: counts, never contents."""

    member: str
    connections: Sequence[Connection]
    calls: Mapping[str, Calls]
    """By connection, of 30 days."""
    all: Calls
    links: Sequence[Link]
    month: Sum
    limit: int | None
    tokens: Sequence[AccessToken] = ()


@dataclass(frozen=True)
class OneAgent:
    agent: Agent
    calls: Calls
    """Of 30 days."""
    money: int
    """This month's, as all that follows."""
    tokens: int
    limit: int | None


class Insights:
    """The caller knows that it is an administrator who asks."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._policies = Policies(db, bus)

    async def overview(self, workspace: str) -> Overview:
        at = now()
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        async with self._db.read() as tables:
            counts = await tables.insights.health(workspace, at - A_DAY, at - TOO_LONG, at)
            today = await tables.model_usage.of_workspace(workspace, midnight)
            month = await tables.model_usage.of_workspace(workspace, first_of(at))
            limits = await tables.budgets.limits(workspace)
            calls = await tables.insights.calls(workspace, at - LATELY)
            tools = await tables.insights.calls_by_tool(workspace, at - LATELY, MOST_TOOLS)
        return Overview(counts, today.money, month, limit_of(limits, whose()), calls, tools)

    async def people(self, workspace: str, page: int) -> tuple[list[Person], int]:
        at = now()
        async with self._db.read() as tables:
            active = tables.insights.most_active
            return await on_page(page, PAGE, lambda start: active(workspace, at - LATELY, at, start, PAGE))

    async def person(self, member: Member) -> OnePerson:
        at = now()
        async with self._db.read() as tables:
            mine = await tables.connections.of(member.workspace, member.id)
            ids = [each.id for each in mine]
            calls = await tables.insights.calls_by_connection(member.workspace, ids, at - LATELY) if ids else {}
            every = await tables.insights.calls(member.workspace, at - LATELY, member.id)
            links = await tables.links.of(member.workspace, member.id, now=at)
            month = await tables.model_usage.of_member(member.workspace, member.id, first_of(at))
            limits = await tables.budgets.limits(member.workspace)
            tokens = await tables.access_tokens.of(member.workspace, member.id, Kind.PERSONAL, at)
        return OnePerson(member.id, mine, calls, every, links, month, limit_of(limits, whose(member.id)), tokens)

    async def cards(self, workspace: str) -> tuple[Mapping[str, OfCard], Mapping[str, Calls], Chosen]:
        """By card: its connections, its calls of 30 days; and what is forbidden."""
        async with self._db.read() as tables:
            connected = await tables.insights.connected(workspace)
            calls = await tables.insights.calls_by_card(workspace, now() - LATELY)
        return connected, calls, await self._policies.of(workspace)

    async def of_card(self, workspace: str, card: str, page: int) -> tuple[list[Connection], Mapping[str, Calls], int]:
        async with self._db.read() as tables:
            of_card = tables.insights.connections_of_card
            found, total = await on_page(
                page, PAGE_OF_CARD, lambda start: of_card(workspace, card, start, PAGE_OF_CARD)
            )
            ids = [each.id for each in found]
            calls = await tables.insights.calls_by_connection(workspace, ids, now() - LATELY) if ids else {}
        return found, calls, total

    async def links(
        self, workspace: str, page: int
    ) -> tuple[list[Link], Mapping[str, LinkCounts], Mapping[str, Calls], int]:
        async with self._db.read() as tables:
            living, at = tables.insights.living_links, now()
            found, total = await on_page(page, PAGE, lambda start: living(workspace, at, start, PAGE))
            ids = [each.id for each in found]
            counts = await tables.figures.counts(workspace, ids) if ids else {}
            calls = await tables.insights.calls_by_link(workspace, ids) if ids else {}
        return found, counts, calls, total

    async def agents(self, workspace: str) -> list[OneAgent]:
        """The default one has what no other has used."""
        at = now()
        async with self._db.read() as tables:
            agents = await tables.agents.of(workspace)
            calls = await tables.insights.calls_by_agent(workspace, at - LATELY)
            keys = {each.id: of_agents_month(at, each.id).key for each in agents if not each.is_default}
            spent = await tables.budgets.of(workspace, list(keys.values()))
            whole = await tables.model_usage.of_workspace(workspace, first_of(at))
            limits = await tables.budgets.limits(workspace)
        used = {id_: spent[key] for id_, key in keys.items() if key in spent}
        money, tokens = (sum(getattr(each, name) for each in used.values()) for name in ("money_spent", "tokens_spent"))
        return [
            _of_agent(
                each,
                calls.get(each.id, Calls()),
                used.get(each.id),
                limits,
                (whole.money - money, whole.tokens - tokens),
            )
            for each in agents
        ]


async def on_page(
    page: int, size: int, ask: Callable[[int], Awaitable[tuple[list[Row], int]]]
) -> tuple[list[Row], int]:
    """What is on it and how many there are in all; beyond the end, since some are gone, it is the last one there is."""
    found, total = await ask(page * size)
    if found or not page:
        return found, total
    _, total = await ask(0)
    return await ask(max(total - 1, 0) // size * size)


def _of_agent(
    agent: Agent, calls: Calls, used: Budget | None, limits: Mapping[str, SpendingLimit], rest: tuple[int, int]
) -> OneAgent:
    if agent.is_default:
        money, tokens = rest
        return OneAgent(agent, calls, max(money, 0), max(tokens, 0), None)
    limit = limit_of(limits, (whose_agents(agent.id),))
    return OneAgent(agent, calls, used.money_spent if used else 0, used.tokens_spent if used else 0, limit)
