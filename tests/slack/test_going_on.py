"""An answer that did not come to its end, and the buttons to go on or to begin anew."""

from datetime import timedelta

from playground.gemini import Failure
from storage.schema import now
from storage.tables import Turn
from tests.support.slack import DM, GENERAL, MEMBER, OWNER, TEAM, Usher, said


async def test_an_interrupted_turn_is_told_and_goes_on_once_when_its_member_says_so(usher: Usher) -> None:
    ts = await _left_by_a_dead_process(usher)
    told = await usher.message_with("I was interrupted while this was running: Notes: Add a note")
    assert "I did not try again" in said(told)
    question = await usher.message_with("Shall I go on")
    assert question["thread_ts"] == ts

    usher.gemini.will_say("I looked: the note is there.")
    await usher.press(question, "turn.go_on")
    await usher.message_with("I looked: the note is there.")
    assert "go on" in str(usher.gemini.heard()[-1])

    gone_on = await usher.message_with("Going on.")
    assert gone_on["ts"] == question["ts"] and "turn.go_on" not in said(gone_on)
    assert usher.slack.refusals == []


async def test_nobody_else_can_let_it_go_on(usher: Usher) -> None:
    await _left_by_a_dead_process(usher, "<@U0USHER> hi", GENERAL)
    question = await usher.message_with("Shall I go on", GENERAL)

    await usher.press(question, "turn.go_on", person=MEMBER)

    await usher.slack.when(lambda: "Only the member who asked" in str(usher.slack.calls))
    assert usher.gemini.asked == []


async def test_a_conversation_that_the_model_does_not_take_is_begun_anew_by_a_button(usher: Usher) -> None:
    usher.gemini.will_say("Noted.")
    ts = await usher.slack.person_says(OWNER, DM, "remember the plants")
    await usher.message_with("Noted.")
    usher.gemini.script(Failure(400, "INVALID_ARGUMENT", "no"))
    await usher.slack.person_says(OWNER, DM, "what time is it?", ts)
    await usher.message_with("Please start a new one")
    question = await usher.message_with("Start a new one")

    usher.gemini.will_say("Noon.")
    await usher.press(question, "turn.start_over")
    answer = await usher.message_with("Noon.")
    assert answer["thread_ts"] == ts
    assert "plants" not in str(usher.gemini.heard()) and "what time is it?" in str(usher.gemini.heard())
    usher.gemini.will_say("Lisbon too.")
    await usher.slack.person_says(OWNER, DM, "and in Lisbon?", ts)
    await usher.message_with("Lisbon too.")
    assert "plants" not in str(usher.gemini.heard()) and "what time is it?" in str(usher.gemini.heard())
    assert "turn.start_over" not in said(await usher.message_with("Starting a new conversation."))


async def test_a_button_pressed_twice_begins_anew_once_and_nobody_elses_does(usher: Usher) -> None:
    usher.gemini.script(Failure(400, "INVALID_ARGUMENT", "no"))
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> what time is it?")
    question = await usher.message_with("Start a new one", GENERAL)
    await usher.press(question, "turn.start_over", person=MEMBER)
    await usher.slack.when(lambda: "Only the member who asked" in str(usher.slack.calls))
    turn_id = question["blocks"][0]["elements"][0]["value"]
    usher.gemini.will_say("Noon.")
    for _ in range(2):
        await usher.services.chats.once_more.start_over(usher.member, turn_id)
    await usher.message_with("Noon.", GENERAL)
    assert len(usher.gemini.asked) == 2


async def _left_by_a_dead_process(usher: Usher, text: str = "hi", channel: str = DM) -> str:
    """A turn that had begun to change something; the ts of its thread."""
    usher.gemini.will_say("Hello.")
    ts = await usher.slack.person_says(OWNER, channel, text)
    await usher.message_with("Hello.", channel)
    usher.gemini.asked.clear()
    async with usher.services.db.begin() as tables:
        conversation = await tables.conversations.keyed(TEAM, f"{OWNER}:{channel}:{ts}")
        assert conversation
        turn = Turn(
            workspace_id=TEAM,
            conversation_id=conversation.id,
            source="slack:of-a-dead-process",
            text="add a note",
            status="running",
            doing=["Notes: Add a note"],
            attempts=1,
            lease_owner="dead",
            lease_until=now() - timedelta(seconds=1),
        )
        await tables.turns.queue(turn)
    await usher.services.bus.tell("turns")
    return ts
