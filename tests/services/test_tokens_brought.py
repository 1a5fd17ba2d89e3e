"""What results of tools bring into prompts is what the model says these grew by, shared out by length; nothing else."""

from datetime import timedelta

import pytest

from bot.agent.events import Spent
from bot.services.limits.budgets.growth import Growth
from mcp_runtime.tools.results import MAX_TEXT
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult
from playground.gemini import Reply, call, text
from playground.gemini.script import USAGE
from storage.database import Database
from storage.schema import now
from tests.services.house import House, allow
from tests.services.workshop import Workshop
from tests.support.gemini import SIGNATURE, Scripted

TOOLS = [Tool("shop__look", "Shop: Look", "", {}, connection_id="c1", own_name="look"), Tool("usher__note", "", "", {})]
CALLS = [(ToolCall("1", "shop__look"), ToolResult("x" * 298)), (ToolCall("2", "usher__note"), ToolResult("y" * 98))]


@pytest.fixture
def db(sqlite_db: Database) -> Database:
    return sqlite_db


def spent(prompt: int, output: int = 10) -> Spent:
    return Spent("m", prompt, 0, output)


def test_growth_is_shared_out_among_the_results_of_a_step_by_their_length() -> None:
    growth = Growth()
    assert growth.asked(spent(100), TOOLS) is None
    growth.results(CALLS)
    assert growth.asked(spent(150), TOOLS) == [["c1", "look", 30], ["", "usher__note", 10]]
    assert growth.asked(spent(170), TOOLS) is None, "nothing came of tools"


def test_nothing_is_said_where_the_growth_may_have_come_of_something_else() -> None:
    growth = Growth()
    growth.results(CALLS)
    assert growth.asked(spent(100), TOOLS) is None, "a question was waited for: there is nothing before it"
    growth.results(CALLS)
    assert growth.asked(spent(400), [*TOOLS, TOOLS[0]]) is None, "more tools were declared"
    growth.results(CALLS)
    assert growth.asked(spent(90), [*TOOLS, TOOLS[0]]) is None, "it has shrunk"


async def test_tokens_of_a_tool_and_what_was_left_out_of_its_results_are_told(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    made = await house.connect(workshop.url)
    await allow(house, made, "look", "free")
    workshop.built.extend(["a boat" * 10_000])
    looks = [[call("shop__look", {}, id="call-0", signature=SIGNATURE)]]
    gemini.script(Reply(looks, usage={**USAGE, "promptTokenCount": 100, "candidatesTokenCount": 20}))
    gemini.script(Reply([[text("A long boat.")]], usage={**USAGE, "promptTokenCount": 9_120}))
    async with house.worker():
        await house.say("what is built?")
        await house.face.after()
        await house.pool._recording.over(60)
    async with house.db.read() as tables:
        found = await tables.insights.used("T1", "tool", now() - timedelta(days=1))
    look = found["custom", "look"]
    assert (look.brought, look.done) == (9_000, 1)
    assert 60_000 - MAX_TEXT <= look.left_out < 62_000 - MAX_TEXT
