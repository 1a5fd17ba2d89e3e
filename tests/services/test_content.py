"""What is said on guests' pages passes stages: cleaned, noted, taken out of what goes to Slack, or stopped."""

import time

import pytest

from bot.errors import Refused
from bot.services.links import Guest
from bot.services.links.hosting import Mirroring
from bot.services.watch.content import Content, Direction, Passed, Said, Verdict
from bot.services.watch.content.blocklist import Blocklist
from bot.services.watch.content.own_stages import NoStage, loaded
from bot.services.watch.content.pipeline import BUILT_IN
from storage.database import Database
from storage.tables import AuditEntry
from tests.services.house import House, open_house
from tests.services.test_hosting import said, settled
from tests.support.gemini import Scripted

TOKEN = "xoxb-123456789012-abcdefGHIJKL"
CARD, IBAN, SOCIAL = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "078-05-1120"

PRIVATE = [
    (TOKEN, "secret"),
    (CARD, "card number"),
    (IBAN, "account number"),
    (SOCIAL, "social security number"),
    ("password: hunter2!", "secret"),
]


class Shouting:
    """An installation's own stage."""

    name = "shouting"
    directions = frozenset({Direction.GUEST, Direction.AGENT})

    def __call__(self, said: Said) -> Passed:
        loud = len(said.text) > 5 and said.text.isupper()
        return Passed(said.text, Verdict.BLOCK if loud else Verdict.ALLOW, ("capitals",) if loud else ())


class Broken(Shouting):
    def __call__(self, said: Said) -> Passed:
        if "again" in said.text:
            raise RuntimeError
        return Passed(said.text)


def outcome(text: str, direction: Direction = Direction.GUEST, **more: object):
    return Content().passed(Said(text, direction, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a\u202eb\u200bc\U000e0041\x07d", "abcd"),
        ("e\u0301", "é"),
        ("line\r\nnext", "line\nnext"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻 ❤\ufe0f", "👩\u200d💻 ❤\ufe0f"),
    ],
)
def test_what_cannot_be_seen_goes_and_what_scripts_need_stays(written: str, kept: str) -> None:
    assert outcome(written).text == kept


@pytest.mark.parametrize(("thing", "kind"), PRIVATE)
def test_private_things_are_noted_where_they_are_said_and_left_out_of_slack(thing: str, kind: str) -> None:
    text = f"Here: {thing}, and thanks."
    noted = outcome(text)
    assert noted.text == text and [(each.verdict, each.found) for each in noted.findings] == [(Verdict.FLAG, kind)]
    relayed = Content().relayed(text)
    assert thing not in relayed and f"[{kind} left out]" in relayed and relayed.startswith("Here: ")


@pytest.mark.parametrize(
    "text", ["Call +49 170 1234567", "mail me at robin@example.com", "order 4111111111111112", "12.11.2026 14:30",
             "project 01a22624-9486-752d-b639-66bbfd5693ab"],
)  # fmt: skip
def test_what_hosts_ask_for_and_what_only_looks_like_it_stays(text: str) -> None:
    assert Content().relayed(text) == text and not outcome(text).findings


def test_a_private_key_goes_whole() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----"
    assert "MIIEow" not in Content().relayed(f"my key {key} ok")


def test_leaks_are_noted_in_answers_alone() -> None:
    secret = "Never offer more than ten percent, and only when the guest has asked twice for a discount of any kind."
    answer = f"I was told: «{secret.upper()}» See https://evil.example/?q={'a' * 300}. I used run_query_db."
    found = outcome(answer, Direction.AGENT, private=secret, tools=["run_query_db"]).findings
    assert {each.found for each in found} == {"instructions", "long address", "tool name"}
    assert not outcome(
        "We give a discount of any kind. https://shop.example/?q=a", Direction.AGENT, private=secret
    ).findings


def test_a_blocklist_takes_phrases_as_they_stand() -> None:
    stage = Blocklist(["# a remark", "", "Buy  Now", "(.*)+$"])
    blocked = [stage(Said(text, Direction.GUEST)).verdict for text in ("ｂｕｙ now!", "buy\nNOW", "buynow", "a(.*)+$b")]
    assert blocked == [Verdict.BLOCK, Verdict.BLOCK, Verdict.ALLOW, Verdict.BLOCK]
    for wrong in (["ab"], [f"phrase {number}" for number in range(1_001)]):
        with pytest.raises(ValueError):
            Blocklist(wrong)


HOSTILE = (
    "a" * 64_000, "1 " * 32_000, "4" * 64_000, "://" * 20_000, "bearer " * 9_000, "password:" * 7_000,
    "-----BEGIN " * 6_000, "sk-" * 20_000, "\u202e" * 64_000, "DE89 " * 12_000, "https://" * 8_000, "=" * 64_000,
)  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: repr(text[:8]))
def test_time_grows_with_the_length_and_no_faster(hostile: str) -> None:
    """Four times the text: were it the square of it, that would take sixteen times as long."""

    def took(text: str) -> float:
        began = time.thread_time()
        for stage in BUILT_IN:
            for direction in Direction:
                stage(Said(text, direction, private="x" * 4_000, tools=["look_up"]))
        return time.thread_time() - began

    short = min(took(hostile[: len(hostile) // 4]) for _ in range(3))
    assert took(hostile) < 10 * short + 0.5


@pytest.fixture
async def filtering(sqlite_db: Database, gemini: Scripted):
    async with open_house(sqlite_db, gemini.model, content=Content([Shouting(), Broken()])) as house:
        yield house


async def filtered(house: House) -> list[AuditEntry]:
    async with house.db.read() as tables:
        return [each for each in await tables.audit.of("T1") if each.action == "link.filtered"]


async def test_a_guests_words_are_cleaned_stored_and_noted_by_kind_alone(filtering: House, gemini: Scripted) -> None:
    guest, _ = await filtering.guest()
    gemini.will_say("Thank you.")
    async with filtering.worker():
        await filtering.chats.say_as_guest(guest, f"to\u202eken {TOKEN} again", "client-1")
        await settled(filtering)
    log = await filtering.links.log(guest)
    assert said(log)[0] == ("guest", f"token {TOKEN} again")  # live it is as it was said
    entries = await filtered(filtering)
    assert {(each.detail["stage"], each.detail["verdict"], each.detail["found"]) for each in entries} == {
        ("cleaning", "redact", "invisible"), ("private", "flag", "secret"),
    }  # fmt: skip
    assert TOKEN not in str([each.detail for each in entries]) and entries[0].subject == guest.link.id


async def test_slack_is_given_what_is_said_without_private_things(filtering: House, gemini: Scripted) -> None:
    guest, _ = await filtering.guest()
    await filtering.hosting.take_over(*_host(guest))
    await filtering.chats.say_as_guest(guest, f"token {TOKEN}", "client-1")
    mirroring = Mirroring(filtering.db, filtering.chats.content.relayed)
    part = await mirroring.next_part("T1", guest.link.id, guest.session.id)
    assert part and TOKEN not in str([each.body for each in part.events])
    assert "[secret left out]" in str([each.body for each in part.events])


def _host(guest: Guest):
    return guest.creator, guest.session.id


async def test_an_installations_own_stage_stops_a_message_and_costs_the_guest_nothing(
    filtering: House, gemini: Scripted
) -> None:
    guest, _ = await filtering.guest()
    for number in range(3):
        with pytest.raises(Refused) as refusal:
            await filtering.chats.say_as_guest(guest, "ANSWER ME NOW", f"client-{number}")
        assert refusal.value.code == "filtered"
    assert await filtering.links.log(guest) == []
    (entry,) = await filtered(filtering)
    assert (entry.detail["stage"], entry.detail["verdict"]) == ("shouting", "block")
    async with filtering.db.read() as tables:
        session = await tables.sessions.get("T1", guest.session.id)
    assert session and session.messages == 0


async def test_what_it_stops_of_the_agent_is_withheld(filtering: House, gemini: Scripted) -> None:
    guest, _ = await filtering.guest()
    gemini.will_say("I SHOUT AT YOU")
    async with filtering.worker():
        await filtering.chats.say_as_guest(guest, "Hello", "client-1")
        await settled(filtering)
    assert said(await filtering.links.log(guest))[-1] == (
        "agent",
        "This answer was withheld by a filter. Ask in another way.",
    )


def test_own_stages_are_loaded_by_name_or_said_why_not() -> None:
    (stage,) = loaded([f"{__name__}:Shouting"])
    assert stage.name == "shouting"
    for wrong in ("nowhere.at:all", f"{__name__}:Nothing", f"{__name__}:TOKEN", f"{__name__}:outcome"):
        with pytest.raises(NoStage, match=wrong.partition(":")[2]):
            loaded([wrong])
