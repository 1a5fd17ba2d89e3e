"""The answer to a COMMIT is lost under whatever people change: they hear what became of it, and it is done once.

Each act goes through each of its transactions, carried out and undone: who hears that it is done need not do it again,
and whoever does it again because it was not has what they would have had at once.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services.agents.agents import Agents
from bot.services.agents.values import AgentForm
from bot.services.limits.budgets.budgets import Budgets
from bot.services.limits.egress import Reaching
from bot.services.limits.keeping import Chosen, Keeping, Kept
from bot.services.limits.outside.rules import OutsideRules, Ruled
from bot.services.limits.policies import LinkRules, Policies
from bot.services.links import Draft
from bot.services.memory.notes import Notes
from bot.services.reminders.reminders import Reminders
from run_cards import custom
from storage.database import Database
from storage.engines.engine import is_away
from storage.rules.access import Scope
from storage.rules.egress import Egress
from storage.rules.outside import Kind, Rule
from storage.schema import Base, now
from storage.tables import Agent, Connection, Link
from tests.services.house import OWNER, House, open_house
from tests.services.workshop import Workshop
from tests.support.gemini import Scripted
from tests.support.lost_commits import losing_commits

Act = Callable[["Place"], Awaitable[object]]


class Place:
    """One house, and what an act is done to; ``number`` tells this time from those before."""

    def __init__(self, house: House, workshop: Workshop) -> None:
        self.house, self.workshop, self.db, self.number = house, workshop, house.db, 0
        self.link: Link | None = None
        self.connection: Connection | None = None
        self.agent: Agent | None = None

    @property
    def name(self) -> str:
        return f"Number {self.number}"

    async def connected(self) -> None:
        values = {"name": self.name, "url": self.workshop.url}
        made = await self.house.connections.begin(OWNER, custom.CARD, values)
        self.connection = made.connection  # type: ignore[union-attr]

    async def linked(self) -> None:
        self.link = (await self.house.links.create(OWNER, Draft(title=self.name))).link

    async def manned(self) -> None:
        await self.connected()
        self.agent = await Agents(self.db).make(OWNER, AgentForm(self.name))


async def nothing(_: Place) -> None: ...


def made(there: Any) -> str:
    assert there
    return str(there.id)


ACTS: Mapping[str, tuple[Act, Act]] = {
    "connect": (nothing, Place.connected),
    "disconnect": (Place.connected, lambda at: at.house.connections.leave(OWNER, made(at.connection))),
    "end a connection for good": (
        Place.connected,
        lambda at: at.house.connections.disconnect(OWNER, made(at.connection)),
    ),
    "pause a connection": (Place.connected, lambda at: at.house.connections.pause(OWNER, made(at.connection))),
    "switch a tool off": (
        Place.connected,
        lambda at: at.house.connections.choices.set_policy(OWNER, made(at.connection), "look", "off"),
    ),
    "make a link": (nothing, Place.linked),
    "give a link more time": (Place.linked, lambda at: at.house.links.extend(OWNER, made(at.link), 1)),
    "pause a link": (Place.linked, lambda at: at.house.links.pause(OWNER, made(at.link))),
    "give a link a new address": (Place.linked, lambda at: at.house.links.rotate(OWNER, made(at.link))),
    "revoke a link": (Place.linked, lambda at: at.house.links.revoke(OWNER, made(at.link))),
    "make an agent": (nothing, lambda at: Agents(at.db).make(OWNER, AgentForm(at.name))),
    "grant": (
        Place.manned,
        lambda at: Agents(at.db).grant_agent_mcp_access(OWNER, made(at.agent), made(at.connection), Scope.READ_ONLY),
    ),
    "take a grant back": (
        Place.manned,
        lambda at: Agents(at.db).revoke_agent_mcp_access(OWNER, made(at.agent), made(at.connection)),
    ),
    "set a budget": (nothing, lambda at: Budgets(at.db).limit(OWNER, f"U{at.number}", 10**6)),
    "forbid a card": (
        Place.connected,
        lambda at: Policies(at.db, at.house.bus).forbid(OWNER, f"card{at.number}", "Card"),
    ),
    "set who may make links": (nothing, lambda at: Policies(at.db, at.house.bus).set_links(OWNER, LinkRules())),
    "set who from outside may ask": (
        nothing,
        lambda at: OutsideRules(at.db, at.house.bus).set(OWNER, Kind.BOTS, Ruled(Rule.ASK)),
    ),
    "set which hosts may be reached": (
        nothing,
        lambda at: Reaching(at.db, at.house.bus).set(OWNER, Egress(("127.0.0.1",))),
    ),
    "set how long is kept": (nothing, lambda at: Keeping(at.db, Kept(90, 30, 365)).set(OWNER, Chosen(30, 7, 60))),
    "be reminded": (
        nothing,
        lambda at: Reminders(at.db, at.house.bus).add(OWNER, {}, at.name, now() + timedelta(hours=1)),
    ),
    "have something noted": (nothing, lambda at: Notes(at.db).add(OWNER, at.name)),
}


async def rows(db: Database) -> Counter[str]:
    """How many there are, in all that is stored."""
    async with db.read() as tables:
        every = [
            sa.select(sa.literal(name), sa.func.count()).select_from(table)
            for name, table in Base.metadata.tables.items()
        ]
        found = await tables.session.execute(sa.union_all(*every))
        return Counter({str(name): int(count) for name, count in found})


@pytest.mark.parametrize("name", ACTS)
async def test_what_is_changed_is_told_as_it_is_and_done_once(
    postgres_db: Database, gemini: Scripted, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("storage.database.LOOKED_AFTER", (0.0, 0.0))
    prepared, act = ACTS[name]
    async with open_house(postgres_db, gemini.model) as house:
        at = Place(house, workshop)
        await once(at, prepared, act, lost=None)  # what is there from the first time on, as the workspace's own row
        whole = await once(at, prepared, act, lost=None)
        assert whole
        transaction, lost = 0, True
        while lost:
            transaction += 1
            for happens in (True, False):
                with losing_commits(postgres_db) as losing:
                    came = await once(at, prepared, act, lost=lambda: losing.choose(transaction, happens=happens))  # noqa: B023
                    lost = bool(losing.lost)
                assert came == whole, (transaction, happens)
        assert transaction > 1


async def once(at: Place, prepared: Act, act: Act, lost: Callable[[], None] | None) -> Counter[str]:
    """The rows that it has made, done again where whoever did it was told that it is not done."""
    at.number += 1
    await prepared(at)
    before = await rows(at.db)
    if lost:
        lost()
    try:
        await act(at)
    except Exception as error:
        if not is_away(error):
            raise
        await act(at)
    after = await rows(at.db)
    after.subtract(before)
    return Counter({table: count for table, count in after.items() if count})
