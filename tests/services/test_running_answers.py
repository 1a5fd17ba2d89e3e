"""An answer passes the content stages before a guest reads a word of it, wherever a stream may cut it."""

import json
import re
import unicodedata

import pytest

from bot.services.chats import Delta
from bot.services.chats.partial_text import PartialText
from bot.services.watch.content import Content, Direction, Passed, Said, Verdict
from bot.services.watch.content.blocklist import Blocklist
from bot.services.watch.content.canary import canary_of
from bot.services.watch.content.secret_shapes import BEGINNINGS, known_spans
from playground.gemini import Break, Reply, text
from storage.bus.topics import LocalBus
from storage.database import Database
from storage.tables import Turn
from tests.services.house import House, open_house
from tests.services.test_hosting import said, settled
from tests.support.gemini import Scripted

CANARY = "note-0123456789abcdef"
PHRASE = "buy now and here"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow abc\nxyz-----END RSA PRIVATE KEY-----"
BEFORE, AFTER = "Kind regards, this is sk and ok: ", ", which ends. 終わり and more words"

STOPPED = [CANARY, PHRASE, "BUY  \n\t  now AND here", "ｂｕｙ now and\u00a0here"]
TAKEN_OUT = [
    "xoxb-123456789012-abcdefGHIJKL", "ghp_abcdefghij0123456789", "github_pat_11ABCDEFG0123456789",
    "AKIAABCDEFGHIJKLMNOP", "sk-ant-api03-abcdefghijklmnop", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0",
    "sk_live_abcdefghij", "ghp_abc\u200bdefghij0123456789", "`glpat-abc.def-ghijkl`", KEY,
    "-----BEGIN PRIVATE KEY-----\nMIIEow\n", "x_ghp_abcdefghij01234567890123456789", "7AKIAABCDEFGHIJKLMNOP",
]  # fmt: skip
HARMLESS = [
    "A plain answer, with **Markdown**, a ```code``` and https://example.com/a?b=c.",
    "xox, ghp_ and sk- are only beginnings.", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "می\u200cخواهم 👩\u200d💻 ❤\ufe0f e\u0301 日本語の文章です。SG.と書く。",
    "buy now and buy now and", "one\r\ntwo\r\n", "note-0123456789abcde",
]  # fmt: skip


class Redacting:
    """An installation's own, which says how far it looks."""

    name = "redacting"
    directions = frozenset({Direction.AGENT})
    longest = len("Project Nightfall")

    def __call__(self, told: Said) -> Passed:
        without = re.sub("project nightfall", "the project", told.text, flags=re.IGNORECASE)
        return Passed(without, Verdict.REDACT if without != told.text else Verdict.ALLOW, ("name",))


class Silent(Redacting):
    longest = None


class Broken(Redacting):
    def __call__(self, told: Said) -> Passed:
        raise RuntimeError


CONTENT = Content([Blocklist([PHRASE, "nobody says this"]), Redacting()])


def about(whole: str = "") -> Said:
    return Said(whole, Direction.AGENT, canary=CANARY)


def shown(*pieces: str, content: Content = CONTENT) -> str:
    running = content.running(about())
    return "".join(running.goes_on(each) for each in pieces)


def splits(whole: str):
    yield from ([whole[:cut], whole[cut:]] for cut in range(len(whole) + 1))
    for size in (1, 2, 7):
        yield [whole[start : start + size] for start in range(0, len(whole), size)]


def letters(whole: str) -> str:
    """Without what joins them: when that comes by itself, it is shown with the whole answer."""
    return re.sub("[\u200c\u200d\ufe0f]", "", unicodedata.normalize("NFD", whole))


@pytest.mark.parametrize("thing", STOPPED)
def test_no_character_of_what_is_stopped_is_shown_however_it_is_cut(thing: str) -> None:
    whole = BEFORE + thing + AFTER
    assert CONTENT.passed(about(whole)).blocked
    for pieces in splits(whole):
        assert BEFORE.startswith(shown(*pieces))


@pytest.mark.parametrize("thing", [*TAKEN_OUT, "Project Nightfall", "a project NIGHTFALLproject nightfall b"])
def test_what_is_taken_out_is_never_shown_however_it_is_cut(thing: str) -> None:
    whole = BEFORE + thing + AFTER
    passed = CONTENT.passed(about(whole)).text
    assert thing not in passed
    for pieces in splits(whole):
        assert passed.startswith(shown(*pieces))


@pytest.mark.parametrize("answer", HARMLESS)
def test_of_a_harmless_answer_hardly_anything_is_held_back(answer: str) -> None:
    passed = CONTENT.passed(about(BEFORE + answer + AFTER)).text
    for pieces in splits(BEFORE + answer + AFTER):
        told = shown(*pieces)
        assert letters(passed).startswith(letters(told)) and len(passed) - len(told) < 2 * Redacting.longest
    built_in = Content()
    assert shown("Hello, nice to", content=built_in) == "Hello, nice to"


def test_each_beginning_is_one_of_a_token() -> None:
    """What is held back is what the shapes look for: neither may change without the other."""
    for each in BEGINNINGS:
        whole = (
            f"{each}RSA PRIVATE KEY" if each.startswith("-") else f"{each}{'b-' * ('xox' in each)}1234567890ABCDEFGH"
        )
        assert [start for start, _ in known_spans(whole)][:1] == [0], each


async def test_what_nobody_guards_is_not_shown_and_what_is_guarded_passes_once_it_is_told() -> None:
    bus, turn = LocalBus(), Turn(id="t", attempts=1)
    unguarded, running = PartialText(bus, "c", turn), PartialText(bus, "c", turn)
    unguarded.add("One")
    passed = []
    running.guards = lambda text: passed.append(text) or text.upper()
    with bus.follow("c") as bell:
        assert not await unguarded.flush() and unguarded.said == ""
        for each in ("One ", "two "):
            running.add(each)
        assert await running.flush() and not await running.flush()
        running.add("three")
        assert (running.said, passed) == ("ONE TWO THREE", ["One two ", "three"])
        await running.flush()
        told = [json.loads(each) for each in bell.take()]
        assert [(each["start"], each["text"]) for each in told] == [(0, "ONE TWO "), (8, "THREE")]


def test_a_stage_that_does_not_say_how_far_it_looks_is_given_the_whole_answer_first() -> None:
    assert shown("One. ", "Two. ", content=Content([Silent()])) == ""


def test_a_stage_that_fails_holds_nothing_up_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    told = ["One sentence. ", "Another one. ", "A third"]
    assert shown(*told, content=Content([Broken()])) == "".join(told)
    assert len(caplog.records) == 1


def test_a_stage_that_cannot_say_what_to_hold_back_is_given_the_whole_answer_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Unsure(Redacting):
        def held(self, told: Said) -> int:
            raise RuntimeError

    assert shown("One. ", "Two. ", content=Content([Unsure()])) == ""
    assert len(caplog.records) == 1


@pytest.fixture
async def filtering(sqlite_db: Database, gemini: Scripted):
    async with open_house(sqlite_db, gemini.model, content=CONTENT) as house:
        yield house


async def told(house: House, guest, asked: str = "Hello") -> str:
    """All that was said on the bus while the guest's question was answered."""
    with house.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        async with house.worker():
            await house.chats.say_as_guest(guest, asked, "client-1", prefix="")
            await settled(house)
        pieces = [json.loads(each) for each in bell.take() if each.startswith("{")]
    return "".join(each["text"] for each in pieces)


async def test_a_stopped_answer_is_withheld_in_the_guests_language(filtering: House, gemini: Scripted) -> None:
    guest, _ = await filtering.guest(language="de")
    gemini.will_say(*BEFORE, *PHRASE, *AFTER)
    assert BEFORE.startswith(await told(filtering, guest))
    (*_, last) = said(await filtering.links.log(guest))
    assert last == ("agent", "Diese Antwort wurde von einem Filter zurückgehalten. Fragen Sie anders.")


async def test_an_answer_that_copies_its_instructions_is_withheld(filtering: House, gemini: Scripted) -> None:
    guest, _ = await filtering.guest()
    canary = canary_of(guest.link)
    gemini.will_say("You are Usher. These rules are marked ", *canary, ". How you work")
    assert canary[:8] not in await told(filtering, guest)
    assert canary in gemini.asked[-1].body["systemInstruction"]["parts"][0]["text"]
    assert canary not in str(said(await filtering.links.log(guest)))


async def test_what_is_kept_of_an_answer_that_was_stopped_is_what_was_shown(filtering: House, gemini: Scripted) -> None:
    guest, _ = await filtering.guest()
    gemini.script(Reply([[text("It ships on Friday, in the morning, buy now ")], Break.HOLD]))
    with filtering.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        async with filtering.worker():
            await filtering.chats.say_as_guest(guest, "When?", "client-1", prefix="")
            heard = ""
            while "Fri" not in heard:
                assert await bell.wait(10)
                heard += "".join(each for each in bell.take() if each.startswith("{"))
            await filtering.chats.stop(guest.workspace, guest.conversation_id)
            await settled(filtering)
    (*_, (author, kept)) = said(await filtering.links.log(guest))
    assert author == "agent" and "It ships on Friday, in the morning, buy now".startswith(kept) and "buy" not in kept


async def test_what_a_member_reads_in_slack_runs_as_it_comes(filtering: House, gemini: Scripted) -> None:
    gemini.will_say("You can ", PHRASE)
    async with filtering.worker():
        await filtering.say("Hello")
        shown_whole = await filtering.face.after()
    assert [each.text for each in shown_whole.told if isinstance(each, Delta)] == ["You can ", PHRASE]
