"""When a reminder is due: read from the member's own clock, or sent back with what is missing."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.errors import NotFound, UserError
from bot.services.reminders import Reminders
from bot.services.reminders.reminders import LONGEST, MOST
from bot.services.reminders.times import moment
from storage.bus.bus import open_bus
from storage.database import Database
from storage.members import Member
from tests.storage.rows import HOUR, NOON
from tests.support.engines import on_each_engine

BERLIN, APIA, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia"), ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ANNA, BEN = Member("T1", "U1"), Member("T1", "U2")


@pytest.mark.parametrize(
    ("at", "zone", "due"),
    [
        ("2026-03-21 09:00", BERLIN, "2026-03-21T08:00"),
        ("2026-03-30T09:00", BERLIN, "2026-03-30T07:00"),  # in summer time
        ("2026-03-29 02:30", BERLIN, "2026-03-29T01:00"),  # is left out: the next hour's first minute
        ("2026-10-25 02:30", BERLIN, "2026-10-25T00:30"),  # comes twice: the first of them
        ("2026-11-01 01:30", NEW_YORK, "2026-11-01T05:30"),
        ("2026-03-21 09:00", APIA, "2026-03-20T20:00"),
        ("2026-03-21 09:00+05:30", BERLIN, "2026-03-21T03:30"),
        ("2026-03-21T09:00Z", APIA, "2026-03-21T09:00"),
    ],
)
def test_a_time_is_read_from_the_members_own_clock(at: str, zone: ZoneInfo, due: str) -> None:
    assert moment(at, 0, zone, NOW) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "minutes", "told"),
    [
        ("", 0, "ask them"),
        ("tomorrow", 0, "ask them"),
        ("2026-03-21", 0, "at which hour"),
        ("9:00", 0, "on which day"),
        ("2026-02-30 09:00", 0, "no clear time"),
        ("2026-03-21 09:00", 5, "not both"),
        ("2026-03-20 12:59", 0, "is past: it is Friday, 2026-03-20 13:00 Europe/Berlin (UTC+01:00) now"),
        ("2026-03-20 13:00", 0, "is past"),
        ("2027-03-22 09:00", 0, "a year at most"),
        ("٢٠٢٦-03-21 09:00", 0, "no clear time"),
    ],
)
def test_what_is_unclear_past_or_far_away_is_answered_with_the_cure(at: str, minutes: int, told: str) -> None:
    with pytest.raises(UserError) as refused:
        moment(at, minutes, BERLIN, NOW)
    assert told in str(refused.value)


@on_each_engine
async def test_only_its_member_sees_cancels_or_puts_off_a_reminder_and_each_only_once(db: Database) -> None:
    async with open_bus(db) as bus:
        reminders = Reminders(db, bus)
        tea = await reminders.add(ANNA, {}, "tea ", NOON)
        assert (await reminders.add(ANNA, {}, "tea", NOON)).id == tea.id, "said twice, it is one"
        assert await reminders.of(BEN) == []
        for deed in (reminders.cancel(BEN, tea.id), reminders.put_off(BEN, tea.id, NOON + HOUR)):
            with pytest.raises(NotFound):
                await deed

        assert (await reminders.taken("T1", tea.id))[1] is False
        with pytest.raises(NotFound):
            await reminders.cancel(ANNA, tea.id)
        assert (await reminders.taken("T1", tea.id))[1] is True, "it may have been told by now"
        await reminders.told(tea)
        assert await reminders.taken("T1", tea.id) == (None, True)

        await reminders.put_off(ANNA, tea.id, NOON + HOUR)
        with pytest.raises(NotFound):
            await reminders.put_off(ANNA, tea.id, NOON + HOUR)
        [again] = await reminders.of(ANNA)
        assert again.due_at == NOON + HOUR
        await reminders.cancel_named(ANNA, "Tea!")
        assert await reminders.of(ANNA) == []
        assert await reminders.taken("T1", tea.id) == (None, True)


async def test_so_many_wait_at_most_and_none_is_without_words_or_endless(db: Database) -> None:
    async with open_bus(db) as bus:
        reminders = Reminders(db, bus)
        for text in ("", " \n", "x" * (LONGEST + 1)):
            with pytest.raises(UserError, match="needs words"):
                await reminders.add(ANNA, {}, text, NOON)
        for number in range(MOST):
            await reminders.add(ANNA, {}, f"number {number}", NOON)
        with pytest.raises(UserError, match="Cancel one"):
            await reminders.add(ANNA, {}, "one more", NOON)
        await reminders.add(BEN, {}, "mine", NOON)
