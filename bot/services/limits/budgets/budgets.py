"""What a member and a workspace have used this month, and how far they may go: shown, and set by administrators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.services.limits.budgets import asking
from bot.services.limits.budgets.months import AGENT, EACH_MEMBER, WORKSPACE, first_of, limit_of, next_month, whose
from bot.services.limits.budgets.priced import Threshold
from bot.services.limits.prices import DOLLAR
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.insights.gathering import Key, Used
from storage.repositories.spending.model_usage import Sum
from storage.schema import now
from storage.tables import SpendingLimit
from storage.tables.watch.usage_days import MEMBER, MODEL, PURPOSE

MOST_NAMED = 10
MOST_PAUSES = 50
ASKS_FROM = DOLLAR
"""A call that costs as much asks first, where nobody has said otherwise."""


@dataclass(frozen=True)
class Mine:
    """A member's month."""

    own: Sum = field(default_factory=Sum)
    of_links: Sum = field(default_factory=Sum)
    """What guests asked on their links."""
    tools: int = 0
    """What calls of tools cost, as far as their cards say it."""
    limit: int | None = None
    """In millionths of a US dollar, as all money here."""
    asks_from: int = ASKS_FROM
    begins_anew: datetime = field(default_factory=lambda: next_month(now()))
    days: Sequence[tuple[date, int]] = ()
    """Money of each day so far, of the member's own."""


@dataclass(frozen=True)
class TurnCost:
    """Of one answer, with what came before each question that it waited for."""

    model: Sum = field(default_factory=Sum)
    calls: int = 0
    """Of tools, as far as their cards say it."""


@dataclass(frozen=True)
class Month:
    """A workspace's."""

    all: Sum = field(default_factory=Sum)
    members: Sequence[tuple[str, Sum]] = ()
    """Those who took most first, their links with them."""
    purposes: Sequence[tuple[str, Sum]] = ()
    models: Sequence[tuple[str, Sum]] = ()
    days: Sequence[tuple[date, int]] = ()
    """Money of each day so far."""
    limits: Mapping[str, SpendingLimit] = field(default_factory=dict)
    begins_anew: datetime = field(default_factory=lambda: next_month(now()))

    def limit(self, member: str = "") -> int | None:
        return limit_of(self.limits, whose(member))

    @property
    def each_member(self) -> int | None:
        return limit_of(self.limits, (EACH_MEMBER,))

    @property
    def asks_from(self) -> int:
        return asks_from(self.limits)

    @property
    def of_their_own(self) -> dict[str, int]:
        """Members that have another limit than all."""
        ours = {WORKSPACE, EACH_MEMBER}
        found = {name: row.money for name, row in self.limits.items() if name not in ours and row.money is not None}
        return {name: money for name, money in found.items() if not name.startswith(AGENT)}


def asks_from(limits: Mapping[str, SpendingLimit], member: str = "") -> int:
    """From which cost on a call asks first: a member may be asked sooner than all are, and not later."""
    ours, theirs = (limits[name].asks_from if name in limits else None for name in (WORKSPACE, member))
    usual = ASKS_FROM if ours is None else ours
    return usual if theirs is None else min(usual, theirs)


async def threshold(db: Database, member: Member) -> Threshold:
    """From which cost on a call of this member's asks first; looked up anew each time."""
    today = now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    async with db.read() as tables:
        limit = asks_from(await tables.budgets.limits(member.workspace), member.id)
        return Threshold(limit, await tables.usage.cost(member.workspace, member.id, today))


async def _turns_of(tables: Tables, member: Member, turn_id: str) -> list[str]:
    """It, and the turns that paused before it: one answer to whoever reads it."""
    found: list[str] = []
    while turn_id and turn_id not in found and len(found) < MOST_PAUSES:
        turn = await tables.turns.get(member.workspace, turn_id)
        held = await tables.conversations.get(member.workspace, turn.conversation_id) if turn else None
        if turn is None or held is None or held.member_id != member.id or held.door != "slack":
            break
        found.append(turn_id)
        asked = await tables.approvals.get(member.workspace, turn.approval_id) if turn.approval_id else None
        turn_id = asked.turn_id if asked else ""
    return found


def _each_day(since: datetime, days: Mapping[str, int]) -> Sequence[tuple[date, int]]:
    """Also those of which there is nothing."""
    each = [since.date() + timedelta(days=n) for n in range((now().date() - since.date()).days + 1)]
    return [(day, days.get(day.isoformat(), 0)) for day in each]


def _dearest(used: Mapping[Key, Used]) -> list[tuple[str, Sum]]:
    """Those that took most first."""
    found = [(key, each.asked) for (key, _), each in used.items() if each.requests]
    return sorted(found, key=lambda each: (-each[1].money, -each[1].requests, each[0]))[:MOST_NAMED]


class Budgets:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def mine(self, member: Member) -> Mine:
        since = first_of(now())
        async with self._db.read() as tables:
            limits = await tables.budgets.limits(member.workspace)
            own = await tables.model_usage.of_member(member.workspace, member.id, since)
            of_links = await tables.model_usage.of_links(member.workspace, member.id, since)
            tools = await tables.usage.cost(member.workspace, member.id, since)
            days = await tables.model_usage.by_day(member.workspace, since, member.id)
        limit, asks = limit_of(limits, whose(member.id)), asks_from(limits, member.id)
        return Mine(own, of_links, tools, limit, asks, days=_each_day(since, days))

    async def of_turn(self, member: Member, turn_id: str) -> TurnCost:
        """Of this member's own turn; of anybody else's nothing is told."""
        async with self._db.read() as tables:
            turns = await _turns_of(tables, member, turn_id)
            model = await tables.model_usage.of_turns(member.workspace, turns)
            return TurnCost(model, await tables.usage.cost_of_turns(member.workspace, turns))

    async def month(self, workspace: str) -> Month:
        since = first_of(now())
        async with self._db.read() as tables:
            limits = await tables.budgets.limits(workspace)
            whole = (await tables.insights.whole(workspace, since)).asked
            members, purposes, models = [
                _dearest(await tables.insights.used(workspace, kind, since)) for kind in (MEMBER, PURPOSE, MODEL)
            ]
            days = await tables.insights.money_by_day(workspace, since)
        return Month(whole, members, purposes, models, _each_day(since, days), limits)

    async def limit(self, admin: Member, whose: str, money: int | None) -> None:
        """``whose``: the workspace's, each member's, or one member's; None lifts it. The caller knows they may."""
        await self._set(admin, whose, "budget.limited", money=money)

    async def ask_from(self, admin: Member, money: int | None) -> None:
        """For all; None: as where nobody has said otherwise."""
        await self._set(admin, WORKSPACE, "budget.asks_from", asks_from=money)

    async def ask_me_from(self, member: Member, money: int | None) -> None:
        """Sooner than all others are asked; None: as they are."""
        await self._set(member, member.id, "budget.asks_from", asks_from=money)

    async def ask_admins(self, member: Member) -> None:
        """To raise what is used up; the member hears of it when they have."""
        async with self._db.begin() as tables:
            await asking.ask(tables, member)

    async def _set(self, by: Member, whose: str, action: str, **values: int | None) -> None:
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(by.workspace)
            before = await tables.budgets.limits(by.workspace)
            await tables.budgets.set_limit(by.workspace, whose, **values)
            await asking.tell_changed(tables, by.workspace, before, await tables.budgets.limits(by.workspace))
            await tables.audit.add(by.workspace, by.id, action, whose, dict(values))
