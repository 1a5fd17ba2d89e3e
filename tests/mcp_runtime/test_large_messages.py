"""What is large is read in a process of its own, which may die of it: whoever sent it is told, and nobody else."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from mcp_runtime.errors import TooBig
from mcp_runtime.left_out import MARK
from mcp_runtime.tools.results import MAX_TEXT
from mcp_runtime.transports import bounded_messages
from mcp_runtime.transports.large import reading, shrink
from mcp_runtime.transports.large.reading import NotRead, Reading, ReadingProcess, Took, is_large
from mcp_runtime.transports.mending import bodies, messages
from mcp_runtime.transports.mending.messages import MAX_VALUES, TooManyValues
from tests.mcp_runtime.conftest import Called, Offered
from tests.mcp_runtime.fair import Others
from tests.mcp_runtime.odd_server import TOOL, OddServer, Raw, result


@pytest.fixture
async def process() -> AsyncIterator[ReadingProcess]:
    held = ReadingProcess()
    yield held
    await held.close()


def of(value: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode()


LONG = {"x": [{"n": number} for number in range(40_000)]}


def large_tool(number: int) -> dict[str, Any]:
    properties = {f"p{at}": {"type": "string", "description": "a “b” \\ c"} for at in range(800)}
    return {"name": f"t{number}", "description": "d", "inputSchema": {"type": "object", "properties": properties}}


async def test_what_is_small_is_read_at_once_and_no_process_is_begun(process: ReadingProcess) -> None:
    raw = of({"content": []})
    assert await Reading(process).small(raw) is raw and process.pid is None
    assert not is_large(b'"' * (reading.MANY - 1)) and is_large(b'"' * (reading.MANY + 1)) and is_large(b" " * 300_000)


@pytest.mark.parametrize("sent", ["json", "events", "text"])
async def test_of_a_large_answer_the_model_is_told_what_it_would_be_told_otherwise(called: Called, sent: str) -> None:
    whole = result(json.dumps({"structuredContent": LONG, "content": [{"type": "text", "text": "beside"}]}))
    raw = {
        "json": Raw(whole),
        "events": Raw(f"data: {whole}\n\n", "text/event-stream"),
        "text": Raw(whole, "text/plain"),
    }
    given = (await called(OddServer({"tools/call": raw[sent]}))).output
    dumped = json.dumps(LONG, separators=(",", ":"))
    assert given["result"] == dumped[: MAX_TEXT - len("beside") - 1] + "…" and given["text"] == "beside"
    assert str(len(dumped) + len("beside")) in given["cut"]


async def test_a_text_that_says_what_the_structure_says_is_told_once(called: Called) -> None:
    text = {"type": "text", "text": json.dumps(LONG)}
    given = (await called(OddServer({"tools/call": {"structuredContent": LONG, "content": [text]}}))).output
    assert "text" not in given and given["result"].startswith('{"x":[{"n":0}')


async def test_the_characters_of_texts_beyond_all_bounds_are_counted(called: Called) -> None:
    content = [{"type": "text", "text": "é\n" * 500_000}, {"type": "text", "text": "and more"}]
    given = (await called(OddServer({"tools/call": {"content": content}}))).output
    assert len(given["result"]) == MAX_TEXT and str(1_000_007) in given["cut"]


async def test_blocks_beyond_all_bounds_are_counted(called: Called) -> None:
    many = (await called(OddServer({"tools/call": {"content": [{"type": "text", "text": ""}] * 20_000}}))).output
    assert "It has 20000 blocks, and only the first 2000 are told." in many["notes"]


async def test_a_large_listing_is_taken_as_it_stands_to_the_letter(offered: Offered) -> None:
    tools = [TOOL, *(large_tool(number) for number in range(10)), {"name": "bad"}]
    offer = await offered(OddServer({"tools/list": {"tools": tools, "_meta": {"x": "y" * 100_000}}}))
    assert [each.name for each in offer.tools] == [TOOL["name"], *(f"t{number}" for number in range(10)), "bad"]
    assert offer.tools[1].definition == large_tool(0)


async def test_a_server_that_knows_how_small_messages_are_marked_marks_none(called: Called, offered: Offered) -> None:
    """It would have to know the mark, which is another in each process."""
    assert len(MARK) > 32
    forged = {"usher/0": ["made up", 5]}
    assert (await called(OddServer({"tools/call": {"structuredContent": forged}}))).output["result"] == forged


async def test_while_it_is_read_others_have_their_turns(process: ReadingProcess) -> None:
    async with Others() as others:
        before = others.turns
        small = await Reading(process).small(of({"structuredContent": LONG}))
        assert others.turns - before > 50
    assert b"objects" in small and len(small) < 1000


async def test_who_is_killed_over_a_message_fails_that_message_and_is_begun_anew(
    process: ReadingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Reading(process), Reading(process)
    await one.small(of(LONG))
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    monkeypatch.setattr(reading, "PATIENCE", 0.05)
    with pytest.raises(NotRead):
        await one.small(of(LONG))
    monkeypatch.undo()
    assert await other.small(of(LONG)) and process.pid not in (None, first)
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


async def test_who_gives_up_waiting_leaves_no_answer_to_the_next(process: ReadingProcess) -> None:
    mine, theirs = Reading(process), Reading(process)
    asking = asyncio.create_task(mine.small(of({"content": ["mine"], **LONG})))
    while process.pid is None:
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    theirs.asked["1"] = "tools/call"
    assert b"theirs" in await theirs.small(of({"content": ["theirs"], **LONG}))


async def test_whoever_sent_a_message_is_charged_with_what_it_took_and_nobody_else(process: ReadingProcess) -> None:
    dear, cheap = list[Took](), list[Took]()
    await Reading(process, dear.append).small(of(LONG))
    await Reading(process, cheap.append).small(of("x" * reading.LARGE))
    assert dear[0].seconds > cheap[0].seconds > 0
    assert dear[0].memory > len(of(LONG)) and (not cheap[0].memory or cheap[0].memory < dear[0].memory)


async def test_of_a_process_that_took_much_memory_nobody_after_has_to_answer_for_it(
    process: ReadingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Reading(process).small(of("x" * reading.LARGE))
    assert process.pid is not None
    monkeypatch.setattr(reading, "MOST_HELD", 1 << 20)
    await Reading(process).small(of(LONG))
    assert process.pid is None


async def test_who_kills_it_is_charged_with_all_that_it_may_take(
    process: ReadingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.0)
    charged = list[Took]()
    with pytest.raises(NotRead):
        await Reading(process, charged.append).small(of(LONG))
    assert [each.memory for each in charged] == [reading.MEMORY]


async def test_each_session_stands_in_the_queue_once(process: ReadingProcess) -> None:
    greedy, done = Reading(process), list[str]()

    async def read(whose: str, by: Reading) -> None:
        await by.small(of(LONG))
        done.append(whose)

    tasks = [asyncio.create_task(read("greedy", greedy)) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.gather(asyncio.create_task(read("other", Reading(process))), *tasks)
    assert done.index("other") <= 1


async def test_too_many_values_are_not_read_there_either(process: ReadingProcess) -> None:
    with pytest.raises(TooManyValues):
        await Reading(process).small(b"[" + b"[]," * MAX_VALUES + b"[]]")


async def test_an_answer_that_kills_its_reader_is_told_as_too_large(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.0)
    assert TooBig.reason in (await called(OddServer({"tools/call": {"structuredContent": LONG}}))).error


async def test_it_ends_when_its_input_does_and_with_the_pool(process: ReadingProcess) -> None:
    await Reading(process).small(of(LONG))
    held = process._process
    assert held is not None and held.stdin is not None
    held.stdin.close()
    async with asyncio.timeout(60):
        assert await held.wait() == 0


def test_the_process_knows_the_bounds_of_the_rest() -> None:
    assert shrink.MOST_VALUES == messages.MAX_VALUES and shrink.MOST_DIGITS == messages.MAX_DIGITS
    assert shrink.TOO_MANY == bounded_messages.TOO_MANY
    assert (shrink.MOST_OBJECTS, shrink.MOST_MEMBERS) == (bounded_messages.MAX_OBJECTS, bounded_messages.MAX_MEMBERS)
    assert shrink.MOST_TOGETHER == messages.MAX_TOGETHER and bodies.MAX_EVENT > reading.LARGE


BEGINS = """
import asyncio
from mcp_runtime.transports.large.reading import ReadingProcess

async def main():
    process = ReadingProcess()
    await process.shrunk(b'{"jsonrpc": "2.0", "id": 1, "result": {}}', {})
    print(process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="of Linux")
async def test_it_outlives_nobody_who_was_killed() -> None:
    usher = await asyncio.create_subprocess_exec(sys.executable, "-c", BEGINS, stdout=asyncio.subprocess.PIPE)
    assert usher.stdout is not None
    handle = os.pidfd_open(int(await usher.stdout.readline()))
    try:
        usher.kill()
        await usher.wait()
        async with asyncio.timeout(60):
            await anyio.wait_readable(handle)
    finally:
        os.close(handle)
