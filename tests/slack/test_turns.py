"""A question in Slack and its answer: streamed, asked about, stopped, mended."""

from typing import Any

from playground.gemini import Break, Reply, text
from run_cards import custom
from tests.mcp_runtime.lively import lively
from tests.support.slack import DM, GENERAL, MEMBER, OWNER, Usher, said


async def test_an_answer_streams_into_the_thread_of_its_question(usher: Usher) -> None:
    usher.gemini.will_say("Hello ", "there.")
    ts = await usher.slack.person_says(OWNER, DM, "hi")
    answer = await usher.message_with("Hello there.")
    assert answer["thread_ts"] == ts
    assert len(usher.slack.of("chat.startStream")) == 1
    assert usher.slack.refusals == []


async def test_a_message_in_the_same_thread_goes_on_with_the_conversation(usher: Usher) -> None:
    usher.gemini.will_say("First.")
    ts = await usher.slack.person_says(OWNER, DM, "one")
    await usher.message_with("First.")
    usher.gemini.will_say("Second.")
    await usher.slack.person_says(OWNER, DM, "two", ts)
    await usher.message_with("Second.")
    assert len(usher.gemini.heard()) == 3


async def test_a_mention_is_answered_in_its_thread_for_whoever_asked(usher: Usher) -> None:
    usher.gemini.will_say("In public.")
    ts = await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> hello")
    answer = await usher.message_with("In public.", GENERAL)
    assert answer["thread_ts"] == ts
    assert usher.gemini.heard()[0]["parts"][-1]["text"].endswith("hello")
    assert "U0USHER" not in str(usher.gemini.heard())


async def test_other_messages_of_a_channel_are_left_alone(usher: Usher) -> None:
    await usher.slack.person_says(OWNER, GENERAL, "not for you")
    usher.gemini.will_say("Yours.")
    await usher.slack.person_says(OWNER, DM, "for you")
    await usher.message_with("Yours.")
    assert len(usher.gemini.asked) == 1


async def test_a_call_that_may_change_something_waits_and_runs_when_approved(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "water the plants"}), saying="One moment.")
    ts = await usher.slack.person_says(OWNER, DM, "add a note: water the plants")
    question = await usher.message_with("May I?")
    assert question["thread_ts"] == ts and "water the plants" in said(question)

    usher.gemini.will_say("Added.")
    await usher.press(question, "approval.approve")
    answer = await usher.message_with("Added.")
    assert {"type": "task", "title": "Notes: Add a note", "status": "complete"}.items() <= answer["parts"][1].items()
    closed = await usher.message_with("Approved by <@U0OWNER>")
    assert closed["ts"] == question["ts"] and "approval.approve" not in said(closed)
    assert usher.slack.refusals == []


async def test_deny_tells_the_model(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__delete_note", {"title": "plants"}))
    await usher.slack.person_says(OWNER, DM, "delete it")
    question = await usher.message_with("May I?")
    approve = question["blocks"][-2]["elements"][0]
    assert approve["style"] == "danger" and approve["confirm"]

    usher.gemini.will_say("As you wish.")
    await usher.press(question, "approval.deny")
    await usher.message_with("As you wish.")
    assert "declined" in str(usher.gemini.responses())
    closed = await usher.message_with("Skipped by")
    assert ":no_entry" not in said(closed)
    answer = await usher.message_with("As you wish.")
    assert "Skipped: Delete a note" in said(answer) and "error" not in said(answer)


async def test_always_is_taken_back_where_it_was_given(usher: Usher, notes: str) -> None:
    connection_id = await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "x"}))
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> add a note")
    question = await usher.message_with("May I?", GENERAL)
    usher.gemini.will_say("Added.")
    await usher.press(question, "approval.always", value=chosen(question, "tool"))
    await usher.press(await usher.message_with("where shall I answer?"), "showing.here")
    await usher.message_with("Added.", GENERAL)
    closed = await usher.message_with("Always allowed by", GENERAL)
    assert "/mcp" not in said(closed)
    assert await policy(usher, connection_id, "add_note") == "always"

    await usher.press(closed, "approval.ask_again", MEMBER)
    await usher.message_with("Only the member", GENERAL, MEMBER)
    assert await policy(usher, connection_id, "add_note") == "always"

    await usher.press(closed, "approval.ask_again")
    closed = await usher.message_with("Taken back", GENERAL)
    assert "approval.ask_again" not in said(closed)
    assert await policy(usher, connection_id, "add_note") == "ask"


async def test_taking_back_does_not_switch_on_what_was_switched_off(usher: Usher, notes: str) -> None:
    connection_id = await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "x"}))
    await usher.slack.person_says(OWNER, DM, "add a note")
    question = await usher.message_with("May I?")
    usher.gemini.will_say("Added.")
    await usher.press(question, "approval.always", value=chosen(question, "tool"))
    await usher.message_with("Added.")
    closed = await usher.message_with("Always allowed by")
    await usher.services.connections.choices.set_policy(usher.member, connection_id, "add_note", "off")
    await usher.press(closed, "approval.ask_again")
    await usher.message_with("Taken back")
    assert await policy(usher, connection_id, "add_note") == "off"


async def policy(usher: Usher, connection_id: str, tool: str) -> str:
    found = await usher.services.connections.tools(usher.member, connection_id)
    return next(each.policy for each in found if each.name == tool)


async def test_only_the_member_who_asked_may_press(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "x"}))
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> add a note: x")
    question = await usher.message_with("May I?", GENERAL)

    await usher.press(question, "approval.approve", MEMBER)
    refusal = await usher.message_with("Only the member", GENERAL, MEMBER)
    assert refusal["ephemeral"] and refusal["thread_ts"] == question["thread_ts"]
    assert "approval.approve" in said(await usher.message_with("May I?", GENERAL))


async def test_going_on_closes_the_question(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "x"}))
    ts = await usher.slack.person_says(OWNER, DM, "add a note")
    await usher.message_with("May I?")
    usher.gemini.will_say("Never mind then.")
    await usher.slack.person_says(OWNER, DM, "forget it", ts)
    await usher.message_with("Never mind then.")
    assert "approval.approve" not in said(await usher.message_with("the conversation went on"))


async def test_disconnecting_takes_the_buttons_of_an_open_question_and_says_why(usher: Usher, notes: str) -> None:
    connection_id = await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "x"}))
    await usher.slack.person_says(OWNER, DM, "add a note")
    await usher.message_with("May I?")
    await usher.services.connections.disconnect(usher.member, connection_id)
    assert "approval.approve" not in said(await usher.message_with("Not run: Notes was disconnected"))


async def test_an_answer_is_posted_where_it_cannot_be_streamed(usher: Usher) -> None:
    usher.slack.will_refuse("chat.startStream", "channel_type_not_supported", times=9)
    usher.gemini.will_say("All ", "at once.")
    await usher.slack.person_says(OWNER, DM, "hi")
    await usher.message_with("All at once.")
    assert len(usher.slack.of("chat.postMessage")) == 1


async def test_a_limited_append_waits_and_loses_nothing(usher: Usher) -> None:
    usher.slack.will_limit("chat.appendStream", times=1, retry_after=1)
    words = [f"word{number} " for number in range(80)]
    usher.gemini.will_say(*words)
    await usher.slack.person_says(OWNER, DM, "count")
    await usher.slack.when(lambda: "word79" in str(usher.slack.messages(DM)))
    shown = " ".join(said(each) for each in usher.slack.messages(DM))
    assert all(shown.count(word.strip() + " ") + shown.count(word.strip() + '"') >= 1 for word in words)


async def test_the_stop_button_ends_the_turn_and_says_so(usher: Usher) -> None:
    usher.gemini.script(Reply([[text("A long story")], Break.HOLD]))
    await usher.slack.person_says(OWNER, DM, "tell me a story")
    story = await usher.slack.when(
        lambda: next((each for each in usher.slack.messages(DM) if "A long" in said(each) and each["streaming"]), None)
    )
    await usher.slack.stop_stream(OWNER, DM, story["ts"])
    assert await usher.message_with("Stopped.")
    assert sum("A long" in said(each) for each in usher.slack.messages(DM)) == 1


async def test_text_of_the_model_cannot_call_the_channel_or_fetch_an_image(usher: Usher) -> None:
    usher.gemini.will_say("<!channel> look: !", "[x](https://evil.example/?q=secret)")
    await usher.slack.person_says(OWNER, DM, "hi")
    shown = str((await usher.message_with("evil.example"))["parts"])
    assert "&lt;!channel&gt;" in shown and "<!channel>" not in shown
    assert "![" not in shown and "[x (evil.example)](" in shown


async def test_a_tools_card_says_how_far_it_has_come(usher: Usher) -> None:
    async with lively("modern") as server:
        made = await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Rows", "url": server.url})
        await usher.services.connections.choices.set_policy(usher.member, made.connection.id, "import_rows", "always")
        usher.gemini.will_call(("rows__import_rows", {}))
        usher.gemini.will_say("All in.")
        await usher.slack.person_says(OWNER, DM, "import the rows")
        answer = await usher.message_with("All in.")
    calls = [each for name in ("start", "append", "stop") for each in usher.slack.of(f"chat.{name}Stream")]
    sent = [chunk for each in calls for chunk in each.get("chunks") or []]
    assert "Rows: Import rows · 43 of 120: reading pages" in [chunk.get("title") for chunk in sent]
    assert {"title": "Rows: Import rows", "status": "complete"}.items() <= answer["parts"][1].items()
    assert usher.slack.refusals == []


def chosen(question: dict[str, Any], scope: str) -> str:
    """The value of this choice among what «Always…» offers."""
    elements = [each for block in question["blocks"] for each in block.get("elements", [])]
    options = next(each["options"] for each in elements if each.get("action_id") == "approval.always")
    return next(str(each["value"]) for each in options if each["value"].endswith(f":{scope}"))
