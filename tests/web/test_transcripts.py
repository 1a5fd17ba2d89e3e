"""How the page without scripts says where the conversation stands."""

import asyncio

import pytest

from bot.services.limits import rates
from bot.services.limits.rates import Rate
from bot.web.chat.transcripts import Shown
from bot.words import of
from playground.gemini import Break, Reply, text
from storage.repositories.work.rates import Limit
from storage.schema import now
from storage.tables import Event
from tests.web.caller import PAGE, Caller, frames
from tests.web.caller import until as heard
from tests.web.sidecar import House

ON_ITS_WAY = "An answer is on its way"


def asked(turn: str) -> tuple[str, str, dict]:
    return turn, "message", {"author": "guest", "name": "Robin", "text": "Hi.", "turn": turn}


def answered(turn: str) -> tuple[str, str, dict]:
    return turn, "message", {"author": "agent", "name": "Usher", "text": "Hello.", "turn": turn}


def stands(turn: str, state: str, words: str = "") -> tuple[str, str, dict]:
    return turn, "status", {"state": state, "text": words}


def shown(*events: tuple[str, str, dict]) -> Shown:
    page = Shown(of("en"))
    for seq, (turn, kind, body) in enumerate(events, 1):
        page.add(Event(conversation_id="c", seq=seq, turn_id=turn, kind=kind, body=body, at=now()))
    return page


OVERLOADED = "The model is overloaded. Trying again in 5 s."
STOPPED = [asked("1"), stands("1", "working"), stands("1", "stopped", "Stopped.")]


@pytest.mark.parametrize(
    ("events", "state", "words"),
    [
        ([], "", ""),
        ([asked("1")], "queued", ON_ITS_WAY),
        ([asked("1"), stands("1", "working")], "working", "Writing an answer"),
        ([asked("1"), stands("1", "working"), stands("1", "working", OVERLOADED)], "working", OVERLOADED),
        ([asked("1"), stands("1", "working", OVERLOADED), stands("1", "working")], "working", "Writing an answer"),
        ([asked("1"), stands("1", "working"), answered("1"), stands("1", "done")], "done", ""),
        (STOPPED, "stopped", "Stopped."),
        ([*STOPPED, asked("2")], "queued", ON_ITS_WAY),
        ([*STOPPED, asked("2"), stands("2", "working")], "working", "Writing an answer"),
        ([asked("1"), stands("1", "working"), asked("2")], "working", "Writing an answer"),
        ([asked("1"), asked("2"), stands("1", "working"), answered("1"), stands("1", "done")], "queued", ON_ITS_WAY),
        ([asked("1"), asked("2"), stands("1", "stopped"), stands("2", "stopped")], "stopped", "Stopped"),
        ([asked("1"), stands("1", "waiting", "Waiting.")], "waiting", "Waiting."),
        ([asked("1"), stands("1", "waiting"), stands("r", "working"), stands("r", "done")], "done", ""),
        ([asked("1"), stands("1", "waiting"), asked("2")], "queued", ON_ITS_WAY),
    ],
)
def test_the_state_line_is_of_the_newest_question(events: list, state: str, words: str) -> None:
    page = shown(*events)
    assert (page.state, page.text) == (state, words)


async def test_without_scripts_a_question_is_followed_by_a_word_until_its_answer_is_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rates.MESSAGES, "session:second", Rate("too_fast", Limit(9, rates.SECOND)))
    guest = await house.guest()
    house.model.script(Reply([[text("Half")], Break.HOLD]))
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        await anext(stream)
        await sent(guest, "First.")
        assert (await line(guest)) in (ON_ITS_WAY, "Writing an answer")
        await heard(stream, "delta")
    assert await line(guest) == "Writing an answer"
    await guest.ask("POST", guest.chat + "stop", json={})
    await until(guest, "Stopped")
    page = (await guest.ask("GET", guest.chat, headers=PAGE)).text
    assert "Half" in page and "(stopped here)" in page
    house.model.will_say("Here it is.")
    await sent(guest, "Second.")
    assert not (await line(guest)).startswith("Stopped")
    await until(guest, "")
    assert "Here it is." in (await guest.ask("GET", guest.chat, headers=PAGE)).text


async def sent(guest: Caller, words: str) -> None:
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    form = {name: page.hidden(name) for name in ("form", "client_id")} | {"text": words}
    answer = await guest.ask("POST", guest.chat + "messages", data=form, headers=PAGE)
    assert answer.status == 303


async def line(guest: Caller) -> str:
    page = (await guest.ask("GET", guest.chat, headers=PAGE)).text
    return page.partition('class="status-text">')[2].partition("<")[0]


async def until(guest: Caller, words: str) -> None:
    async with asyncio.timeout(60):
        while await line(guest) != words:
            pass
