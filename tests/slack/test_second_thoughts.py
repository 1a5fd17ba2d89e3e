"""Stopped by a word, taken back, reworded, said in three goes: each message is answered once."""

from bot.slack.listeners.hearing.second_thoughts import TOO_LATE
from bot.slack.listeners.hearing.stopping import NOTHING_RUNS
from bot.slack.replies.chunks import markdown
from bot.slack.replies.stream import Stream
from playground.gemini import Break, Reply, text
from tests.support.slack import DM, GENERAL, MEMBER, MEMBERS_DM, OWNER, TEAM, Usher, said


async def story(usher: Usher, channel: str = DM, person: str = OWNER, question: str = "tell me a story") -> str:
    """An answer that does not end by itself; the ts of its question."""
    before = len(usher.gemini.asked)
    usher.gemini.script(Reply([[text("A long story")], Break.HOLD]))
    ts = await usher.slack.person_says(person, channel, question)
    await usher.slack.when(lambda: len(usher.gemini.asked) > before and running(usher, channel, person, ts))
    return ts


def running(usher: Usher, channel: str, person: str, thread: str) -> bool:
    there = usher.slack.messages(channel, person)
    return any(each["streaming"] and each["thread_ts"] == thread for each in there)


async def settled(usher: Usher) -> None:
    await usher.slack.when(lambda: not usher.slack.unheard)
    await usher.tasks.drain(5)


async def status(usher: Usher, ts: str, channel: str = DM) -> str:
    async with usher.services.db.read() as tables:
        turn = await tables.turns.by_source(TEAM, f"slack:{channel}:{ts}")
    return turn.status if turn else ""


async def test_stop_outside_of_threads_stops_what_runs_in_any_of_them(usher: Usher) -> None:
    ts = await story(usher)
    word = await usher.slack.person_says(OWNER, DM, "Stop!")
    stopped = await usher.slack.when(
        lambda: [each for each in usher.slack.messages(DM) if "Stopped." in said(each) and not each["streaming"]]
    )
    await usher.slack.when(lambda: not running(usher, DM, OWNER, ts))
    assert {each["thread_ts"] for each in stopped} <= {ts, word}
    assert len(usher.gemini.asked) == 1


async def test_stop_leaves_other_peoples_answers_alone(usher: Usher) -> None:
    theirs = await story(usher, MEMBERS_DM, MEMBER)
    ours = await story(usher, GENERAL, OWNER, "<@U0USHER> tell me a story")
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> stop")
    await usher.message_with(NOTHING_RUNS, GENERAL)
    assert running(usher, MEMBERS_DM, MEMBER, theirs) and running(usher, GENERAL, OWNER, ours)
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> stop")
    await usher.slack.when(lambda: not running(usher, GENERAL, OWNER, ours))
    assert running(usher, MEMBERS_DM, MEMBER, theirs)
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "cancel")
    await usher.slack.when(lambda: not running(usher, MEMBERS_DM, MEMBER, theirs))


async def test_stop_where_nothing_runs_says_so_and_asks_no_model(usher: Usher) -> None:
    await usher.slack.person_says(OWNER, DM, "stop")
    await usher.message_with(NOTHING_RUNS)
    assert not usher.gemini.asked


async def test_a_deleted_question_stops_its_answer_and_no_other(usher: Usher) -> None:
    ts = await story(usher)
    other = await story(usher, GENERAL, OWNER, "<@U0USHER> tell me a story")
    await usher.slack.person_deletes(OWNER, DM, ts)
    await usher.slack.when(lambda: not any(each["streaming"] for each in usher.slack.messages(DM)))
    await settled(usher)
    assert running(usher, GENERAL, OWNER, other)
    assert await status(usher, ts) == "stopped"
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> stop")
    await usher.slack.when(lambda: not running(usher, GENERAL, OWNER, other))


async def test_a_question_that_waits_is_answered_in_its_new_words(usher: Usher) -> None:
    root = await story(usher)
    waiting = await usher.slack.person_says(OWNER, DM, "the wether", root)
    await settled(usher)
    await usher.slack.person_edits(OWNER, DM, waiting, "the weather")
    await settled(usher)
    usher.gemini.will_say("Sunny.")
    await usher.services.chats.taken_back(TEAM, f"slack:{DM}:{root}")
    await usher.message_with("Sunny.")
    assert "the weather" in str(usher.gemini.heard()[-1]) and "wether" not in str(usher.gemini.heard())


async def test_a_question_that_is_being_answered_is_not_asked_anew_and_its_author_is_told(usher: Usher) -> None:
    ts = await story(usher)
    await usher.slack.person_edits(OWNER, DM, ts, "tell me a short story")
    told = await usher.message_with(TOO_LATE)
    assert told["ephemeral"] and len(usher.gemini.asked) == 1
    await usher.slack.person_says(OWNER, DM, "stop")
    await usher.slack.when(lambda: not running(usher, DM, OWNER, ts))


async def test_three_questions_typed_within_seconds_are_one_conversation(usher: Usher) -> None:
    usher.gemini.script(Reply([[text("First")], Break.HOLD]))
    first = await usher.slack.person_says(OWNER, DM, "what time is it in Tokyo?")
    await usher.slack.when(lambda: running(usher, DM, OWNER, first))
    second = await usher.slack.person_says(OWNER, DM, "and in Lisbon?")
    third = await usher.slack.person_says(OWNER, DM, "and in Rome?")
    await settled(usher)
    assert len(usher.gemini.asked) == 1
    assert [await status(usher, each) for each in (second, third)] == ["queued", "queued"]
    usher.gemini.will_say("Lisbon: one.")
    usher.gemini.will_say("Rome: two.")
    await usher.services.chats.taken_back(TEAM, f"slack:{DM}:{first}")
    answers = [await usher.message_with(text) for text in ("Lisbon: one.", "Rome: two.")]
    assert {each["thread_ts"] for each in answers} == {first}
    heard = str(usher.gemini.heard())
    assert "Tokyo" in heard and "Lisbon: one." in heard and "and in Rome?" in heard
    assert len(usher.gemini.asked) == 3


async def test_what_is_asked_after_an_answer_opens_a_thread_of_its_own(usher: Usher) -> None:
    usher.gemini.will_say("One.")
    await usher.slack.person_says(OWNER, DM, "what are the tides?")
    await usher.message_with("One.")
    usher.gemini.will_say("Two.")
    ts = await usher.slack.person_says(OWNER, DM, "two")
    assert (await usher.message_with("Two."))["thread_ts"] == ts
    assert "tides" not in str(usher.gemini.heard())


async def test_there_is_a_stop_button_before_the_first_words(usher: Usher) -> None:
    usher.gemini.script(Reply([Break.HOLD]))
    ts = await usher.slack.person_says(OWNER, DM, "think hard")
    empty = await usher.slack.when(
        lambda: next(
            (each for each in usher.slack.messages(DM) if each["stoppable"] and each["thread_ts"] == ts), None
        ),
        20,
    )
    assert not empty["parts"]
    await usher.slack.stop_stream(OWNER, DM, empty["ts"])
    await usher.message_with("Stopped.")
    await settled(usher)
    assert await status(usher, ts) == "stopped"
    assert [each["ts"] for each in usher.slack.messages(DM) if each["ts"] == empty["ts"]] == []


def stream(usher: Usher, ts: str) -> Stream:
    async def started(_: str) -> None:
        pass

    return Stream(usher.client, {"channel": DM, "thread_ts": ts}, started)


async def test_what_is_said_late_comes_into_the_message_that_could_be_stopped(usher: Usher) -> None:
    ts = await story(usher)
    await usher.slack.person_says(OWNER, DM, "stop", ts)
    await usher.message_with("Stopped.")
    before = len(usher.slack.messages(DM))
    late = stream(usher, ts)
    await late.begin()
    await late.append(markdown("Late words."))
    await late.stop()
    assert await usher.message_with("Late words.") and len(usher.slack.messages(DM)) == before + 1


async def test_a_message_that_was_opened_for_its_button_alone_leaves_no_trace(usher: Usher) -> None:
    ts = await story(usher)
    await usher.slack.person_says(OWNER, DM, "stop", ts)
    await usher.message_with("Stopped.")
    before = len(usher.slack.messages(DM))
    silent = stream(usher, ts)
    await silent.begin()
    assert len(usher.slack.messages(DM)) == before + 1
    await silent.stop("suspended")
    assert len(usher.slack.messages(DM)) == before
