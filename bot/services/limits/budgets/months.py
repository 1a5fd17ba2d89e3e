"""Budgets that begin anew on the first of each month, by UTC: a member's and the workspace's."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from storage.repositories.spending.budgets import Cap
from storage.repositories.spending.changing import UNLIMITED
from storage.tables import SpendingLimit

EACH_MEMBER, WORKSPACE = "members", "workspace"
"""Whose limit it is, beside the members that have one of their own."""
AGENT = "agent:"
"""Before an agent's id, whose limit it is."""
KEPT = timedelta(days=400)


def of_month(at: datetime, member: str = "") -> Cap:
    """How far it goes is looked up where it is taken from: administrators may have changed it since."""
    return Cap(key_of_month(at, member), UNLIMITED, UNLIMITED, at + KEPT, whose=whose(member))


def of_agents_month(at: datetime, agent_id: str) -> Cap:
    """Of all that an agent answers, members and guests."""
    key = f"{AGENT}{at:%Y-%m}:{agent_id}"
    return Cap(key, UNLIMITED, UNLIMITED, at + KEPT, whose=(whose_agents(agent_id),))


def whose_agents(agent_id: str) -> str:
    return f"{AGENT}{agent_id}"


def agent_of(key: str) -> str:
    """Whose month it is; empty when it is no agent's."""
    return key.rpartition(":")[2] if key.startswith(AGENT) else ""


def whose(member: str = "") -> Sequence[str]:
    """Whose limit holds for a month, in this order."""
    return (member, EACH_MEMBER) if member else (WORKSPACE,)


def limit_of(limits: Mapping[str, SpendingLimit], whose: Sequence[str]) -> int | None:
    """In millionths of a US dollar, of the first who has one; None: without."""
    found = (limits[name].money for name in whose if name in limits)
    return next((money for money in found if money is not None), None)


def key_of_month(at: datetime, member: str = "") -> str:
    month = f"month:{at:%Y-%m}"
    return f"{month}:{member}" if member else month


def member_of(key: str) -> str:
    """Whose month it is; empty for the workspace's."""
    return key.split(":", 2)[2] if key.count(":") > 1 else ""


def is_month(key: str) -> bool:
    return key.startswith("month:")


def first_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(at: datetime) -> datetime:
    """When what is used up begins anew."""
    return first_of(first_of(at) + timedelta(days=32))
