"""What administrators set for each kind of people from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.rules.outside import Kind, Rule, State
from storage.schema import now

SET = "policy.outside_set"
OVER = "outside_over"
"""The job that tells one from outside, and the admins who were asked, how it ended."""


@dataclass(frozen=True)
class Ruled:
    rule: Rule = Rule.REFUSE
    channels: tuple[str, ...] = ()
    """In these alone; empty: everywhere."""


class OutsideRules:
    """Whoever calls has seen to it that ``admin`` is one."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def of(self, workspace: str) -> Mapping[Kind, Ruled]:
        """Of every kind; where nothing is known, nobody may."""
        async with self._db.read() as tables:
            return await rules_of(tables, workspace)

    async def set(self, admin: Member, kind: Kind, ruled: Ruled) -> Ruled:
        """It holds at once, for the next call of a turn that runs too. What held before."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(admin.workspace)
            before = (await rules_of(tables, admin.workspace))[kind]
            await tables.outside.set_rule(admin.workspace, kind, ruled.rule, ruled.channels, by=admin.id)
            detail = {"kind": kind.value, "rule": ruled.rule.value, "channels": list(ruled.channels)}
            await tables.audit.add(admin.workspace, admin.id, SET, kind.value, detail)
            if ruled.rule is not Rule.ASK:
                await _no_question_any_more(tables, admin, kind)
            for each in await tables.outside.of_kind(admin.workspace, kind):
                await tables.home_tabs.changed(admin.workspace, each)
        await self._bus.tell("jobs")
        return before


async def rules_of(tables: Tables, workspace: str) -> Mapping[Kind, Ruled]:
    known = {row.kind: Ruled(_rule(row.rule), tuple(row.channels)) for row in await tables.outside.rules(workspace)}
    return {kind: known.get(kind, Ruled()) for kind in Kind}


async def soon_over(tables: Tables, member: Member, at: datetime) -> None:
    """In the caller's transaction."""
    once = f"{OVER}:{member.workspace}:{member.id}:{at.isoformat()}"
    told = {"workspace": member.workspace, "member": member.id}
    await tables.jobs.add(OVER, once, told, at, workspace=member.workspace)


async def _no_question_any_more(tables: Tables, admin: Member, kind: Kind) -> None:
    """Those who wait for an admin's word have it by the new rule."""
    for each in await tables.outside.of_kind(admin.workspace, kind, State.ASKED):
        await tables.outside.put(admin.workspace, each, State.MET, admin.id)
        await soon_over(tables, Member(admin.workspace, each), now())


def _rule(stored: str) -> Rule:
    return Rule(stored) if stored in set(Rule) else Rule.REFUSE
