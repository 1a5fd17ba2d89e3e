"""What guests may say: how long, how fast, how often; a refusal says which limit, and costs nothing."""

import asyncio

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services.chats import Delta, unpacked
from bot.services.limits import limits, rates
from bot.services.links.host_notes import KIND
from playground.gemini import Break, Reply, text
from storage.bus.bus import Bell
from storage.repositories.work.rates import SECOND, Limit
from storage.schema import now
from storage.tables import Job, Link, RateLimit, Session
from tests.services.house import House
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted


async def refused(house: House, guest, text: str = "hello", client_id: str = "next") -> Refused:
    with pytest.raises(Refused) as refusal:
        await house.chats.say_as_guest(await house.again(guest), text, client_id)
    return refusal.value


async def wait_over(house: House) -> None:
    """As if enough time had passed for the rates."""
    async with house.db.begin() as tables:
        await tables.session.execute(sa.delete(RateLimit))


async def test_a_guest_is_answered_and_follows_the_text_as_it_comes(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    gemini.will_say("Hello ", "Visitor.")
    with house.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        async with house.worker():
            said = await house.chats.say_as_guest(guest, "hello", "c1")
            shown = await house.face.after()
            await house.told()
        assert shown.text == ""  # it draws none: guests follow the bus
        heard = "".join(delta.text for payload in bell.take() if (delta := unpacked(payload)))
    assert heard == "Hello Visitor."
    log = await house.links.log(guest)
    assert [(event.kind, event.body.get("author")) for event in log] == [
        ("message", "guest"),
        ("status", None),
        ("message", "agent"),
        ("status", None),
    ]
    assert said.seq == 1
    assert "Visitor" in gemini.heard(0)[0]["parts"][0]["text"]
    assert "Visitor" not in str(gemini.asked[0].body["systemInstruction"])


async def test_a_guests_later_turn_begins_as_the_one_before_byte_for_byte(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest(purpose="Your order", instructions="Be brief.")
    async with house.worker():
        for number in (1, 2):
            gemini.will_say(f"Answer {number}.")
            await house.chats.say_as_guest(guest, f"question {number}", f"c{number}")
            await house.face.after(number)
            async with house.db.begin() as tables:  # as if the second that a guest has to wait were over
                await tables.session.execute(sa.text("DELETE FROM rate_limits"))
    first, second = (each.body for each in gemini.asked)
    assert first["systemInstruction"] == second["systemInstruction"]
    assert second["contents"][: len(first["contents"])] == first["contents"]
    told = str(first["systemInstruction"])
    assert "Your order" in told and "Be brief." in told and "The chat closes on" not in told
    assert all("The chat closes on" in str(each["contents"][-1]) for each in (first, second))


@on_each_engine
async def test_an_answer_begun_again_after_a_restart_says_so_and_counts_from_its_beginning(
    house: House, gemini: Scripted
) -> None:
    guest, _ = await house.guest()
    gemini.script(Reply([[text("The second is ")], Break.HOLD]))
    with house.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        async with house.worker("one") as worker:
            await house.chats.say_as_guest(guest, "hello", "c1")
            heard = await told(bell, "is ")
            await worker.close(0)
        gemini.will_say("The first 🙂 ", "is.")
        async with house.worker("two"):
            heard += await told(bell, "is.")
    assert "".join(delta.text for delta in heard if delta.attempt == 2) == "The first 🙂 is."
    for attempt in (1, 2):
        pieces = [delta for delta in heard if delta.attempt == attempt]
        assert [delta.start for delta in pieces] == [0, *[delta.end for delta in pieces[:-1]]]


async def told(bell: Bell, last: str) -> list[Delta]:
    """Running text until it ends in these words."""
    heard: list[Delta] = []
    async with asyncio.timeout(60):
        while not (heard and heard[-1].text.endswith(last)):
            await bell.wait(60)
            heard += [delta for payload in bell.take() if (delta := unpacked(payload))]
    return heard


@on_each_engine
async def test_the_same_message_sent_twice_is_one(house: House) -> None:
    guest, _ = await house.guest()
    first = await house.chats.say_as_guest(guest, "hello", "c1")
    second = await house.chats.say_as_guest(guest, "hello", "c1")
    assert (second.seq, second.repeated) == (first.seq, True)
    assert len(await house.links.log(guest)) == 1


async def test_messages_are_a_second_apart(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    second = rates.MESSAGES["session:second"]
    assert (second.limit.burst, second.limit.window) == (1, SECOND)
    longer = rates.Rate(second.code, Limit(burst=1, every_microseconds=rates.HOUR))  # however slow the machine is
    monkeypatch.setitem(rates.MESSAGES, "session:second", longer)
    guest, _ = await house.guest()
    await house.chats.say_as_guest(guest, "hello", "c1")
    refusal = await refused(house, guest)
    assert refusal.code == "too_fast" and refusal.retry_after
    assert "one message a second" in str(refusal)
    assert len(await house.links.log(guest)) == 1


async def test_eight_messages_a_minute(house: House) -> None:
    guest, _ = await house.guest()
    key = house.chats._saying._rate_key
    async with house.db.begin() as tables:
        for _ in range(8):
            name = rates.hidden(key, "message:session:minute", guest.session.id)
            await tables.rates.take(name, rates.MESSAGES["session:minute"].limit, 1 << 60)
    refusal = await refused(house, guest)
    assert refusal.code == "per_minute" and "8 messages a minute" in str(refusal)


async def test_three_may_wait_and_a_fourth_is_refused(house: House) -> None:
    guest, _ = await house.guest()
    for number in range(3):
        await house.chats.say_as_guest(guest, "hello", f"c{number}")
        await wait_over(house)
    assert (await refused(house, guest)).code == "queue"


async def test_long_and_empty_messages_are_refused(house: House) -> None:
    guest, _ = await house.guest()
    assert (await refused(house, guest, "x" * 4_001)).code == "too_long"
    assert (await refused(house, guest, "  ")).code == "empty"
    assert await house.chats.say_as_guest(guest, "x" * 4_000, "c1")


@on_each_engine
async def test_thirty_messages_a_session(house: House) -> None:
    guest, _ = await house.guest()
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Session).values(messages=30))
    refusal = await refused(house, guest)
    assert refusal.code == "messages" and "30 messages" in str(refusal)


@on_each_engine
async def test_a_refused_message_costs_nothing(house: House) -> None:
    guest, _ = await house.guest()
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Link).values(tokens_spent=limits.LINK_TOKENS - 10))
        before = list(await tables.session.scalars(sa.select(RateLimit.key).order_by(RateLimit.key)))
    assert (await refused(house, guest)).code == "budget"
    async with house.db.read() as tables:
        session = await tables.sessions.get("T1", guest.session.id)
        after = await tables.session.scalars(sa.select(RateLimit.key).order_by(RateLimit.key))
    assert session and session.messages == 0 and list(after) == before


async def test_a_turn_is_paid_for_by_what_it_took(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    gemini.will_say("Hello.")
    await house.chats.say_as_guest(guest, "hello", "c1")
    async with house.worker():
        await house.face.after()
    async with house.db.read() as tables:
        link = await tables.links.get("T1", guest.link.id)
    assert link and link.tokens_reserved == 0 and 0 < link.tokens_spent < 100


async def test_a_guest_without_tools_is_offered_none(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    gemini.will_say("Hello.")
    async with house.worker():
        await house.chats.say_as_guest(guest, "hello", "c1")
        await house.face.after()
    assert not gemini.asked[0].body.get("tools")
    assert now() < guest.link.expires_at


async def notes(house: House) -> list[str]:
    async with house.db.read() as tables:
        found = await tables.session.scalars(sa.select(Job).where(Job.kind == KIND).order_by(Job.id))
        return [each.payload["what"] for each in found]


async def spend(house: House, gemini: Scripted, guest, tokens: int) -> None:
    """As if the link's guests had spent so much by now, an answer is given."""
    async with house.db.begin() as tables:
        await tables.links.update(guest.workspace, guest.link.id, tokens_spent=tokens)
    await wait_over(house)
    gemini.will_say("Yes.")
    async with house.worker():
        await house.chats.say_as_guest(await house.again(guest), "hello", f"c{tokens}")
        await house.told()


async def test_the_creator_is_told_before_a_links_tokens_are_gone_and_when_they_are(
    house: House, gemini: Scripted
) -> None:
    guest, _ = await house.guest()
    await spend(house, gemini, guest, 1_000)
    assert await notes(house) == []
    await spend(house, gemini, guest, int(0.81 * limits.LINK_TOKENS))
    await spend(house, gemini, guest, int(0.82 * limits.LINK_TOKENS))
    assert await notes(house) == ["nearly_spent"]
    await spend(house, gemini, guest, limits.LINK_TOKENS - limits.TURN_TOKENS)
    assert await notes(house) == ["nearly_spent", "spent"]
    await wait_over(house)
    gone = await refused(house, guest)
    assert gone.code == "budget" and gone.retry_after is None and "does not come back" in str(gone)


@on_each_engine
async def test_tokens_promised_to_other_guests_are_not_told_as_gone(house: House) -> None:
    guest, _ = await house.guest()
    async with house.db.begin() as tables:
        await tables.links.update(guest.workspace, guest.link.id, tokens_reserved=limits.LINK_TOKENS)
    busy = await refused(house, guest)
    assert busy.code == "others" and busy.retry_after == 20 and "Try again in 20 s" in str(busy)
