"""How often people are asked, and where they only ever say yes: for administrators. Counts alone, never arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from storage.database import Database
from storage.schema import now

DAYS = 30
MOST_READ = 5_000
ENOUGH = 5
"""Answers, before anything is said of a tool."""


@dataclass
class Tally:
    """Of one tool; ``card`` is that of its connections, so that colleagues' are counted together."""

    card: str
    tool: str
    yes: int = 0
    no: int = 0
    people: set[str] = field(default_factory=set)

    @property
    def only_yes(self) -> bool:
        return self.yes >= ENOUGH and not self.no


@dataclass(frozen=True)
class Figures:
    questions: int
    messages: int
    """Of members, that were answered."""
    yes: int
    no: int
    only_yes: list[Tally]
    """The most frequent first."""


async def figures(db: Database, workspace: str, titles: Mapping[str, Any]) -> Figures:
    """Of the last `DAYS`; ``titles`` are the cards by name."""
    since = now() - timedelta(days=DAYS)
    async with db.read() as tables:
        rows = await tables.approvals.decisions(workspace, since, MOST_READ)
        questions = await tables.approvals.count_since(workspace, since)
        messages = await tables.turns.said_since(workspace, since)
        ids = {call["connection_id"] for _, _, calls in rows for call in calls if call.get("connection_id")}
        cards = await tables.connections.cards_of(workspace, ids)
    tallies: dict[tuple[str, str], Tally] = {}
    for member, state, calls in rows:
        asked = {(cards.get(call.get("connection_id"), ""), str(call["tool"])) for call in calls if call.get("guarded")}
        for card, tool in asked:
            if card:
                title = titles[card].title if card in titles else card
                tally = tallies.setdefault((card, tool), Tally(title, tool))
                tally.people.add(member)
                tally.no += state == "denied"
                tally.yes += state != "denied"
    no = sum(state == "denied" for _, state, _ in rows)
    only = sorted((each for each in tallies.values() if each.only_yes), key=lambda each: (-each.yes, each.tool))
    return Figures(questions, messages, len(rows) - no, no, only)
