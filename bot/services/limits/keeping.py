"""How long what was said and done is kept: as a workspace's administrators chose, within what the installation says."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.errors import FormError
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.workspaces.audit import CUT, USHER
from storage.schema import now

KEPT = "kept"
"""The name of the policy."""
SET, ENFORCED = "policy.kept_set", "retention.enforced"
LATELY = timedelta(days=30)
CONVERSATIONS, GUESTS, AUDIT = "conversations", "guests", "audit"
FEWEST: Mapping[str, int] = {CONVERSATIONS: 1, GUESTS: 1, AUDIT: 30}
"""Days. Of the audit more: who did something shall not be able to be rid of its trace within days."""
MOST_CONVERSATIONS = 3_650
PROMISES_KEPT = timedelta(days=800)
"""A link lives for a year at most, and what was said on it is kept for another at most."""
NOT_BETWEEN = "Type a whole number of days from {} to {:,}, or leave it empty."
COUNTED = 10_000
"""What would go is counted no further than that."""


@dataclass(frozen=True)
class Kept:
    """Days. Conversations count from their last word, guests' chats from their end."""

    conversations: float = 90
    guests: float = 30
    audit: float = 365


USUAL = Kept()


@dataclass(frozen=True)
class Chosen:
    """By administrators; None: as the installation says."""

    conversations: int | None = None
    guests: int | None = None
    audit: int | None = None
    promised: tuple[tuple[str, float], ...] = ()
    """Until when guests were told fewer days than hold now, and how many."""
    begins: str = ""
    """From when on conversations go where nobody chose; empty: that was not looked at yet."""

    def within(self, usual: Kept) -> Kept:
        """The installation's are the most but for conversations, which are the workspace's own."""
        return Kept(
            self.conversations or usual.conversations,
            min(self.guests or usual.guests, usual.guests),
            min(self.audit or usual.audit, usual.audit),
        )


async def chosen_in(tables: Tables, workspace: str) -> Chosen:
    return _read(await tables.policies.get(workspace, KEPT), await tables.forgetting.terms(workspace))


async def chosen_everywhere(tables: Tables) -> dict[str, Chosen]:
    """By workspace, all there are."""
    found = await tables.policies.everywhere(KEPT)
    return {each: _read(found.get(each, {}), days) for each, days in (await tables.forgetting.all_terms()).items()}


def _read(stored: Mapping[str, Any], conversations: int | None) -> Chosen:
    promised = tuple((str(until), float(days)) for until, days in stored.get("promised", ()))
    return Chosen(conversations, stored.get(GUESTS), stored.get(AUDIT), promised, str(stored.get("begins", "")))


async def begin(tables: Tables, workspace: str, at: datetime) -> None:
    """From then on conversations go, where nobody chooses anything else."""
    held = await tables.policies.to_change(workspace, KEPT, by=USHER)
    await tables.policies.put(workspace, KEPT, {**held, "begins": at.isoformat()}, by=USHER)


async def lately_removed(tables: Tables, workspace: str) -> Counter[str]:
    """In the last 30 days, when their time was over: as the audit has it."""
    removed: Counter[str] = Counter()
    for detail in await tables.audit.details(workspace, ENFORCED, now() - LATELY):
        removed.update({name: count for name, count in detail.items() if isinstance(count, int)})
    purged = await tables.audit.details(workspace, "link.purged", now() - LATELY)
    removed["chats"] += sum(detail.get("by") == "time" for detail in purged)
    cuts = await tables.audit.details(workspace, CUT, now() - LATELY)
    removed["audit entries"] += sum(int(detail["count"]) for detail in cuts)
    return +removed


class Keeping:
    """``usual`` is the installation's. Whoever calls has seen to it that ``admin`` is one."""

    def __init__(self, db: Database, usual: Kept) -> None:
        self._db = db
        self.usual = usual

    async def of(self, workspace: str) -> Chosen:
        async with self._db.read() as tables:
            return await chosen_in(tables, workspace)

    async def removed(self, workspace: str) -> Counter[str]:
        """What went lately because its time was over."""
        async with self._db.read() as tables:
            return await lately_removed(tables, workspace)

    async def in_workspace(self, workspace: str) -> Kept:
        """What holds."""
        return (await self.of(workspace)).within(self.usual)

    def most(self, name: str) -> int:
        """Days that a workspace can choose at most; 0 where the installation leaves no choice."""
        most = MOST_CONVERSATIONS if name == CONVERSATIONS else int(getattr(self.usual, name))
        return most if most > FEWEST[name] else 0

    async def would_go(self, workspace: str, chosen: Chosen) -> Counter[str]:
        """How much is older than that now, and would be deleted within minutes; each up to `COUNTED`."""
        kept, at = chosen.within(self.usual), now()
        async with self._db.read() as tables:
            silent = await tables.forgetting.count_silent(workspace, _before(at, kept.conversations), COUNTED)
            old = await tables.erasures.count_old(workspace, _before(at, kept.guests), COUNTED)
            entries = await tables.audit.count_before(workspace, _before(at, kept.audit), COUNTED)
        return +Counter({CONVERSATIONS: silent, GUESTS: old, AUDIT: entries})

    def check(self, chosen: Chosen) -> None:
        """Raises `FormError`, under the names of what is kept."""
        wrong = {}
        for name, fewest in FEWEST.items():
            days, most = getattr(chosen, name), self.most(name)
            if days is not None and not fewest <= days <= most:
                wrong[name] = NOT_BETWEEN.format(fewest, most)
        if wrong:
            raise FormError(wrong)

    async def set(self, admin: Member, wanted: Chosen) -> Kept:
        """From the next round on, which is within minutes; what guests were promised before is kept."""
        self.check(wanted)
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(admin.workspace)
            held = await tables.policies.to_change(admin.workspace, KEPT, by=admin.id)
            before = _read(held, await tables.forgetting.terms(admin.workspace))
            promised = _promised(before, before.within(self.usual).guests, wanted.within(self.usual).guests)
            stored = {GUESTS: wanted.guests, AUDIT: wanted.audit, "promised": [list(each) for each in promised]}
            await tables.policies.put(admin.workspace, KEPT, {**held, **stored}, by=admin.id)
            await tables.forgetting.set_terms(admin.workspace, wanted.conversations)
            detail = {name: getattr(wanted, name) for name in FEWEST}
            await tables.audit.add(admin.workspace, admin.id, SET, admin.workspace, detail)
        return replace(wanted, promised=promised).within(self.usual)


def _promised(before: Chosen, held: float, holds: float) -> tuple[tuple[str, float], ...]:
    """What guests read when they started stays true of those chats, however long others are kept from now on."""
    lately = (now() - PROMISES_KEPT).isoformat()
    still = [each for each in before.promised if each[0] > lately]
    return (*still, *([(now().isoformat(), held)] if holds > held else []))


def _before(at: datetime, days: float) -> datetime:
    return at - timedelta(days=days)
