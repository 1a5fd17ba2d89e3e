"""How a link was used: from those who looked at it to those who answered everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.services.links.results.answers import answered
from bot.services.links.spending.scopes import key_of_session
from storage.database import Tables
from storage.repositories.links.figures import Counts
from storage.schema import now
from storage.tables import Budget, Link, Opening, Result, Session

DAYS = 14
KEPT = timedelta(days=30)
"""For how long a link that has ended is still shown."""


@dataclass(frozen=True)
class Visit:
    """One guest's chat."""

    session: Session
    answered: int
    answers: dict[str, str]
    summary: str
    first_answer: float | None
    """Seconds from the guest's first word to the first word back."""
    tokens: int
    money: int
    """Millionths of a US dollar."""


@dataclass(frozen=True)
class Usage:
    link: Link
    opened: int
    """By people, as far as that can be told; one person may look several times."""
    previewed: int
    counts: Counts
    visits: Sequence[Visit]
    """Newest first."""

    @property
    def first_answer(self) -> float | None:
        """The median, in seconds."""
        from statistics import median

        waits = [visit.first_answer for visit in self.visits if visit.first_answer is not None]
        return median(waits) if waits else None

    @property
    def answered_each(self) -> list[int]:
        """How many guests have answered each question."""
        numbers = range(1, len(self.link.covers) + 1)
        return [sum(bool(visit.answers.get(str(number))) for visit in self.visits) for number in numbers]

    @property
    def left_early(self) -> int:
        """Guests whose chat is over with questions open, or without a word where there are none."""
        over = [visit for visit in self.visits if visit.session.ended_at is not None]
        if self.link.covers:
            return sum(visit.answered < len(self.link.covers) for visit in over)
        return sum(visit.session.messages == 0 for visit in over)


async def of_link(tables: Tables, link: Link) -> Usage:
    here = link.workspace_id, link.id
    sessions = await tables.sessions.of(*here)
    results = {each.session_id: each for each in await tables.results.of(link.workspace_id, [link.id])}
    opened = await tables.openings.of(link.workspace_id, [link.id])
    counts = await tables.figures.counts(link.workspace_id, [link.id])
    keys = {each.id: key_of_session(each.id) for each in sessions}
    budgets = await tables.budgets.of(link.workspace_id, list(keys.values()))
    firsts, tokens = await tables.figures.first_words(*here), await tables.figures.tokens(*here)

    def visit(session: Session) -> Visit:
        result = results.get(session.id) or Result(answers={}, summary="")
        asked = firsts.get((session.conversation_id, "guest"))
        back = [at for who in ("agent", "host") if (at := firsts.get((session.conversation_id, who)))]
        wait = max(0.0, (min(back) - asked).total_seconds()) if asked and back else None
        done = answered(result.answers, link.covers)
        spent = budgets.get(keys[session.id]) or Budget(tokens_spent=0, money_spent=0)
        used = max(spent.tokens_spent, tokens.get(session.conversation_id, 0))  # the turns know no summaries
        return Visit(session, done, result.answers, result.summary, wait, used, spent.money_spent)

    looked = opened[0] if opened else Opening(people=0, machines=0)
    visits = [visit(session) for session in reversed(sessions)]
    return Usage(link, looked.people, looked.machines, counts.get(link.id, Counts()), visits)


def by_day(starts: Sequence[date]) -> list[tuple[date, int]]:
    """How many of these days fall on each of the last `DAYS`, oldest first."""
    today = now().date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    return [(day, starts.count(day)) for day in days]
