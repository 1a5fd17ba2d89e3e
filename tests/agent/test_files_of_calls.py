"""Files that calls bring: so many bytes a turn, and so many a request; what has no room is told in words."""

from typing import Any

import pytest

from bot.agent import room
from bot.agent.events import ToolFinished
from bot.agent.gemini.refusals import old_files
from bot.agent.summary import MOST_FILES, due
from mcp_runtime.tools.tools import File, ToolCall, ToolResult
from playground.gemini.server import MOST_BYTES
from tests.agent.test_loop import played
from tests.support.gemini import Scripted
from tests.support.tools import Toolbox, tool

SHOT = tool("town__shot")
PNG = b"\x89PNG\r\n\x1a\n"


def picture(size: int) -> File:
    return File("image/png", PNG.ljust(size, b"x"))


def shots(*sizes: int) -> Toolbox:
    async def shoot(arguments: Any) -> ToolResult:
        return ToolResult("seen", files=tuple(map(picture, sizes)))

    return Toolbox(SHOT, town__shot=shoot)


def sent(gemini: Scripted) -> int:
    """How many files the last request had."""
    return sum("inlineData" in part for message in gemini.heard() for part in message["parts"])


async def test_a_turn_brings_only_so_many_bytes_and_the_next_has_room_again(
    gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST", 250)
    history = [gemini.model.user("look")]
    for turn in range(2):
        gemini.will_call(("town__shot", {}))
        gemini.will_call(("town__shot", {}), ("town__shot", {}))
        gemini.will_say("done")
        events = await played(gemini, shots(100, 60), history)
        # What is not kept for the model is not put up for people either.
        assert [len(each.files) for each in events if isinstance(each, ToolFinished)] == [2, 1, 0]
        assert sent(gemini) == 3 * (turn + 1)
        last = gemini.responses()[-1]["response"]["output"]
        assert last["result"] == "seen" and "2 of the files that this call returned are left out" in last["notes"][0]
        history += [gemini.model.user("once more")]


async def test_of_a_long_history_the_newest_files_go_along(gemini: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    gemini.will_call(("town__shot", {}))
    gemini.will_call(("town__shot", {}))
    gemini.will_call(("town__shot", {}))
    gemini.will_say("done")
    history = [gemini.model.user("look")]
    monkeypatch.setattr(old_files.fitting, "__defaults__", (900,))
    await played(gemini, shots(300), history)
    assert sent(gemini) == 2
    assert str(gemini.heard()).count(old_files.OLDER) == 1
    assert sum(gemini.model.file_bytes(message) for message in history) == 900, "all of it is still there"


def test_one_request_is_smaller_than_the_api_takes() -> None:
    """With room for words, and for a turn whose files are all its own."""
    assert room.MOST < MOST_BYTES * 0.9 and old_files.MOST < MOST_BYTES * 0.9


def test_what_fits_is_left_as_it_is(gemini: Scripted) -> None:
    history = gemini.model.results([(ToolCall("1", "t"), ToolResult("it", files=(picture(300),)))])
    assert old_files.fitting(history) is history


@pytest.mark.parametrize(("sizes", "kept"), [([9, 9, 1], 2), ([1, 19], 1), ([19], None), ([9, 8], None)])
def test_old_files_are_a_reason_to_fold(
    gemini: Scripted, sizes: list[int], kept: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else all of them would be loaded with each turn, and go with none."""
    messages = [gemini.model.user(f"look {number}") for number in range(len(sizes))]
    weights = {f"look {number}": size * MOST_FILES // 18 for number, size in enumerate(sizes)}
    monkeypatch.setattr(type(gemini.model), "file_bytes", lambda _, message: weights[message["parts"][0]["text"]])
    assert due(gemini.model, messages) == (None if kept is None else len(sizes) - kept)
