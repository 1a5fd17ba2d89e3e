"""What a guest answers stands in their thread once, and is edited there."""

from bot.services.links import Draft, Guest
from tests.slack.test_guest_threads import at_once, says
from tests.support.slack import DM, Usher, said

__all__ = ["at_once"]

COVERS = ("What works well?", "What *not* <!here>?")


async def surveyed(usher: Usher, name: str = "Visitor") -> Guest:
    made = await usher.services.links.create(usher.member, Draft("Survey", max_sessions=9, covers=COVERS))
    started = await usher.services.links.start(made.url.rsplit("/", 1)[1], name.ljust(20, "k"), name, True)
    assert started
    guest = await usher.services.links.guest(started.link.id, started.secret)
    assert guest
    return guest


async def test_answers_stand_in_the_thread_once_and_are_edited_as_more_come(usher: Usher) -> None:
    guest = await surveyed(usher)
    usher.gemini.will_call(("submit_result", {"question_1": "*Speed* <!channel>\n<https://bad.example|good>"}))
    usher.gemini.will_say("And what does not?")
    await says(usher, guest, "Speed")
    first = await usher.message_with("1 of 2")
    assert first["thread_ts"] and "not answered yet" in said(first)
    usher.gemini.will_call(("submit_result", {"question_2": "Exports"}))
    usher.gemini.will_say("Thank you, your host has it.")
    await says(usher, guest, "Exports", 2)
    whole = await usher.message_with("2 of 2")
    assert whole["ts"] == first["ts"] and "Every question is answered" in said(whole)
    shown = str(whole["blocks"])
    assert "<!channel>" not in shown and "<!here>" not in shown and "<https" not in shown and "*Speed*" not in shown
    thread = [each for each in usher.slack.messages(DM) if each.get("thread_ts") == first["thread_ts"]]
    assert sum("answered* (" in str(each["blocks"]) for each in thread) == 1
    assert not any("Answers for your host" in str(each) for each in thread)
    assert usher.slack.refusals == []
