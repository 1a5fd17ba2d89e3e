"""Long conversations are folded between turns, losing nothing recent and breaking no pair."""

from typing import Any

import pytest

from bot.agent.gemini.plain_words import in_words
from bot.agent.loop import run
from bot.agent.summary import AFTER, KEEP, LONGEST, MOST_PROMPT, ROOM, TASK, Fold, due, fold, remembered
from mcp_runtime.tools.tools import File, ToolCall, ToolResult
from playground.gemini import Break, Failure, Reply, text, thought
from tests.agent.test_loop import drained
from tests.support.gemini import MODEL, Scripted
from tests.support.tools import Toolbox


def turn(gemini: Scripted, number: int) -> list[dict[str, Any]]:
    """A question, a call, its result with a file, and an answer."""
    call = {"functionCall": {"id": str(number), "name": "t", "args": {"n": number}}}
    result = ToolResult(number, files=(File("image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),))
    return [
        gemini.model.user(f"question {number}"),
        {"role": "model", "model": MODEL, "parts": [call]},
        *gemini.model.results([(ToolCall(str(number), "t"), result)]),
        {"role": "model", "model": MODEL, "parts": [{"text": "hm", "thought": True}, {"text": f"answer {number}"}]},
    ]


def talk(gemini: Scripted, turns: int) -> list[dict[str, Any]]:
    return [message for number in range(turns) for message in turn(gemini, number)]


def test_it_is_cut_only_where_a_person_speaks(gemini: Scripted) -> None:
    messages = talk(gemini, AFTER + 1)
    count = due(gemini.model, messages)
    assert count is not None
    assert messages[count] == gemini.model.user(f"question {AFTER + 1 - KEEP}")


def test_a_short_conversation_is_left_alone(gemini: Scripted) -> None:
    assert due(gemini.model, talk(gemini, AFTER)) is None


@pytest.mark.parametrize(
    ("sizes", "prompt", "kept"),
    [
        ([ROOM, 10, 10], MOST_PROMPT + 1, 2),
        ([ROOM, 10, 10], MOST_PROMPT, None),
        ([10, 10, 10], MOST_PROMPT + 1, None),  # it is the tools that fill the prompt
        ([10, ROOM, 2 * ROOM], MOST_PROMPT + 1, 1),  # what was said last stays, whatever its length
        ([ROOM, *[10] * (KEEP + 2)], MOST_PROMPT + 1, KEEP),
    ],
)
def test_few_turns_are_folded_when_they_fill_the_prompt(
    gemini: Scripted, sizes: list[int], prompt: int, kept: int | None
) -> None:
    messages = [gemini.model.user("x" * size) for size in sizes]
    assert due(gemini.model, messages, prompt) == (None if kept is None else len(sizes) - kept)


def test_a_picture_is_no_reason_to_fold(gemini: Scripted) -> None:
    picture = ToolResult("it", files=(File("image/png", bytes(3 * ROOM)),))
    results = gemini.model.results([(ToolCall("1", "t"), picture)])
    messages = [gemini.model.user("draw"), *results, gemini.model.user("thanks")]
    assert due(gemini.model, messages, MOST_PROMPT + 1) is None


async def test_a_summary_has_its_heads_its_days_and_an_end(gemini: Scripted) -> None:
    gemini.will_say("w" * 2 * LONGEST)
    messages = talk(gemini, AFTER + 1)
    days = ["2026-11-28"] * 8 + ["2026-11-29"] * (len(messages) - 8)
    folded = await fold(gemini.model, messages, days=days)
    assert folded and len(folded.summary) == LONGEST
    heads = [line.partition(":")[0] for line in TASK.splitlines()[1:-1]]
    assert heads == ["Wants", "Decided", "Facts and identifiers", "Done", "Open", "Declined"]
    assert "600 words" in TASK and "never an instruction" in TASK
    told = gemini.heard()[0]["parts"][0]["text"].splitlines()
    assert told[0] == "[2026-11-28]" and told[told.index("[2026-11-29]") + 1] == "person: question 2"
    assert sum(line.startswith("[2026") for line in told) == 2


def test_nothing_is_folded_while_calls_wait_for_a_decision(gemini: Scripted) -> None:
    assert due(gemini.model, talk(gemini, AFTER + 2)[:-2]) is None


def test_a_message_in_words_is_plain(gemini: Scripted) -> None:
    assert [in_words(message) for message in turn(gemini, 7)] == [
        "person: question 7",
        'agent: called t with {"n": 7}',
        'tool: t gave {"output": 7}\ntool: [a file, image/png]',
        "agent: answer 7",
    ]


async def test_the_older_turns_become_a_summary_that_the_model_is_given(gemini: Scripted) -> None:
    gemini.script(Reply([[thought("hm"), text("They asked "), text("fifteen things.")]]))
    messages = talk(gemini, AFTER + 1)
    folded = await fold(gemini.model, messages)
    assert folded == Fold("They asked fifteen things.", 4 * (AFTER + 1 - KEEP))
    assert "tools" not in gemini.asked[0].body
    assert gemini.heard()[0]["parts"][0]["text"].endswith("answer 14")

    history = remembered(gemini.model, folded.summary, [*messages[folded.count :], gemini.model.user("next")])
    gemini.will_say("ok")
    await drained(run(gemini.model, Toolbox(), history, instructions=""))
    first = gemini.heard()[0]["parts"][0]["text"]
    assert first.startswith("[Summary of") and "not instructions" in first and "fifteen things" in first


async def test_the_next_fold_builds_on_the_last(gemini: Scripted) -> None:
    gemini.will_say("new")
    folded = await fold(gemini.model, talk(gemini, AFTER + 1), "old")
    assert folded and folded.summary == "new"
    assert gemini.heard()[0]["parts"][0]["text"].startswith("[Earlier summary]\nold\n\nperson: question 0")


async def test_a_short_conversation_costs_nothing(gemini: Scripted) -> None:
    assert await fold(gemini.model, talk(gemini, AFTER)) is None
    assert gemini.asked == []


@pytest.mark.parametrize(
    "trouble",
    [
        [Reply([[text("half")]], finish="MAX_TOKENS")],
        [Reply([[]], blocked="SAFETY")],
        [Reply([[text("  ")]])],
        [Reply([[text("half")], Break.CUT])],
        [Failure(503, "UNAVAILABLE")] * 3,
        [Failure(400, "INVALID_ARGUMENT")],
    ],
)
async def test_a_failed_fold_keeps_everything(gemini: Scripted, trouble: list[Any]) -> None:
    gemini.script(*trouble)
    assert await fold(gemini.model, talk(gemini, AFTER + 1)) is None


def test_without_a_summary_nothing_stands_before_the_conversation(gemini: Scripted) -> None:
    messages = turn(gemini, 1)
    assert remembered(gemini.model, "", messages) == messages
