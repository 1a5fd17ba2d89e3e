"""What costs money or quota says so where it is chosen, and where it is asked about."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from run_cards import custom
from tests.support.slack import DM, OWNER, Usher, running_usher, said

COSTS = "may cost money"


@pytest.fixture
async def costly(slack, client, sqlite_db, gemini, notes: str) -> AsyncIterator[Usher]:
    card = replace(custom.CARD, costs=frozenset({"add_note"}))
    async with running_usher(slack, client, sqlite_db, gemini, cards=(card,)) as usher:
        await usher.connect_notes(notes)
        yield usher


async def test_a_tool_that_costs_is_marked_among_the_others(costly: Usher) -> None:
    await costly.slack.command(OWNER, DM, "/mcp tools Notes")
    shown = await costly.modal_with("Add a note")
    marked = [block["text"]["text"] for block in shown["blocks"] if COSTS in str(block)]
    assert len(marked) == 1 and "Add a note" in marked[0]


async def test_the_question_before_its_call_says_so(costly: Usher) -> None:
    for tool, words, expected in (("add_note", "water the plants", True), ("delete_note", "bread", False)):
        costly.gemini.will_call((f"notes__{tool}", {"text" if expected else "title": words}))
        await costly.slack.person_says(OWNER, DM, f"please {tool}")
        question = await costly.message_with(words)
        assert (COSTS in said(question)) is expected
        costly.gemini.will_say("As you wish.")
        await costly.press(question, "approval.deny")
        await costly.message_with("As you wish.")
