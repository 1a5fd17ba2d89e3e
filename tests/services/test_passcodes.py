"""A link with a passcode: made or typed, forgotten at once, guessed slowly, and never kept where it can be read."""

import asyncio
import hashlib

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services.links import Draft
from bot.services.links.admission import guessing, passcodes
from bot.services.links.admission.passcodes import Passcodes
from bot.services.links.admission.values import Caller, Denied
from bot.services.links.host_notes import KIND
from storage.tables import AuditEntry, Job, Link, LinkDraft, Session
from tests.services.house import OWNER, House
from tests.support.engines import on_each_engine
from tests.support.spared import SCRYPT

PASSCODE = Draft("Support", access="passcode")


async def start(house: House, url: str, key: str, passcode: str = "", ip: str = ""):
    return await house.links.start(url.rsplit("/", 1)[1], key * 22, "Robin", True, caller=Caller(ip, passcode))


async def rows(house: House, table: type) -> list:
    async with house.db.read() as tables:
        return list(await tables.session.scalars(sa.select(table)))


async def test_only_who_knows_the_passcode_starts(house: House) -> None:
    made = await house.links.create(OWNER, PASSCODE)
    assert len(made.passcode.split("-")) == 4
    for wrong in ("", " ", "acorn-actor-album-amber", made.passcode + "x", "x" * 10_000):
        with pytest.raises(Denied):
            await start(house, made.url, "a", wrong)
    assert await rows(house, Session) == []
    assert await start(house, made.url, "a", made.passcode)


@pytest.mark.parametrize("written", ["Blue  Lamp\u2014ÄPFEL", "  blue-lamp-äpfel ", "BLUE_LAMP_A\u0308PFEL"])
async def test_however_a_phone_writes_it_it_is_the_same(house: House, written: str) -> None:
    made = await house.links.create(OWNER, Draft("Support", access="passcode", passcode="blue lamp äpfel"))
    assert made.passcode == ""  # its creator knows it
    assert await start(house, made.url, "a", written)


async def test_the_same_press_again_needs_no_passcode_and_uses_up_nothing(house: House) -> None:
    made = await house.links.create(OWNER, PASSCODE)
    first = await start(house, made.url, "a", made.passcode)
    again = await start(house, made.url, "a")
    assert first and again and first.secret == again.secret
    assert (await rows(house, Link))[0].used_sessions == 1


@on_each_engine
async def test_guesses_at_once_pass_as_few_as_guesses_in_a_row(house: House) -> None:
    made = await house.links.create(OWNER, PASSCODE)
    guesses = [start(house, made.url, "a", f"guess-{number}", "198.51.100.7") for number in range(20)]
    told = await asyncio.gather(*guesses, return_exceptions=True)
    assert [type(each) for each in told].count(Denied) == guessing.FROM_ONE.burst
    refused = next(each for each in told if type(each) is Refused)
    assert refused.code == "passcode" and refused.retry_after and "10 times an hour" in str(refused)
    with pytest.raises(Refused):  # the right one too, or the last of the guesses would be a free one
        await start(house, made.url, "b", made.passcode, "198.51.100.7")
    assert await start(house, made.url, "b", made.passcode, "203.0.113.9")


@on_each_engine
async def test_many_networks_together_are_slowed_down_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await house.links.create(OWNER, PASSCODE)
    other = await house.links.create(OWNER, PASSCODE)
    monkeypatch.setattr(guessing, "OF_LINK", guessing.FROM_ONE)
    for number in range(guessing.FROM_ONE.burst):
        with pytest.raises(Denied):
            await start(house, made.url, "a", "wrong-one", f"198.51.100.{number}")
    with pytest.raises(Refused):
        await start(house, made.url, "a", made.passcode, "203.0.113.9")
    assert await start(house, other.url, "b", other.passcode, "203.0.113.9")


async def test_a_whole_office_that_knows_it_is_not_locked_out(house: House) -> None:
    made = await house.links.create(OWNER, Draft("Support", access="passcode", max_sessions=20))
    for key in "abcdefgh":
        assert await start(house, made.url, key, made.passcode, "198.51.100.7")


@on_each_engine
async def test_wrong_ones_are_audited_and_its_creator_is_told_of_many_once(house: House) -> None:
    made = await house.links.create(OWNER, PASSCODE)
    for number in range(guessing.ODD.burst + 3):
        with pytest.raises(Denied):
            await start(house, made.url, "a", "wrong-one", f"198.51.100.{number}")
        told = [job for job in await rows(house, Job) if job.kind == KIND]
        assert len(told) == (number >= guessing.ODD.burst)
    failed = [each for each in await rows(house, AuditEntry) if each.action == "link.passcode_failed"]
    assert {each.subject for each in failed} == {made.link.id} and len(failed) == guessing.ODD.burst + 3
    assert "wrong-one" not in str([vars(each) for each in failed])


async def test_a_new_address_has_a_new_passcode(house: House) -> None:
    made = await house.links.create(OWNER, PASSCODE)
    anew = await house.links.rotate(OWNER, made.link.id)
    assert anew.passcode and anew.passcode != made.passcode
    with pytest.raises(Denied):
        await start(house, anew.url, "a", made.passcode)
    assert await start(house, anew.url, "a", anew.passcode)


@on_each_engine
async def test_what_was_looked_at_is_made_with_the_same_passcode_however_often_it_is_pressed(house: House) -> None:
    prepared = await house.links.prepare(OWNER, PASSCODE)
    made = [await house.links.create_prepared(OWNER, prepared.draft_id) for _ in range(2)]
    assert made[0].passcode == made[1].passcode and made[1].repeated
    assert await start(house, made[0].url, "a", made[1].passcode)


async def test_a_passcode_stands_nowhere_and_in_no_repr(house: House) -> None:
    draft = Draft("Support", access="passcode", passcode="my own words")
    assert "my own words" not in repr(draft)
    prepared = await house.links.prepare(OWNER, draft)
    own = await house.links.create_prepared(OWNER, prepared.draft_id)
    made = await house.links.create(OWNER, PASSCODE)
    assert made.passcode not in repr(made)
    for table in (Link, LinkDraft, AuditEntry, Job):
        kept = str([vars(each) for each in await rows(house, table)])
        assert "my own words" not in kept and "my-own-words" not in kept and made.passcode not in kept
    assert await start(house, own.url, "a", "My own words")


async def test_a_stolen_hash_takes_a_guesser_memory_and_time_for_each_link_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two links with one passcode have nothing in common. Other tests hash lightly."""
    monkeypatch.setattr(hashlib, "scrypt", SCRYPT)
    one, other = [await Passcodes().at_rest("open sesame") for _ in range(2)]
    made = SCRYPT(b"open-sesame", salt=one[:16], n=2**15, r=8, p=1, maxmem=2**26, dklen=32)
    assert one == one[:16] + made and one[:16] != other[:16] and one[16:] != other[16:]


def test_four_words_of_two_hundred_and_fifty_six() -> None:
    assert len(set(passcodes.WORDS)) == 256
    assert passcodes.made(bytes([0, 255, 1, 2])) == "acorn-zebra-actor-album"
    assert len({passcodes.made() for _ in range(50)}) > 48
