"""A host changes or takes back what they wrote to a guest: everybody reads it as it is now, whenever that was."""

import asyncio
import json
import re
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from bot.errors import UserError
from bot.services.links import Guest
from bot.services.links.hosting.rewording import Rewritten
from storage.tables import Event, Message
from tests.services.house import OTHER, OWNER, House
from tests.services.test_hosting import said, say, settled
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

FIRST = "slack:D1:1.0"


async def spoken(house: House, words: str = "It ships by balloon.", source: str = FIRST) -> Guest:
    guest, _ = await house.guest()
    await house.hosting.say(OWNER, guest.session.id, words, source)
    return guest


async def reword(house: House, guest: Guest, text: str, source: str = FIRST, whispered: bool | None = False) -> bool:
    return await house.hosting.reword(OWNER, guest, Rewritten(source, text, whispered if text else None))


async def stored(house: House) -> str:
    """All that is kept of what anybody said, as text."""
    async with house.db.read() as tables:
        events: Sequence[Event] = list(await tables.session.scalars(sa.select(Event)))
        messages: Sequence[Message] = list(await tables.session.scalars(sa.select(Message)))
    return json.dumps([*(each.body for each in events), *(each.content for each in messages)])


async def test_a_guest_reads_the_new_words_and_that_they_are(house: House) -> None:
    guest = await spoken(house)
    async with house.worker():
        await settled(house)
        assert await reword(house, guest, "It ships by balloon, I think.")
        assert await reword(house, guest, "It ships by boat.")
    log = await house.links.log(guest)
    assert said(log) == [("host", "It ships by boat.")] and log[-1].kind == "changed"
    assert log[-1].body["text"] == "It ships by boat." and log[-1].body["changed"] == "edited"
    told = await house.links.outcomes.transcript(guest)
    assert "Anna: It ships by boat. (edited)" in told and "balloon" not in await stored(house)
    whole = json.loads(await house.links.outcomes.transcript(guest, "json"))
    assert whole["messages"][0]["edited"] is True


async def test_what_was_taken_back_is_kept_nowhere(house: House) -> None:
    guest = await spoken(house, "The password is hunter2.")
    async with house.worker():
        await settled(house)
        for _ in range(2):  # Slack brings it twice
            assert await reword(house, guest, "")
    log = await house.links.log(guest)
    assert [each.kind for each in log].count("changed") == 1 and said(log) == [("host", "")]
    for form in ("text", "markdown"):
        assert "This message was taken back." in await house.links.outcomes.transcript(guest, form)
    assert "hunter2" not in await stored(house)


async def test_before_it_is_said_it_is_just_other_words(house: House) -> None:
    guest = await spoken(house)
    await house.hosting.say(OWNER, guest.session.id, "Never mind.", "slack:D1:2.0")
    assert await reword(house, guest, "It ships by boat.") and await reword(house, guest, "", "slack:D1:2.0")
    async with house.worker():
        await settled(house)
    log = await house.links.log(guest)
    assert said(log) == [("host", "It ships by boat.")]
    assert [each.kind for each in log] == ["host", "message"] and "changed" not in log[-1].body


@pytest.mark.parametrize("words", ["It ships by boat.", ""])
@on_each_engine
async def test_whenever_it_comes_the_last_words_are_those_that_stay(house: House, words: str) -> None:
    guests = [(await house.guest())[0] for _ in range(8)]
    async with house.worker():

        async def one(number: int, guest: Guest) -> None:
            source = f"slack:D1:{number}.0"
            await house.hosting.say(OWNER, guest.session.id, "It ships by balloon.", source)
            for _ in range(number):  # sooner and later: while it waits, while it is being said, afterwards
                await asyncio.sleep(0)
            assert await reword(house, guest, words, source)

        await asyncio.gather(*(one(number, guest) for number, guest in enumerate(guests)))
        await settled(house)
    for guest in guests:
        assert [text for _, text in said(await house.links.log(guest)) if text] == ([words] if words else [])
    assert "balloon" not in await stored(house)


@pytest.mark.parametrize(
    ("words", "reads"), [("It ships by boat.", "> It ships by boat."), ("", "took back what they had said here.")]
)
@pytest.mark.parametrize("known", [True, False], ids=["already", "not yet"])
async def test_the_agent_knows_the_words_as_they_are_now(
    house: House, gemini: Scripted, words: str, reads: str, known: bool
) -> None:
    guest = await spoken(house)
    async with house.worker():
        await settled(house)
        gemini.will_say("Yes.")
        if not known:
            await reword(house, guest, words)
        await say(house, guest, "Really?")
        await house.hosting.hand_back(OWNER, guest.session.id)
        await settled(house)
        if known:
            await reword(house, guest, words)
            gemini.will_say("As I said.")
            await say(house, guest, "So?", 2)
            await settled(house)
    told = str(gemini.heard(1 if known else 0))
    assert reads in told and "balloon" not in told


@pytest.mark.parametrize(("which", "reads"), [(1, ["No.", "Yes."]), (2, ["Yes.", "No."])])
@pytest.mark.parametrize("known", [True, False], ids=["already", "not yet"])
@on_each_engine
async def test_of_the_same_words_said_twice_only_those_that_were_changed_are(
    house: House, gemini: Scripted, which: int, reads: list[str], known: bool
) -> None:
    guest = await spoken(house, "Yes.", "slack:D1:1.0")
    async with house.worker():
        await settled(house)
        for number, question in ((1, "Really?"), (2, "Sure?")):
            if number == 2:
                await house.hosting.say(OWNER, guest.session.id, "Yes.", "slack:D1:2.0")
                await settled(house)
                if not known:
                    await reword(house, guest, "No.", f"slack:D1:{which}.0")
            gemini.will_say("I see.")
            await say(house, guest, question, number)
            await house.hosting.hand_back(OWNER, guest.session.id)
            await settled(house)
        if known:
            await reword(house, guest, "No.", f"slack:D1:{which}.0")
        gemini.will_say("As I said.")
        await say(house, guest, "So?", 3)
        await settled(house)
    told = str(gemini.heard())
    assert re.findall(r"> (Yes\.|No\.)", told) == reads


async def test_after_the_end_it_is_changed_for_whoever_reads_it_later(house: House) -> None:
    guest = await spoken(house)
    async with house.worker():
        await settled(house)
        await house.hosting.end(OWNER, guest.session.id)
        for current in (guest, await house.again(guest)):  # also when it has just ended
            assert await reword(house, current, "")
    log = await house.links.log(guest)
    assert log[-1].kind == "end" and "balloon" not in str([each.body for each in log])


@on_each_engine
async def test_a_whisper_that_waits_is_changed_or_forgotten(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    for number, words in enumerate(("be brief", "be rude"), 1):
        await house.hosting.whisper(OWNER, guest.session.id, words, f"slack:D1:{number}.0")
    assert await reword(house, guest, "be kind", whispered=True) and await reword(house, guest, "", "slack:D1:2.0")
    gemini.will_say("With pleasure.")
    async with house.worker():
        await settled(house)
    assert "be kind" in str(gemini.heard(0)) and "be brief" not in str(gemini.heard(0)) and len(gemini.asked) == 1
    with pytest.raises(UserError, match="acted on"):
        await reword(house, guest, "be quick", whispered=True)


async def test_a_whisper_kept_for_later_is_changed_until_the_agent_has_read_it(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    async with house.worker():
        await house.hosting.take_over(OWNER, guest.session.id)
        await house.hosting.whisper(OWNER, guest.session.id, "be brief", FIRST)
        await house.hosting.whisper(OWNER, guest.session.id, "be rude", "slack:D1:2.0")
        assert await reword(house, guest, "be kind", whispered=True) and await reword(house, guest, "", "slack:D1:2.0")
        gemini.will_say("With pleasure.")
        await say(house, guest, "Hello?")
        await house.hosting.hand_back(OWNER, guest.session.id)
        await settled(house)
    told = str(gemini.heard(0))
    assert "be kind" in told and "be brief" not in told and "be rude" not in told
    assert told.count("tells you alone") == 1
    with pytest.raises(UserError, match="acted on"):
        await reword(house, guest, "be quick", whispered=True)


async def test_an_edit_never_turns_a_whisper_into_words_to_the_guest_nor_back(house: House) -> None:
    guest = await spoken(house)
    async with house.worker():
        await settled(house)
        await house.hosting.whisper(OWNER, guest.session.id, "be brief", "slack:D1:2.0")
        with pytest.raises(UserError, match="Delete it to take it back"):
            await reword(house, guest, "be rude", whispered=True)
        with pytest.raises(UserError, match="does not send it"):
            await reword(house, guest, "be brief", "slack:D1:2.0")
        with pytest.raises(UserError, match="4,000"):
            await reword(house, guest, "x" * 4_001)
    assert said(await house.links.log(guest)) == [("host", "It ships by balloon.")]


async def test_only_the_hosts_own_messages_of_this_very_chat_are_changed(house: House) -> None:
    guest = await spoken(house)
    other = await spoken(house, "Hello.", "slack:D1:9.0")
    async with house.worker():
        await settled(house)
        await say(house, guest, "Hi")
        assert not await house.hosting.reword(OTHER, guest, Rewritten(FIRST, "mine", False))
        for source in ("slack:D1:9.0", "slack:D1:none", f"guest:{guest.session.id}:client-1"):
            assert not await reword(house, guest, "mine", source)
    assert "mine" not in await stored(house)
    assert said(await house.links.log(other)) == [("host", "Hello.")]
