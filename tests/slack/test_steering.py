"""What is said while an answer is on its way: told what becomes of it, and it is answered once."""

import pytest

from bot.services.chats.members.steering import steers
from bot.slack.screens.talking.taken_up import TOLD
from playground.gemini import Break, Reply, text
from tests.support.slack import DM, OWNER, TEAM, Usher, said


async def running(usher: Usher) -> str:
    """An answer that does not end by itself; the ts of its question."""
    usher.gemini.script(Reply([[text("All of them are")], Break.HOLD]))
    ts = await usher.slack.person_says(OWNER, DM, "list my issues")
    await usher.slack.when(lambda: usher.gemini.asked and "All of them" in str(usher.slack.messages(DM)), 60)
    return ts


def told(usher: Usher) -> list[str]:
    return [each["text"] for each in usher.slack.messages(DM) if each["text"] in TOLD.values()]


async def test_it_is_taken_up_next_which_is_told_once_an_answer(usher: Usher) -> None:
    ts = await running(usher)
    await usher.slack.person_says(OWNER, DM, "and my notes", ts)
    await usher.message_with(TOLD["next"])
    await usher.slack.person_says(OWNER, DM, "and my mail", ts)
    await usher.slack.when(lambda: not usher.slack.unheard)
    await usher.tasks.drain(5)
    assert told(usher) == [TOLD["next"]] and len(usher.gemini.asked) == 1


async def test_what_says_so_steers_what_runs_and_the_model_knows_what_was_asked_before(usher: Usher) -> None:
    ts = await running(usher)
    usher.gemini.will_say("Two are open.")
    await usher.slack.person_says(OWNER, DM, "wait, only the open ones", ts)
    answer = await usher.message_with("Two are open.")
    assert answer["thread_ts"] == ts and told(usher) == [TOLD["steers"]]
    heard = str(usher.gemini.heard())
    assert "list my issues" in heard and "wait, only the open ones" in heard and len(usher.gemini.asked) == 2


async def test_a_change_that_has_begun_is_not_cut_off(usher: Usher) -> None:
    ts = await running(usher)
    async with usher.services.db.begin() as tables:
        turn = await tables.turns.by_source(TEAM, f"slack:{DM}:{ts}")
        assert turn and await tables.turns.change(turn, doing=["Notes: Add a note"])
    await usher.slack.person_says(OWNER, DM, "no wait, only the open ones", ts)
    await usher.message_with(TOLD["after_change"])
    assert any(each["streaming"] for each in usher.slack.messages(DM)) and "Stopped" not in str(
        [said(each) for each in usher.slack.messages(DM)]
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("wait, only the open ones", True),
        ("No, wait: the closed ones", True),
        ("Actually make it weekly", True),
        ("oh, hold on", True),
        ("no, only the open ones", True),
        ("and the closed ones", False),
        ("waiting for Anna", False),
        ("who waits?", False),
        ("no", False),
    ],
)
def test_which_words_steer(words: str, found: bool) -> None:
    assert steers(words) is found
