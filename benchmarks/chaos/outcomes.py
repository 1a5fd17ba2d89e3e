"""What became of each question, looked up where people see it and in the database, once all is quiet again."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from benchmarks.chaos.pages import complaints
from benchmarks.chaos.people import CHANNEL, Asked, People
from benchmarks.chaos.town import ASKED, PEOPLE, TEAM, Town, words_of
from bot.services.limits.budgets.ledger import LEFT_AFTER, Ledger
from playground.slack.surfaces.message import Message
from storage.schema import now
from storage.tables import Approval, Budget, Link, Reservation, Turn

LEFT = ("done", "failed", "interrupted", "stopped")
Shown = Mapping[str, Sequence[tuple[str | None, str]]]
LOOK_EVERY, SLACKS_SECOND_TRY = 0.5, 60.0


@dataclass(frozen=True)
class Outcome:
    """``kind``: answered | told (that it failed) | lost; ``doubled``: words that stand there more than once.

    ``about``: its turns, how often each was begun and what was noted of it, for whoever looks through the logs.
    """

    asked: Asked
    kind: str
    turns: int
    doubled: int
    over: datetime
    shown: str
    about: str = ""


@dataclass(frozen=True)
class Found:
    outcomes: Sequence[Outcome]
    wrong: Sequence[str]
    """What else did not hold, in words."""
    counts: Mapping[str, int] = field(default_factory=dict)


async def quiet(town: Town, people: People, patience: float) -> bool:
    """Whether all that was asked has ended and was shown, within so many seconds."""
    until = time.monotonic() + patience
    while not await _all_over(town, people):
        if time.monotonic() > until:
            return False
        if town.slack.unheard:
            town.slack.clock.forward(SLACKS_SECOND_TRY / 10)
        await asyncio.sleep(LOOK_EVERY)
    return True


async def _all_over(town: Town, people: People) -> bool:
    if town.slack.unheard:
        return False
    turns = await _turns(town)
    if any(turn.status not in LEFT or not turn.told for each in turns.values() for turn in each):
        return False
    if len(turns) < len(people.asked):
        return False
    return all([len(page.seen) >= len(await page.log()) for page in people.pages])


async def _turns(town: Town) -> Mapping[int, Sequence[Turn]]:
    """By the number of the question."""
    found = defaultdict(list)
    async with town.db.read() as tables:
        for turn in await tables.session.scalars(sa.select(Turn).where(Turn.workspace_id == TEAM)):
            if asked := ASKED.search(turn.text):
                found[int(asked[1])].append(turn)
    return found


async def looked_up(town: Town, people: People) -> Found:
    turns, in_slack = await _turns(town), _in_slack(town)
    outcomes = [_outcome(each, of := turns.get(each.number, []), _shown(each, in_slack, of)) for each in people.asked]
    wrong = ["not all was over in time"] if people.late else []
    wrong += [complaint for page in people.pages for complaint in await complaints(page)]
    left = await _left_over(town)
    wrong += [f"{count} {what}" for what, count in left.items() if count]
    return Found(outcomes, wrong, left)


def _outcome(asked: Asked, turns: Sequence[Turn], shown: str) -> Outcome:
    times = Counter({word: shown.count(word) for word in words_of(asked.number)})
    doubled = sum(count > 1 for count in times.values())
    over = max((turn.ended_at for turn in turns if turn.ended_at), default=now())
    last = turns[-1].status if turns else ""
    failed = "told" if last in LEFT[1:] and shown else "lost"
    kind = "answered" if last == "done" and all(times.values()) else failed
    about = ", ".join(f"{_state(each)}, begun {each.attempts} times, noted {each.shown}" for each in turns)
    return Outcome(asked, kind, len(turns), doubled, over, shown, about)


def _state(turn: Turn) -> str:
    return f"{turn.id} {turn.status}{'' if turn.told else ', not told'}"


def _in_slack(town: Town) -> Shown:
    """What the app has put up in each channel: the root of its thread, and what is read there."""
    places = (CHANNEL, *(f"D{person[1:]}" for person in PEOPLE))
    of = town.slack.workspace.messages.of
    return {
        place: [(each.thread_ts, f"[{each.ts}] {_read(each)}") for each in of(place) if each.by_app] for place in places
    }


def _shown(asked: Asked, in_slack: Shown, turns: Sequence[Turn]) -> str:
    """All that the person sees of the answer: in a direct message it may stand in the thread of a question before."""
    if asked.page:
        return asked.page.shown_after(f"ask-{asked.number} ")
    here, mine = in_slack[asked.channel], f"n{asked.number}w"
    noted = tuple(f"[{ts}]" for each in turns for ts in each.shown.get("messages", ()))
    return "\n".join(text for root, text in here if root == asked.place or mine in text or text.startswith(noted))


def _read(message: Message) -> str:
    """What is read instead of blocks would be there twice."""
    return message.all_text() if message.chunks is not None or not message.blocks else str(message.blocks)


async def _left_over(town: Town) -> dict[str, int]:
    """What has to be nought at the end, once what the dead had set aside is as old as the upkeep lets it become."""
    async with town.db.begin() as tables:
        await tables.session.execute(sa.update(Reservation).values(made_at=now() - 2 * LEFT_AFTER))
    while await Ledger(town.db).sweep():
        pass
    sums = {
        "tokens reserved by members": sa.select(sa.func.sum(Budget.tokens_reserved)),
        "money reserved by members": sa.select(sa.func.sum(Budget.money_reserved)),
        "tokens reserved by links": sa.select(sa.func.sum(Link.tokens_reserved)),
        "money reserved by links": sa.select(sa.func.sum(Link.money_reserved)),
        "turns that have not ended": sa.select(sa.func.count()).where(Turn.status.not_in(LEFT)),
        "turns that were not shown": sa.select(sa.func.count()).where(~Turn.told),
        "questions that wait for an approval": sa.select(sa.func.count()).where(Approval.state == "asked"),
    }
    async with town.db.read() as tables:
        return {what: int(await tables.session.scalar(query) or 0) for what, query in sums.items()}
