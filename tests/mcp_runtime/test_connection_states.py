"""Each connection is told to the model as it is, also one without a tool: «is GitHub connected?» has a true answer."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mcp_runtime.tools.states import said, states
from storage.tables import Connection, PinnedTool


def new(name: str) -> PinnedTool:
    return PinnedTool(connection_id="c", name=name, policy="ask", state="set_aside", pin="")


def connection(**more: Any) -> Connection:
    given = {"id": "c", "title": "GitHub", "status": "connected", "trouble": "", "left_out": []}
    return Connection(**(given | more))


def tool(name: str, policy: str = "ask", state: str = "accepted") -> PinnedTool:
    return PinnedTool(connection_id="c", name=name, policy=policy, state=state, pin="p")


SINCE = datetime(2026, 11, 20, 8, 5, tzinfo=UTC)
CASES: dict[str, tuple[Connection, list[PinnedTool], str]] = {
    "well": (connection(), [tool("a"), tool("b", "free")], "GitHub is connected: 2 tools."),
    "new": (
        connection(),
        [tool("a"), new("b"), new("d"), tool("e", state="set_aside")],
        "GitHub is connected: 1 tool. GitHub: 2 tools are new and wait for your yes: see its Tools in Usher's Home tab."
        " GitHub: 1 tool has changed and waits for your yes: see its Tools in Usher's Home tab.",
    ),
    "one": (connection(), [tool("a"), tool("b", "off")], "GitHub is connected: 1 tool."),
    "off": (connection(), [tool("a", "off")], "GitHub is connected: all its tools are switched off."),
    "empty": (connection(), [], "GitHub is connected: its server offers no tools."),
    "gone": (connection(), [tool("a", state="gone")], "GitHub is connected: no tool can be used."),
    "left out": (
        connection(left_out=[["look", "it has no name"]]),
        [],
        "GitHub is connected: none of its tools can be used: look (it has no name).",
    ),
    "signed out": (
        connection(status="sign_in", trouble="it refuses the token"),
        [tool("a")],
        "GitHub needs sign-in: its owner has to sign in to it again, in Usher's Home tab.",
    ),
    "failing": (
        connection(status="failing", trouble="nothing answered", failing_since=SINCE),
        [tool("a")],
        "GitHub is not answering since 2026-11-20 08:05 UTC: nothing answered. It may work again: try it when you need"
        " it.",
    ),
    "paused": (
        connection(status="failing", trouble="nothing answered", paused_at=SINCE, instructions_offered="B"),
        [tool("a"), tool("b", state="set_aside")],
        "GitHub is paused by its owner, who can resume it in Usher's Home tab. None of its tools is there.",
    ),
    "changed": (
        connection(instructions="A", instructions_offered="B"),
        [tool("a"), tool("b", state="set_aside")],
        "GitHub is connected: 1 tool. GitHub: 1 tool has changed and waits for your yes: see its Tools in Usher's Home"
        " tab. GitHub: what it says about its tools has changed and waits for your yes, in its Tools in the Home tab.",
    ),
}


@pytest.mark.parametrize(("there", "rows", "told"), CASES.values(), ids=CASES)
def test_each_connection_has_a_line_of_its_own(there: Connection, rows: list[PinnedTool], told: str) -> None:
    assert states([there], rows) == [told]


def test_one_that_may_not_be_used_here_says_so_whatever_else_it_is() -> None:
    told = "GitHub is not permitted here: this installation does not let it be used. None of its tools is there."
    assert states([connection(paused_at=SINCE)], [tool("a")], barred={"c"}) == [told]


@pytest.mark.parametrize(
    ("accepted", "waiting", "used"),
    [("A", None, [("GitHub", "A")]), ("A", "B", []), ("A", "", []), ("", None, []), (None, None, [])],
)
def test_only_words_that_are_as_accepted_are_used(accepted: str | None, waiting: str | None, used: list[Any]) -> None:
    assert said([connection(instructions=accepted, instructions_offered=waiting)]) == used
