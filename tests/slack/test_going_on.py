"""A turn whose process died while something was being changed, and the button to go on."""

from datetime import timedelta

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
