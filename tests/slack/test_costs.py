"""What costs money or quota says so where it is chosen and where it is asked about; dear calls ask in any case."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services.limits.budgets.priced import Priced, Threshold
from bot.services.limits.prices import DOLLAR
from bot.slack.screens.spending.prices import price
from mcp_runtime.tools.tools import Cost, DryRun, Tool, ToolCall, ToolResult
from run_cards import custom
from storage.tables import Approval, ToolUsage
from tests.support.slack import DM, OWNER, TEAM, Usher, running_usher, said

COSTS = "may cost money"
UNKNOWN = "What it costs is not known"


@pytest.fixture
def house(slack, client, sqlite_db, gemini, notes: str) -> Any:
    @asynccontextmanager
    async def opened(**costs: Cost) -> AsyncIterator[Usher]:
        card = replace(custom.CARD, costs=costs)
        async with running_usher(slack, client, sqlite_db, gemini, cards=(card,)) as usher:
            await usher.connect_notes(notes)
            yield usher

    return opened


async def always(usher: Usher, tool: str) -> None:
    async with usher.services.db.begin() as tables:
        [connection] = await tables.connections.of(TEAM, OWNER)
        await tables.tools.set_policy(TEAM, connection.id, tool, "always")


async def asked_for(usher: Usher, words: str) -> dict[str, Any]:
    usher.gemini.will_call(("notes__add_note", {"text": words}))
    await usher.slack.person_says(OWNER, DM, f"please note {words}")
    return await usher.message_with("May I?")


async def test_a_tool_that_costs_is_marked_among_the_others(house: Any) -> None:
    async with house(add_note=Cost()) as usher:
        await usher.slack.command(OWNER, DM, "/mcp tools Notes")
        shown = await usher.modal_with("Add a note")
        marked = [block["text"]["text"] for block in shown["blocks"] if COSTS in str(block)]
        assert len(marked) == 1 and "Add a note" in marked[0]


async def test_the_question_before_its_call_says_what_it_costs_and_that_of_another_does_not(house: Any) -> None:
    async with house(add_note=Cost()) as usher:
        for tool, words, expected in (("add_note", "water the plants", True), ("delete_note", "bread", False)):
            usher.gemini.will_call((f"notes__{tool}", {"text" if expected else "title": words}))
            await usher.slack.person_says(OWNER, DM, f"please {tool}")
            question = await usher.message_with(words)
            assert ((UNKNOWN in said(question)) is expected and ":moneybag:" not in said(question)) or expected
            usher.gemini.will_say("As you wish.")
            await usher.press(question, "approval.deny")
            await usher.message_with("As you wish.")


async def test_a_dear_call_asks_though_its_member_always_allows_the_tool_and_its_cost_is_kept(house: Any) -> None:
    async with house(add_note=Cost(per_call=2 * DOLLAR)) as usher:
        await always(usher, "add_note")
        question = await asked_for(usher, "water the plants")
        assert "*About $2.00*" in said(question) and "costs $1.00 or more" in said(question)
        assert "approval.always" not in str(question)
        usher.gemini.will_say("It is noted.")
        await usher.press(question, "approval.approve")
        await usher.message_with("It is noted.")
        await usher.slack.open_home(OWNER)
        told = "Calls of tools whose price is known: about $2.00"
        await usher.slack.when(lambda: told in said(usher.slack.snapshot(OWNER)["home"] or {}))
        assert "By day, from 1 " in said(usher.slack.snapshot(OWNER)["home"])
        async with usher.services.db.read() as tables:
            calls = list(await tables.session.scalars(sa.select(ToolUsage).where(ToolUsage.tool == "add_note")))
        assert [(call.outcome, call.money) for call in calls] == [("done", 2 * DOLLAR)]


async def test_a_cheap_call_asks_nobody_until_its_member_wants_to_be_asked_sooner(house: Any) -> None:
    async with house(add_note=Cost(per_call=DOLLAR // 10)) as usher:
        await always(usher, "add_note")
        usher.gemini.will_call(("notes__add_note", {"text": "bread"}))
        usher.gemini.will_say("It is noted.")
        await usher.slack.person_says(OWNER, DM, "note bread")
        await usher.message_with("It is noted.")
        home = await usher.home()
        await usher.press(home, "budgets.sooner")
        await usher.submit(await usher.modal_with("Ask me before a call"), asks_from="0.10")
        await usher.slack.when(lambda: "costs $0.10 or more" in said(usher.slack.snapshot(OWNER)["home"]))
        assert "*About $0.10*" in said(await asked_for(usher, "milk"))
        async with usher.services.db.read() as tables:
            [approval] = await tables.session.scalars(sa.select(Approval))
        assert approval.calls[0]["price"]["money"] == DOLLAR // 10


RUN = DryRun("try_query", "statistics.bytes", {"dry": True})
QUERY = Cost(each=DOLLAR * 25 // 4, of=2**40, unit="bytes", dry_run=RUN)
"""As a warehouse has it: $6.25 a TiB."""


class Warehouse:
    """Answers a trial run with ``output``."""

    def __init__(self, output: Any = None, *, reads: bool = True, cost: Cost = QUERY) -> None:
        self.tools = (
            Tool("w__query", "Query", "", {}, guarded=False, connection_id="c", own_name="query", costs=cost),
            Tool("w__try", "Try", "", {}, guarded=not reads, connection_id="c", own_name="try_query", reads=reads),
        )
        self.output = output
        self.calls: list[ToolCall] = []

    async def call(self, call: ToolCall) -> ToolResult:
        self.calls.append(call)
        return self.output if isinstance(self.output, ToolResult) else ToolResult(self.output)


async def estimate(inner: Warehouse, arguments: Mapping[str, Any] | None = None, today: int = 0) -> dict[str, Any]:
    async def dollar() -> Threshold:
        return Threshold(DOLLAR, today)

    priced, shown = Priced(inner, dollar), {"position": 0, "guarded": False}
    await priced.look([ToolCall("", "w__query", dict(arguments or {"sql": "SELECT 1"}))])
    priced.note([shown], ["w__query"])
    return dict(shown["price"])  # type: ignore[call-overload]


TERABYTES = {"statistics": {"bytes": str(3 * 2**40)}}


@pytest.mark.parametrize("output", [TERABYTES, {"result": '{"statistics": {"bytes": 3298534883328}}'}])
async def test_a_trial_run_says_what_a_call_would_take_before_it_is_made(output: Any) -> None:
    warehouse = Warehouse(output)
    found = await estimate(warehouse)
    assert (found["money"], found["units"]) == (18_750_000, 3 * 2**40)
    assert [(call.name, call.arguments) for call in warehouse.calls] == [("w__try", {"sql": "SELECT 1", "dry": True})]
    assert price(found).startswith(":moneybag: *About $18.75, 3.3 TB*, by a trial run") and "today" not in price(found)
    assert price(await estimate(warehouse, today=2 * DOLLAR)).endswith("Calls have cost you about $2.00 today (UTC).")


NO_NUMBER = [-1, True, "many", "9" * 30, float("nan"), float("inf"), None, [1], {"a": 1}]


@pytest.mark.parametrize(
    "warehouse",
    [
        *(Warehouse({"statistics": {"bytes": each}}) for each in NO_NUMBER),
        Warehouse(ToolResult(error="no")),
        Warehouse("not json"),
        Warehouse("[" * 100_000),
        Warehouse(TERABYTES, reads=False),  # it would be a call that nobody was asked about
        Warehouse(TERABYTES, cost=Cost()),
        Warehouse(cost=Cost(each=1, unit="rows", argument="limit")),
    ],
)
async def test_what_cannot_be_estimated_is_not_known_and_asks_and_never_counts_as_nothing(warehouse: Warehouse) -> None:
    found = await estimate(warehouse)
    assert found["money"] is None and UNKNOWN in price(found)


async def test_what_an_argument_asks_for_is_what_a_call_may_take_at_most() -> None:
    cost = Cost(per_call=100_000, each=2, of=10, unit="rows", argument="limit")
    found = await estimate(Warehouse(cost=cost), {"limit": 1_500_003})
    assert (found["money"], found["units"]) == (400_001, 1_500_003)
    assert price(found) == ":moneybag: *About $0.40, 1,500,003 rows*, at most, by what is asked for."
