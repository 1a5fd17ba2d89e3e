"""Under an answer: whether it helped, and for its member alone what was done for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import NotYours
from bot.services.chats.ending.details import GONE, ONLY_THEIRS, Made
from bot.services.chats.members.telling_apart import briefly
from bot.slack.replies.plan import Plan
from bot.slack.screens import approvals
from bot.slack.screens.connections import listing
from bot.slack.screens.turns import closing, details
from mcp_runtime.tools.tools import Phrase, Tool
from run_cards import custom
from storage.members import Member
from tests.slack.test_home import home_with
from tests.support.served import asgi, free_socket, port_of
from tests.support.slack import DM, GENERAL, MEMBER, OWNER, TEAM, Usher, said
from tests.support.tracker import Tracker


async def noted(usher: Usher, notes: str, text: str) -> dict:
    """The answer after a note was added without a question."""
    connection_id = await usher.connect_notes(notes)
    async with usher.services.db.begin() as tables:
        assert await tables.tools.set_policy(TEAM, connection_id, "add_note", "always")
    usher.gemini.will_call(("notes__add_note", {"text": text}))
    usher.gemini.will_say("Noted.")
    await usher.slack.person_says(OWNER, DM, "add it")
    return await usher.message_with("Noted.")


async def test_the_details_show_arguments_result_and_time_to_the_member_alone(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "water <!channel> *the* plants"}))
    await usher.slack.person_says(OWNER, DM, "add a note")
    usher.gemini.will_say("Added.")
    await usher.press(await usher.message_with("May I?"), approvals.APPROVE)
    answer = await usher.message_with("Added.")
    [task] = [part for part in answer["parts"] if part["type"] == "task"]
    assert (task["title"], task["details"][:5]) == ("Notes: Add a note", "Took "), "how long it took"
    assert [part["title"][:7] for part in answer["parts"] if part["type"] == "plan"] == ["1 step "]

    await usher.press(answer, closing.DETAILS)
    shown = said(await usher.modal_with("1 call, "))
    assert "water &lt;!channel&gt; *the* plants" in shown, "what it was given"
    assert "*Result*" in shown and "Added the note" in shown and "untrusted output" not in shown, "what it gave"
    assert "36 tokens (6 thought) in 2 requests · less than $0.01" in shown, "what it took, before the question too"

    [turn_id] = [each["value"] for each in answer["blocks"][0]["elements"]]
    with pytest.raises(NotYours, match=ONLY_THEIRS):
        await usher.services.chats.details.of(Member(TEAM, MEMBER), turn_id)
    assert usher.slack.refusals == []


async def test_under_an_answer_whose_tool_could_not_be_reached_stands_its_test(usher: Usher) -> None:
    listening = free_socket()
    url = f"http://127.0.0.1:{port_of(listening)}/mcp"
    async with asgi(Tracker().server().streamable_http_app(), listening):
        await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Tracker", "url": url})
    [view] = await usher.services.connections.of(usher.member)
    await usher.services.connections.choices.set_policy(usher.member, view.connection.id, "list_issues", "always")
    usher.gemini.will_call(("tracker__list_issues", {}))
    usher.gemini.will_say("I could not reach it.")
    await usher.slack.person_says(OWNER, DM, "list them")
    answer = await usher.message_with("I could not reach it.")
    assert answer["blocks"][0]["elements"][0]["text"]["text"] == "Test Tracker"
    await usher.press(answer, listing.TEST)
    await usher.modal_with("Tracker cannot be used")
    assert usher.slack.refusals == []


async def test_an_answer_without_tools_says_what_it_cost_and_one_that_is_deleted_says_so(
    usher: Usher, notes: str
) -> None:
    usher.gemini.will_say("Hello.")
    await usher.slack.person_says(OWNER, DM, "hi")
    await usher.press(await usher.message_with("Hello."), closing.DETAILS)
    shown = await usher.modal_with(details.NOTHING)
    assert "tokens" in said(shown) and "less than $0.01" in said(shown)
    await usher.slack.close_view(OWNER, shown["id"])
    answer = await noted(usher, notes, "tea")
    async with usher.services.db.begin() as tables:
        await tables.workspaces.delete(TEAM)
    await usher.press(answer, closing.DETAILS)
    await usher.slack.when(lambda: GONE in str(usher.slack.calls))
    assert usher.modal() is None


async def test_what_is_long_is_read_page_by_page(usher: Usher, notes: str) -> None:
    await usher.press(await noted(usher, notes, "x" * 40_000), closing.DETAILS)
    await usher.press(await usher.modal_with("Page 1 of"), f"{closing.DETAILS}.more")
    assert "*Result*" in said(await usher.modal_with("Page 2 of"))
    assert usher.slack.refusals == []


@pytest.mark.parametrize("streamed", [True, False])
async def test_whether_it_helped_is_kept_with_the_turn_and_administrators_see_figures_and_ids(
    usher: Usher, streamed: bool
) -> None:
    if not streamed:
        usher.slack.will_refuse("chat.startStream", "channel_type_not_supported")
    await usher.tab("overview")
    await home_with(usher, closing.NO_RATINGS)
    usher.gemini.will_say("The secret is gold.")
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> tell me")
    answer = await usher.message_with("The secret is gold.", GENERAL)
    for person, verdict in ((OWNER, closing.HELPED), (MEMBER, closing.DID_NOT), (OWNER, closing.DID_NOT)):
        await rate(usher, answer, verdict, person)
    found = await usher.services.chats.ratings.figures(TEAM)
    assert (found.helped, found.did_not) == (0, 2), "the last word of each holds"

    await usher.home()
    home = await home_with(usher, "0 helped, 2 did not")
    assert found.unhelpful[0].turn_id in home and "gold" not in home and home.count(found.unhelpful[0].turn_id) == 1
    assert "did not" not in said(await usher.home(MEMBER)), "who administers nothing sees none of it"
    assert {each[0] for each in usher.slack.refusals} <= {"chat.startStream"}


async def rate(usher: Usher, answer: dict, verdict: str, person: str) -> None:
    [buttons] = [each for block in answer["blocks"] for each in block.get("elements", []) if "positive_button" in each]
    name = "positive_button" if verdict == closing.HELPED else "negative_button"
    value = buttons[name]["value"]
    assert value.startswith(f"{verdict}:")
    before = str(usher.slack.calls).count("Thank you")
    await usher.press(answer, closing.RATE, person=person, value=value)
    await usher.slack.when(lambda: str(usher.slack.calls).count("Thank you") > before)


def test_what_runs_side_by_side_takes_as_long_as_the_longest_of_it() -> None:
    plan = Plan()
    for call, state, seconds in (("a", "started", 0), ("b", "started", 0), ("a", "done", 5.0), ("b", "failed", 4.0)):
        title = plan.step(call, "Look", state, seconds=seconds)[0]["title"]
    assert title == "2 steps · 5.0 s · 1 failed"
    assert plan.step("c", "Look", "started")[0]["title"] == "Working: step 3"
    assert plan.step("c", "Look", "done", seconds=2.0)[0]["title"].startswith("3 steps · 7")


def test_calls_of_one_tool_are_told_apart_by_the_cards_words_or_by_what_differs_and_by_no_secret() -> None:
    def begun(plan: Plan, call: str, **arguments: object) -> dict[str, str]:
        told = plan.step(call, "Acme: Close", "started", about=briefly(tool, arguments))
        return {each["id"]: each["title"] for each in told if "id" in each}

    tool = Tool("acme__close", "Acme: Close", "", {}, phrases=(Phrase("close issue #{number} in {repo}"),))
    plan, words = Plan(), "Acme: close issue #{} in acme/web"
    assert begun(plan, "a", number=41, repo="acme/web") == {"a": "Acme: Close"}
    assert begun(plan, "b", number=57, repo="acme/web") == {"b": words.format(57), "a": words.format(41)}
    assert begun(plan, "c", number=57, repo="acme/web") == {"c": words.format(57)}
    tool, plan = replace(tool, phrases=()), Plan()
    secret = {"api_key": "abc", "note": f"sk-proj-{'aB3' * 16}", "page": {"a": 1}}
    assert begun(plan, "a", where="here", what="a boat", **secret) == {"a": "Acme: Close"}
    plan.step("a", "Acme: Close", "done")
    assert begun(plan, "b", where="here", what="a cart " * 20, **{**secret, "api_key": "abd"}) == {
        "b": f"Acme: Close · {('a cart ' * 20)[:59]}…"
    }


def test_the_details_say_how_long_all_calls_took_and_not_their_sum() -> None:
    def made(ended: int, seconds: float) -> Made:
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=ended)
        return Made("Look", "done", seconds, at, {}, "")

    beside = [made(5, 5.0), made(4, 4.0), made(20, 2.0), Made("Add", "", 0.0, None, {}, None)]
    assert f"4 calls, 7.0 s in all{details.SIDE_BY_SIDE}." in str(details.window("t", beside, [], 0))
    assert f"2 calls, 3.0 s in all. {details.ONLY_YOU}" in str(details.window("t", [made(2, 2.0), made(3, 1.0)], [], 0))


def test_what_a_tool_is_called_and_says_is_nothing_but_text_in_its_step() -> None:
    words = "<!channel> *pay* :skull: <https://evil.example|bank.example>"
    _, task = Plan().step("a", words, "failed", words)
    for told in (task["title"], task["output"]):
        assert not any(mark in told for mark in ("<", ">", "*", ":skull:"))
        assert "channel" in told and "bank.example" in told
