"""A server that says too much takes no turn of anybody else's: there is one event loop for all."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from mcp_runtime.sandbox.launches import Launch
from mcp_runtime.transports import fair_turns
from mcp_runtime.transports.fair_turns import (
    BURST,
    BURST_OF_MEMBER,
    LONGEST_PAUSE,
    SHARE,
    SHARE_OF_MEMBER,
    SLICE,
    Credits,
    FairTurns,
)
from mcp_runtime.transports.mending.bodies import MAX_LINES, MendedEvents
from mcp_runtime.transports.mending.messages import MAX_TOGETHER, messages_in
from mcp_runtime.transports.session_budgets import SessionBudget
from mcp_runtime.transports.stdio import BoundedStdio
from tests.mcp_runtime.fair import Others

PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'


class Clock:
    """Each look at it takes a ten-thousandth of a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.0001
        return self.now


def printing(code: str) -> BoundedStdio:
    @contextmanager
    def prepare() -> Iterator[Launch]:
        yield Launch([sys.executable, "-c", f"import os\n{code}"], {}, (), 256 << 20)

    return BoundedStdio(prepare, grace=0.05)


async def test_who_works_for_long_pauses_and_who_rests_may_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, paused = Clock(), list[float]()

    async def slept(seconds: float) -> None:
        paused.append(seconds)
        clock.now += seconds

    monkeypatch.setattr(asyncio, "sleep", slept)
    turns = FairTurns(clock, clock)

    async def worked(seconds: float) -> None:
        turns.work(lambda: setattr(clock, "now", clock.now + seconds))
        await turns.others()

    await worked(SLICE / 5)
    assert paused == []  # too little to count by itself
    while not paused or paused[-1] < 3 * SLICE:
        await worked(SLICE)
    assert BURST / SLICE / 2 < len(paused) < 2 * BURST / SLICE
    assert min(paused) > SLICE / 2  # also before: a thread that waits for Python's lock gets it from a loop that sleeps
    begun = clock.now
    for _ in range(100):
        await worked(SLICE)
    assert 2 * SHARE * (clock.now - begun) >= 100 * SLICE
    await worked(100.0)
    assert paused[-1] == LONGEST_PAUSE
    clock.now += 101 / SHARE
    await worked(SLICE)
    assert paused[-1] == 0  # between two calls there was more rest than that


async def test_who_connects_anew_again_and_again_begins_no_credit_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, paused = Clock(), list[float]()

    async def slept(seconds: float) -> None:
        paused.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", slept)
    credits = Credits(clock)

    async def session_of(member: str) -> float:
        turns = FairTurns(clock, clock, credits.of("T1", member))
        turns.work(lambda: setattr(clock, "now", clock.now + BURST))
        await turns.others()
        return paused[-1]

    waited = [await session_of("U1") for _ in range(9)]
    assert waited[0] < 2 * BURST < waited[-1]  # each by itself has not used up its own
    assert await session_of("U2") < 2 * BURST  # another member's is untouched
    clock.now += 2 * BURST_OF_MEMBER / SHARE_OF_MEMBER
    assert credits.of("T1", "U1").whole and await session_of("U1") < 2 * BURST


def test_credits_that_are_whole_are_kept_no_longer_than_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_turns, "MOST_CREDITS", 2)
    credits = Credits(Clock())
    spent = credits.of("T1", "U1")
    spent.spend(1.0)
    for number in range(9):
        credits.of("T1", f"W{number}")
    assert credits.of("T1", "U1") is spent
    assert len(vars(credits)["_of"]) <= 3


async def test_of_many_who_work_for_long_one_goes_on_in_each_round() -> None:
    """Ten connections of one member cost all others no more than one."""
    rounds, went_on = [0], list[int]()

    async def count() -> None:
        while True:
            rounds[0] += 1
            await asyncio.sleep(0)

    async def work() -> None:
        clock = Clock()
        turns = FairTurns(clock, clock)
        for _ in range(20):
            turns.work(lambda: setattr(clock, "now", clock.now + SLICE))
            await turns.others()
            went_on.append(rounds[0])

    counting = asyncio.create_task(count())
    leaves = asyncio.create_task(work())
    await asyncio.sleep(0)
    leaves.cancel()  # who is closed while it waits holds up nobody
    await asyncio.gather(*(work() for _ in range(10)))
    counting.cancel()
    assert len(went_on) == 200 and max(map(went_on.count, went_on)) == 1


async def test_between_the_events_of_one_piece_of_a_stream_others_have_their_turns() -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b"data: x\n\n" * 400

    async def close() -> None: ...

    async with Others() as others:
        heard = [part async for part in MendedEvents(stream(), close, 1, budget=SessionBudget(Clock(), Clock()))]
        assert others.turns >= 50
    assert b"".join(heard).strip() == b""


async def test_comments_alone_are_not_handed_on() -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b": beat\n\n\n\n: beat\r\n\r\nid: 3\n\nevent: endpoint\ndata: /here\n\n"

    async def close() -> None: ...

    heard = [part async for part in MendedEvents(stream(), close, None)]
    assert heard == [b"id: 3\n\n", b"event: endpoint\ndata: /here\n\n"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [(b"0", b"500"), (b" 3", b"500"), (b"9000", b"9000"), (b"9" * 30, b"500"), (b"-1", b"500"), (b"x", b"500")],
)
async def test_no_server_is_asked_again_without_a_pause_however_soon_it_wants_that(said: bytes, meant: bytes) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b"retry:" + said + b"\r\nid: 7\r\ndata:\r\n\r\n"

    async def close() -> None: ...

    heard = b"".join([part async for part in MendedEvents(stream(), close, None)])
    assert heard.splitlines()[:2] == [b"retry: " + meant, b"id: 7"] and heard.endswith(b"\n\n")


async def test_an_event_of_endless_lines_is_too_big() -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b"data:\n" * (MAX_LINES + 2) + b"\n"

    async def close() -> None: ...

    with pytest.raises(Exception, match="an event is longer than"):
        [part async for part in MendedEvents(stream(), close, 1)]


def test_of_a_batch_without_end_the_first_messages_are_taken() -> None:
    assert len(messages_in(f"[{','.join([PING] * (MAX_TOGETHER + 1))}]".encode())) == MAX_TOGETHER
    assert len(messages_in(f"  {PING}".encode())) == 1


async def test_while_a_program_prints_lines_that_mean_nothing_others_have_their_turns() -> None:
    transport = printing(f"os.write(1, b'x\\n' * 30000 + b'{PING}\\n'); input()")
    async with Others() as others, transport as (read, _):
        await read.receive()
        assert others.turns > 30


async def test_a_program_that_prints_for_ever_is_ended_and_leaves_nothing() -> None:
    transport = printing(f"os.write(1, b'{PING}\\n')\nwhile True: os.write(1, b'x\\n' * 30000)")
    async with asyncio.timeout(60), transport as (read, _):
        await read.receive()
    assert transport.exit_code is not None
