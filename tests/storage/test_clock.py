"""Whose clock counts, and what one that was wrong for a moment leaves behind."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.running import jobs as running
from bot.services.approvals import asking
from bot.services.approvals.elicitations import asker
from bot.services.chats import LEASE_SECONDS
from bot.services.chats.members import overtaken, showing
from bot.services.connections import leaving
from bot.services.connections.oauth import flows
from bot.services.limits.budgets.telling import NOTE
from bot.services.limits.outside import people
from bot.services.links.admission import codes, guessing, moving
from bot.services.memory import remembering
from bot.services.reminders import times
from bot.services.reminders.reminders import REMINDER
from bot.services.tickets import tickets
from bot.slack.acts.installed import uninstalling
from bot.slack.edge.installations import tokens
from mcp_runtime.oauth import keeping
from storage.clock import CLOCK, Clock, microseconds, now
from storage.database import Database
from storage.repositories.work import waits
from storage.repositories.work.rates import Limit
from storage.schema import new_id
from storage.tables import Job, RateLimit, Turn
from tests.storage import rows
from tests.storage.rows import T1

YEARS = timedelta(days=3650)
LEASE = 15.0


@pytest.fixture(autouse=True)
def our_own_clock() -> Iterator[None]:
    CLOCK.forget()
    yield
    CLOCK.wall = time.time_ns
    CLOCK.forget()


def wrong_by(span: timedelta) -> None:
    """As in a process on a machine whose clock is ahead by so much; it has not asked the database yet."""
    ahead = round(span.total_seconds() * 1e9)
    CLOCK.wall = lambda: time.time_ns() + ahead
    CLOCK.forget()


def test_what_the_database_says_moves_the_clock_no_further_than_its_way_was_long() -> None:
    ticks = [1_000]
    clock = Clock(wall=lambda: 5, ticks=lambda: ticks[0])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    began = round(start.timestamp()) * 10**9
    assert clock.ns() == 5
    clock.heard(start, sent=1_000)
    assert clock.ns() == began
    ticks[0] += 8_000
    assert clock.ns() == began + 8_000
    clock.heard(start + timedelta(microseconds=4), sent=1_000)  # said so sometime in the last 8 µs: no reason to move
    assert clock.ns() == began + 8_000
    clock.heard(start + timedelta(seconds=1), sent=9_000)
    assert clock.ns() == began + 10**9
    assert clock.wall_is_ahead() == pytest.approx(-(began + 10**9) / 1e9)


@pytest.mark.parametrize("span", [timedelta(seconds=20), -timedelta(hours=1), YEARS], ids=["20 s", "-1 h", "10 years"])
async def test_a_machine_whose_clock_is_wrong_steals_no_turn_and_no_job_and_refuses_nobody(
    postgres_db: Database, span: timedelta
) -> None:
    chat = await rows.conversation(postgres_db)
    await rows.turn(postgres_db, chat, "m1", now())
    async with postgres_db.begin() as tables:
        assert await tables.turns.claim("right", now(), LEASE)
        await tables.jobs.add("greet", "once", {}, now())
        assert await tables.jobs.claim(now(), 1, LEASE)
        assert (await tables.rates.take("network", Limit(1, 60_000_000), microseconds())).allowed
    right = datetime.now(UTC)
    wrong_by(span)
    await postgres_db.ping()
    assert abs(now() - right) < timedelta(seconds=10) and abs(CLOCK.wall_is_ahead() - span.total_seconds()) < 10
    async with postgres_db.begin() as tables:
        assert await tables.turns.claim("wrong", now(), LEASE) is None
        assert await tables.jobs.claim(now(), 1, LEASE) == []
        verdict = await tables.rates.take("network", Limit(1, 60_000_000), microseconds())
    assert not verdict.allowed and verdict.retry_after <= 60
    assert abs(int(new_id().replace("-", "")[:12], 16) / 1000 - right.timestamp()) < 10


async def test_what_ten_wrong_years_have_put_off_is_pulled_back_and_what_may_wait_long_waits(db: Database) -> None:
    chat = await rows.conversation(db)
    turn = await rows.turn(db, chat, "m1")
    at, far = now(), now() + YEARS
    in_half_a_year = at + timedelta(days=180)
    link = await rows.link(db, expires_at=far)
    async with db.begin() as tables:
        await tables.jobs.add("sweep_links", "every:sweep_links", {}, far, every=10)
        await tables.jobs.add("guest_ended", "wrong", {}, far)
        await tables.jobs.add(REMINDER, "right", {}, in_half_a_year)
        await tables.jobs.add(uninstalling.FORGET, "forget", {}, far)
        await tables.session.execute(sa.update(Turn).values(status="running", lease_until=far, attempts=1))
        await tables.session.execute(
            sa.insert(RateLimit).values(
                [{"key": "n", "rests_at": microseconds() + 10**15}, {"key": "m", "rests_at": 1}]
            )
        )
    async with db.begin() as tables:
        assert await tables.waits.pull_back(at) >= 5
        assert await tables.waits.pull_back(at) == 0
        jobs = {job.once: job for job in await tables.session.scalars(sa.select(Job))}
        held, open_link = await tables.turns.get(T1, turn.id), await tables.links.get(T1, link.id)
        assert list(await tables.session.scalars(sa.select(RateLimit.key))) == ["m"]
    assert jobs["every:sweep_links"].due_at == jobs["wrong"].due_at == at
    assert (jobs["right"].due_at, jobs["forget"].due_at) == (in_half_a_year, at + waits.A_MONTH)
    assert open_link and open_link.expires_at == at + waits.A_MONTH
    assert held and held.lease_until and held.lease_until <= at + timedelta(seconds=2 * LEASE_SECONDS)


def test_nothing_that_the_product_sets_lies_beyond_what_is_pulled_back() -> None:
    seconds = timedelta(seconds=1)
    within = {
        waits.SECONDS: [LEASE_SECONDS * seconds, keeping.LEASE, tokens.LEASE],
        waits.MINUTES: [tickets.LIFE, flows.LIFE, codes.LIVES, moving.LIVES, asker.PATIENCE, overtaken.BROUGHT_WITHIN],
        waits.HOURS: [
            *(running.LEASE * seconds, running.LATER[-1] * seconds, remembering.LEASE),
            remembering.AGAIN * 2 ** (remembering.MOST_TRIES - 1),
        ],
        waits.A_DAY: [showing.LIFE, asking.LIFE],
        waits.A_MONTH: [uninstalling.KEPT, people.LIFE, leaving.UNDO_FOR, timedelta(days=31)],
        waits.A_YEAR: [times.LATEST, timedelta(hours=8760)],
        waits.RATES: [each.window * seconds / 1_000_000 for each in vars(guessing).values() if isinstance(each, Limit)],
    }
    for bound, spans in within.items():
        assert all(span <= bound for span in spans), (bound, spans)
    assert {NOTE, REMINDER, uninstalling.FORGET} == set(waits.JOB_WAITS)
