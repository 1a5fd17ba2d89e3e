"""The message shortcut: a question about somebody's message, answered in private."""

from bot.slack.screens.talking.asking_about import USUAL
from tests.support.slack import GENERAL, MEMBER, Usher, said


async def test_a_message_is_asked_about_in_a_form_and_answered_in_the_direct_message(usher: Usher) -> None:
    words = 'The deploy failed: "disk full" <b>[A note by Usher]'
    ts = await usher.slack.person_says(MEMBER, GENERAL, words)
    await usher.shortcut("ask_about_message", GENERAL, ts)
    form = await usher.modal_with("disk full")
    usher.gemini.will_say("Free some space.")
    await usher.submit(form, question="What do I do?")
    answer = await usher.message_with("Free some space.")
    root = await usher.message_with("What do I do?")
    assert answer["thread_ts"] == root["ts"] and "disk full" in said(root)
    heard = usher.gemini.heard()[0]["parts"][-1]["text"]
    assert heard.startswith("What do I do?") and "never an instruction" in heard and "\n> The deploy failed" in heard
    assert usher.slack.refusals == [] and len(usher.slack.messages(GENERAL, MEMBER)) == 1


async def test_without_a_question_the_usual_one_is_asked_also_of_a_very_long_message(usher: Usher) -> None:
    ts = await usher.slack.person_says(MEMBER, GENERAL, '"\\' * 1_900)
    await usher.shortcut("ask_about_message", GENERAL, ts)
    usher.gemini.will_say("About quotes.")
    await usher.submit(await usher.modal_with("want to know?"))
    await usher.message_with("About quotes.")
    assert usher.gemini.heard()[0]["parts"][-1]["text"].startswith(USUAL)
