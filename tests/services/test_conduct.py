"""Spam and floods: what is no offence is never one, what is slows a chat, and too much of it ends it."""

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services.limits import conduct, rates
from bot.services.links import Guest
from storage.repositories.work.rates import SECOND, Limit
from storage.tables import AuditEntry, Job, RateLimit
from tests.services.house import House
from tests.support.engines import on_each_engine

LONG = "Buy our wonderful watches today, they are cheap"
LINKS = " ".join(f"https://shop.example/{number}" for number in range(6))


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second has to be waited for between two messages."""
    plenty = rates.Rate("too_fast", Limit(burst=100, every_microseconds=SECOND))
    monkeypatch.setitem(rates.MESSAGES, "session:second", plenty)


async def say(house: House, guest: Guest, text: str, number: int) -> str:
    """The code of a refusal; empty when it was taken. Nobody waits for an answer."""
    try:
        await house.chats.say_as_guest(guest, text, f"c{number}")
    except Refused as refusal:
        return refusal.code
    await house.chats.stop(guest.workspace, guest.conversation_id)
    async with house.worker():
        await house.told()
    return ""


@on_each_engine
async def test_the_same_words_are_taken_twice_and_short_ones_as_often_as_they_are_asked_for(house: House) -> None:
    guest, _ = await house.guest()
    said = [await say(house, guest, text, n) for n, text in enumerate([LONG, LONG.upper(), f"  {LONG} "])]
    assert said == ["", "", "repeated"]
    other, _ = await house.guest()
    assert [await say(house, other, "yes", n) for n in range(5)] == [""] * 5


async def test_heaps_of_links_are_refused_and_a_few_are_not(house: House) -> None:
    guest, _ = await house.guest()
    assert await say(house, guest, LINKS.rsplit(" ", 1)[0], 1) == ""
    with pytest.raises(Refused, match="5 links") as refusal:
        await house.chats.say_as_guest(guest, LINKS, "c2")
    assert refusal.value.retry_after is None


async def test_an_offence_slows_the_chat_and_one_too_many_ends_it_and_its_creator_hears_why(house: House) -> None:
    guest, _ = await house.guest()
    most = conduct.OFFENCES.burst
    codes = [await say(house, guest, LINKS, number) for number in range(most + 1)]
    assert codes == ["many_links"] * most + ["ended"]
    key = rates.hidden(house.chats._saying._rate_key, "message:session:minute", guest.session.id)
    async with house.db.read() as tables:
        assert await tables.session.scalar(sa.select(RateLimit.rests_at).where(RateLimit.key == key))
        [told] = await tables.session.scalars(sa.select(Job).where(Job.kind == "guest_ended"))
        audited = await tables.session.scalar(sa.select(AuditEntry).where(AuditEntry.action == "chat.ended"))
    assert told.payload["reason"] == "abuse"
    assert audited and audited.detail == {"reason": "abuse", "by": "many_links"}
    log = await house.links.log(guest)
    assert [event.kind for event in log] == ["end"] and "too many links" in log[0].body["text"]


async def test_two_offences_use_up_a_minutes_messages(house: House) -> None:
    guest, _ = await house.guest()
    assert [await say(house, guest, LINKS, number) for number in range(2)] == ["many_links"] * 2
    assert await say(house, guest, "Hello there", 3) == "per_minute"


async def test_a_flood_of_refused_messages_ends_the_chat_and_a_hasty_guest_does_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rates.MESSAGES, "session:minute", rates.Rate("per_minute", Limit(1, rates.HOUR)))
    guest, _ = await house.guest()
    assert await say(house, guest, "Hello", 0) == ""
    hasty = [await say(house, guest, "Hello", number) for number in range(1, 11)]
    assert hasty == ["per_minute"] * 10
    monkeypatch.setitem(conduct._JUDGED, "per_minute", Limit(burst=2, every_microseconds=rates.HOUR))
    assert [await say(house, guest, "Hello", number) for number in range(11, 13)][-1] == "ended"


def test_looking_for_links_takes_no_longer_than_reading() -> None:
    conduct.check_links("http" * 1_000_000 + "www" * 1_000_000)
