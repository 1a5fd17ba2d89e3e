"""A link is handed out once, used by as many guests as it says, and dead for everybody at the same moment."""

import asyncio
import secrets
from datetime import timedelta
from typing import Literal

import pytest
import sqlalchemy as sa

from bot.errors import FormError, Refused, UserError
from bot.services.links import Draft, Guest, Links, Started, host_notes
from bot.services.links.admission.values import Caller
from playground.gemini import Failure
from storage.database import Database
from storage.schema import now
from storage.tables import Conversation, Job, Link, RateLimit, Session
from tests.services.house import MASTER, OTHER, OWNER, House, allow
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

KEY = "k" * 22
CALLER = Caller("198.51.100.7")


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


async def jobs(db: Database, kind: str) -> list[dict]:
    async with db.read() as tables:
        rows = await tables.session.scalars(sa.select(Job).where(Job.kind == kind))
        return [job.payload for job in rows]


@on_each_engine
async def test_two_hundred_starts_at_once_give_one_session(house: House) -> None:
    token = token_of((await house.links.create(OWNER, Draft("Survey"))).url)
    starts = [house.links.start(token, secrets.token_urlsafe(16), "Visitor", True) for _ in range(200)]
    outcomes = await asyncio.gather(*starts)
    assert sum(isinstance(each, Started) for each in outcomes) == 1
    link = (await house.links.of(OWNER))[0]
    assert link.used_sessions == 1
    assert len(await jobs(house.db, "guest_started")) == 1


@on_each_engine
async def test_the_same_press_gives_the_same_session_and_the_same_secret(house: House) -> None:
    token = token_of((await house.links.create(OWNER, Draft("Survey"))).url)
    presses = await asyncio.gather(*(house.links.start(token, KEY, "Visitor", True) for _ in range(20)))
    assert len({each.secret for each in presses if each}) == 1
    assert len({each.session.id for each in presses if each}) == 1
    again = await house.links.start(token, KEY, "Visitor", True)
    assert again and again.session.id == presses[0].session.id
    other = Links(house.db, house.bus, base_url="https://x", master_key=b"n" * 32)
    assert await other.start(token, KEY, "Visitor", True) is None  # the link is full, and the old secret is not known


async def test_unknown_expired_revoked_full_and_malformed_are_one_answer(house: House) -> None:
    full = token_of((await house.links.create(OWNER, Draft("Full"))).url)
    assert await house.links.start(full, KEY, "Visitor", True)
    revoked = await house.links.create(OWNER, Draft("Revoked"))
    await house.links.revoke(OWNER, revoked.link.id)
    expired = await house.links.create(OWNER, Draft("Expired"))
    async with house.db.begin() as tables:
        past = sa.update(Link).where(Link.id == expired.link.id).values(expires_at=now() - timedelta(seconds=1))
        await tables.session.execute(past)
    unknown = token_of(expired.url)[:-6] + "000000"
    tokens = [full, token_of(revoked.url), token_of(expired.url), unknown, "junk", ""]
    assert [await house.links.start(each, "other-" + KEY, "Visitor", True) for each in tokens] == [None] * 6
    assert [await house.links.look(each) for each in tokens[1:]] == [None] * 5
    assert await house.links.start(full, "short", "Visitor", True) is None


async def test_looking_and_starting_without_consent_use_up_nothing(house: House) -> None:
    token = token_of((await house.links.create(OWNER, Draft("Survey"))).url)
    for _ in range(3):
        assert await house.links.look(token)
    with pytest.raises(UserError, match="tick the box"):
        await house.links.start(token, KEY, "Visitor", False)
    assert (await house.links.of(OWNER))[0].used_sessions == 0


@on_each_engine
async def test_starts_from_one_network_are_limited_and_its_address_is_not_stored(house: House) -> None:
    token, other = [
        token_of((await house.links.create(OWNER, Draft(title, max_sessions=10))).url) for title in ("Survey", "Other")
    ]
    for number in range(10):
        assert await house.links.start(token, f"{KEY}{number}", "Visitor", True, caller=Caller("198.51.100.7"))
    with pytest.raises(Refused, match="10 new chats an hour") as refused:
        await house.links.start(other, f"{KEY}-more", "Visitor", True, caller=Caller("198.51.100.7"))
    assert refused.value.code == "starts" and refused.value.retry_after
    assert await house.links.start(
        token, f"{KEY}0", "Visitor", True, caller=Caller("198.51.100.7")
    )  # known already: no new chat
    async with house.db.read() as tables:
        stored = list(await tables.session.scalars(sa.text("SELECT key FROM rate_limits")))
    assert stored and not any("198" in key and "." in key for key in stored)


async def test_what_a_link_may_be_is_checked_field_by_field(house: House) -> None:
    with pytest.raises(FormError) as wrong:
        await house.links.create(OWNER, Draft(" ", hours=721, max_sessions=101))
    assert set(wrong.value.errors) == {"title", "hours", "max_sessions"}
    with pytest.raises(FormError) as wrong:
        await house.links.create(OWNER, Draft("Survey", tools=(("c", "t"),)))
    assert set(wrong.value.errors) == {"tools"}


async def test_a_link_can_be_made_only_where_guests_can_reach_it(house: House) -> None:
    links = Links(house.db, house.bus, base_url=None, master_key=MASTER)
    with pytest.raises(UserError, match="An administrator can change that"):
        await links.create(OWNER, Draft("Survey"))


async def test_links_are_found_by_name_and_belong_to_their_creator(house: House) -> None:
    link = (await house.links.create(OWNER, Draft("Survey"))).link
    assert (await house.links.find(OWNER, " survey")).id == link.id
    with pytest.raises(UserError, match="Did you mean “Survey”"):
        await house.links.find(OWNER, "Suvey")
    with pytest.raises(UserError, match="no link"):
        await house.links.find(OTHER, "Survey")
    with pytest.raises(UserError, match="not there"):
        await house.links.revoke(OTHER, link.id)
    await house.links.create(OWNER, Draft("Survey"))
    with pytest.raises(UserError, match="2 of your links"):
        await house.links.find(OWNER, "Survey")


async def test_revoking_ends_the_chats_and_tells_the_creator(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    gemini.will_say("Hello Visitor.")
    async with house.worker():
        await house.chats.say_as_guest(guest, "hello", "c1")
        await house.face.after()
        with house.bus.follow(f"conversation:{guest.conversation_id}") as bell:
            await house.links.revoke(OWNER, guest.link.id)
            assert await bell.wait(60)
    log = await house.links.log(guest)
    assert log[-1].kind == "end" and log[-1].body["reason"] == "revoked"
    told = (await jobs(house.db, "guest_ended"))[0]
    assert told["reason"] == "revoked" and told["creator"] == OWNER.id
    assert "hello" not in str(told)  # what was said is read when it is told
    transcript = await house.links.outcomes.transcript(guest)
    assert "Visitor: hello" in transcript and "AI assistant: Hello Visitor." in transcript
    with pytest.raises(Refused) as refused:
        await house.chats.say_as_guest(guest, "still there?", "c2")
    assert refused.value.code == "ended"


async def test_revoking_stops_the_running_answer_and_nothing_follows_the_end(house: House, gemini: Scripted) -> None:
    from tests.services.test_turns import HELD, asked

    guest, _ = await house.guest()
    gemini.script(HELD)
    async with house.worker():
        await house.chats.say_as_guest(guest, "hello", "c1")
        await asked(gemini)
        await house.links.revoke(OWNER, guest.link.id)
        async with asyncio.timeout(60):
            while (await house.turns())[0].status != "stopped":
                await asyncio.sleep(0.01)
    assert (await house.links.log(guest))[-1].kind == "end"
    async with house.db.read() as tables:
        link = await tables.links.get("T1", guest.link.id)
    assert link and link.tokens_reserved == 0


async def test_a_guest_may_end_the_chat_and_is_told_why_it_is_over(house: House) -> None:
    guest, _ = await house.guest()
    assert await house.links.end(guest) and not await house.links.end(guest)
    # The cookie's holder still learns the reason.
    async with house.db.read() as tables:
        session = await tables.sessions.get("T1", guest.session.id)
    assert session and session.end_reason == "guest"


async def silent_for(house: House, minutes: float) -> None:
    """As if so much time had passed since anything happened."""
    async with house.db.begin() as tables:
        await tables.session.execute(sa.delete(RateLimit))
        for table, column in ((Session, Session.last_at), (Conversation, Conversation.last_at)):
            for each in await tables.session.scalars(sa.select(table)):
                earlier = {column.key: getattr(each, column.key) - timedelta(minutes=minutes)}
                await tables.session.execute(sa.update(table).where(table.id == each.id).values(**earlier))


async def one_word(house: House, gemini: Scripted, turns: int = 1, **draft) -> Guest:
    guest, _ = await house.guest(**draft)
    gemini.will_say("Hello.")
    async with house.worker():
        await house.chats.say_as_guest(guest, "hello", "c1")
        await house.face.after(turns)
    return guest


async def test_half_an_hour_of_silence_lets_a_chat_rest_and_a_word_goes_on_with_it(
    house: House, gemini: Scripted
) -> None:
    guest = await one_word(house, gemini)
    await silent_for(house, 29)
    assert await house.links.sweep() == 0
    before = len(await house.links.log(guest))
    await silent_for(house, 2)
    for _ in range(3):  # said once
        assert await house.links.sweep() == 0
    log = await house.links.log(guest)
    assert [each.body["state"] for each in log[before:]] == ["paused"]
    await silent_for(house, 6 * 24 * 60)
    assert await house.links.sweep() == 0
    gemini.will_say("There you are.")
    async with house.worker():
        await house.chats.say_as_guest(guest, "I am back", "c2")
        await house.face.after(2)
    await silent_for(house, 31)
    await house.links.sweep()
    said = [each.body.get("text") for each in (await house.links.log(guest))[before:] if each.kind == "message"]
    assert said == ["I am back", "There you are."]
    assert (await house.links.log(guest))[-1].body["state"] == "paused"


@pytest.mark.parametrize("minutes", [10, 30, 120])
@on_each_engine
async def test_a_link_may_end_chats_after_its_own_silence_and_after_that_alone(
    house: House, gemini: Scripted, minutes: int
) -> None:
    other = await one_word(house, gemini)
    guest = await one_word(house, gemini, 2, idle_minutes=minutes)
    for passed in range(5, minutes, 5):
        await silent_for(house, 5)
        assert await house.links.sweep() == 0, passed
    await silent_for(house, 6)
    assert await house.links.sweep() == 1
    assert (await house.links.log(guest))[-1].body["reason"] == "idle"
    assert (await house.links.log(other))[-1].kind != "end"


@on_each_engine
async def test_a_hosts_word_wakes_a_chat_as_a_guests_does(house: House, gemini: Scripted) -> None:
    guest = await one_word(house, gemini, idle_minutes=60)
    await silent_for(house, 31)
    await house.links.sweep()
    async with house.worker():
        await house.hosting.say(OWNER, guest.session.id, "Are you there?", "slack:1")
        await house.face.after(2)
    await silent_for(house, 31)
    assert await house.links.sweep() == 0
    assert (await house.links.log(guest))[-1].body.get("state") == "paused"
    await silent_for(house, 31)
    assert await house.links.sweep() == 1


async def test_an_unused_chat_gives_its_place_back(house: House) -> None:
    unused, token = await house.guest(title="Unused")
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Session).values(started_at=now() - timedelta(minutes=11)))
    assert await house.links.sweep() == 1
    assert (await house.links.log(unused))[-1].body["reason"] == "unused"
    again = await house.links.start(token, f"{KEY}-again", "Bob", True)
    assert again and again.link.title == "Unused"
    assert await house.links.sweep() == 0


async def test_an_expired_link_closes_its_chats(house: House) -> None:
    guest, token = await house.guest()
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Link).values(expires_at=now() - timedelta(seconds=1)))
    assert await house.links.sweep() == 1
    assert (await house.links.log(guest))[-1].body["reason"] == "expired"
    assert await house.links.look(token) is None
    assert await house.links.sweep() == 0


async def test_what_a_tool_says_of_itself_lets_it_run_no_guests_call_without_its_creator(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    connected = await house.connect(workshop.url)
    offered = await house.links.candidates(OWNER)
    assert [(each.name, each.free) for each in offered] == [("look", False), ("build", False)]
    await allow(house, connected, "build", "off")
    with pytest.raises(FormError):
        await house.links.create(OWNER, Draft("Survey", tools=((connected.connection.id, "build"),)))
    guest, _ = await house.guest(tools=((connected.connection.id, "look"),))
    gemini.will_call(("shop__look", {}))
    async with house.worker():
        await house.chats.say_as_guest(guest, "what is there?", "c1")
        shown = await house.face.after()
        assert shown.states[-1] == "waiting"
        approval_id = shown.bodies("approval")[0]["id"]
        gemini.will_say("Nothing.")
        await house.chats.decide(OWNER, approval_id, "approve")
        await house.face.after(2)
    assert workshop.looks == 1
    assert (await house.links.log(guest))[-2].body["text"] == "Nothing."


@pytest.mark.parametrize("verdict", ["approve", "deny"])
async def test_a_tool_that_changes_something_waits_for_the_creator_though_it_runs_freely_for_them(
    house: House, gemini: Scripted, workshop: Workshop, verdict: Literal["approve", "deny"]
) -> None:
    connected = await house.connect(workshop.url)
    await allow(house, connected, "build", "always")
    guest, _ = await house.guest(tools=((connected.connection.id, "build"),))
    gemini.will_call(("shop__build", {"thing": "shed"}))
    gemini.will_say("Well.")
    async with house.worker():
        await house.chats.say_as_guest(guest, "build a shed", "c1")
        shown = await house.face.after()
        assert shown.states[-1] == "waiting" and workshop.built == []
        await house.chats.decide(OWNER, shown.bodies("approval")[0]["id"], verdict)
        await house.face.after(2)
    assert workshop.built == (["shed"] if verdict == "approve" else [])


async def test_secrets_are_in_no_repr(house: House) -> None:
    created = await house.links.create(OWNER, Draft("Survey"))
    started = await house.links.start(token_of(created.url), KEY, "Visitor", True)
    assert started
    assert token_of(created.url) not in repr(created)
    assert started.secret not in repr(started)


@on_each_engine
async def test_revoking_among_busy_guests_neither_waits_for_them_nor_loses_count(house: House) -> None:
    token = token_of((await house.links.create(OWNER, Draft("Busy", max_sessions=12))).url)
    started = [await house.links.start(token, f"{KEY}{number}", "Visitor", True) for number in range(12)]
    guests = [await house.links.guest(each.link.id, each.secret) for each in started if each]
    acts = [house.chats.say_as_guest(guest, "hello", f"c{turn}") for guest in guests for turn in range(2)]
    acts[12:12] = [house.links.end(guests[0]), house.links.revoke(OWNER, guests[0].link.id), house.links.sweep()]
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    assert not [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, Refused)]
    assert await house.links.sweep() == 0
    async with house.worker():
        await house.told()
    async with house.db.read() as tables:
        link = await tables.links.get("T1", guests[0].link.id)
    assert link and link.tokens_reserved == 0
    for guest in guests:
        assert [event.kind for event in await house.links.log(guest)].count("end") == 1
        assert (await house.links.log(guest))[-1].kind == "end"


@on_each_engine
async def test_a_chat_whose_host_decides_late_goes_on(house: House, gemini: Scripted, workshop: Workshop) -> None:
    """The guest waited for the host and not the other way round: the decision is news, however old the question."""
    connected = await house.connect(workshop.url)
    guest, _ = await house.guest(tools=((connected.connection.id, "look"),))
    gemini.will_call(("shop__look", {}))
    async with house.worker():
        await house.chats.say_as_guest(guest, "what is there?", "c1")
        shown = await house.face.after()
        await house.told()
    async with house.db.begin() as tables:
        ago = now() - timedelta(minutes=31)
        await tables.session.execute(sa.update(Session).values(last_at=ago, started_at=ago))
        await tables.session.execute(sa.update(Conversation).values(last_at=ago))
    assert await house.links.sweep() == 0
    await house.chats.decide(OWNER, shown.bodies("approval")[0]["id"], "approve")
    assert await house.links.sweep() == 0
    gemini.will_say("Nothing.")
    async with house.worker():
        assert (await house.face.after(2)).bodies("message")[-1]["text"] == "Nothing."


@on_each_engine
async def test_a_chat_found_idle_goes_on_when_its_guest_speaks_just_then(house: House) -> None:
    guest, _ = await house.guest()
    await house.chats.say_as_guest(guest, "hello", "c1")
    async with house.db.begin() as tables:
        assert await tables.sessions.restless(now() + timedelta(seconds=1))
        assert not await tables.sessions.end_idle("T1", guest.session.id, now() - timedelta(minutes=30), now())


async def test_a_guest_is_not_told_to_do_what_only_a_member_can(house: House, gemini: Scripted) -> None:
    """There is no new conversation for a guest to start, and no API in what they read."""
    guest, _ = await house.guest()
    gemini.script(*[Failure(400, "INVALID_ARGUMENT", "The request is too large.")] * 4)
    async with house.worker():
        await house.chats.say_as_guest(guest, "hello", "c1")
        shown = await house.face.after()
    assert shown.states[-1] == "failed"
    assert shown.bodies("status")[-1]["code"] == host_notes.NO_FURTHER
