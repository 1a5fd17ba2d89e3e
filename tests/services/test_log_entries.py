"""What is stored of the agent's events: enough for both doors, in words for people."""

from bot.agent.events import ModelReplaced, Retrying, ToolFinished, ToolsLeftOut, ToolStarted
from bot.services import log_entries
from mcp_runtime.tools.tools import ToolCall

CALL = ToolCall("1", "shop__build", {"thing": "a boat"})


def test_a_call_is_one_entry_that_changes_its_state() -> None:
    started = log_entries.tool_started(ToolStarted(0, CALL, "Shop: Build", "Shop", True), "t:1:0")
    finished = log_entries.tool_finished(
        ToolFinished(0, CALL, "Shop: Build", "Shop", True, "no wood", 1.23456), "t:1:0"
    )
    assert (started.body["call"], started.body["state"]) == ("t:1:0", "started")
    assert finished.body == started.body | {"state": "failed", "summary": "no wood", "seconds": 1.235}
    assert log_entries.tool_declined("t:1:0", "Shop: Build", "Shop").body["state"] == "declined"


def test_notices_say_what_goes_on() -> None:
    assert "new answers instead" in log_entries.model_replaced(ModelReplaced("old", "new")).body["text"]
    assert log_entries.tools_left_out(ToolsLeftOut(("a", "b"), "they are odd"), ["A", "B"]).body == {
        "code": "tools_set_aside",
        "text": "The model could not take these tools, so they are left out, since they are odd: A and B.",
        "tools": ["a", "b"],
    }


def test_why_it_takes_longer_is_a_status_and_goes_with_the_next() -> None:
    told = log_entries.retrying(Retrying(0.2, "The model is overloaded."))
    assert (told.kind, told.body["state"]) == ("status", "working")
    assert told.body["text"] == "The model is overloaded. Trying again in 1 s."


def test_an_approval_shows_the_calls_and_nothing_of_how_they_are_reached() -> None:
    call = {"position": 0, "title": "T", "server": "S", "tool": "t", "arguments": {}, "connection_id": "c"}
    shown = log_entries.approval("a1", "asked", None, [call]).body
    assert shown["calls"] == [{"title": "T", "server": "S", "tool": "t", "arguments": {}}]


def test_an_interruption_names_what_was_being_done() -> None:
    assert "Shop: Build and Shop: Sell" in log_entries.interrupted(["Shop: Build", "Shop: Sell"]).body["text"]
    assert log_entries.interrupted([]).body["text"].startswith("I was interrupted before")
