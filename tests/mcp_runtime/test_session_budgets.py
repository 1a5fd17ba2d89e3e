"""What one session may take; who goes on beyond it is closed, its member reads why, and nobody else notices."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio
import pytest
from aiohttp import web

from mcp_runtime.errors import TooBig
from mcp_runtime.sandbox.launches import Launch
from mcp_runtime.sessions.lifetime.backoff import LONGEST
from mcp_runtime.transports import session_budgets
from mcp_runtime.transports.large.reading import LARGE, Took
from mcp_runtime.transports.mending.messages import messages_in
from mcp_runtime.transports.session_budgets import (
    BYTES,
    MAX_BYTES,
    MAX_MEMORY,
    MAX_MESSAGES,
    MAX_READING,
    MEMORY,
    MESSAGES,
    OF_PROGRESS,
    READING,
    TIME,
    Bucket,
    SessionBudget,
    SessionSpent,
)
from mcp_runtime.transports.stdio import STDERR_TAIL, BoundedStdio
from storage.database import Database
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.hand_made import HandMade, called, connected, reply, result, running
from tests.support.clock import Clock

PING = '{"jsonrpc":"2.0","id":%d,"method":"ping"}'


def told(method: str, *, asks: bool = False) -> str:
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": {}} | ({"id": 1} if asks else {}))


def heard(budget: SessionBudget, method: str, times: int, *, asks: bool = False) -> int:
    (message,) = messages_in(told(method, asks=asks).encode())
    return sum(budget.hears(message) for _ in range(times))


def test_a_bucket_fills_again_and_never_overflows() -> None:
    clock = Clock()
    bucket = Bucket(10, 2, clock)
    assert bucket.take(10) and not bucket.take(1)
    clock.now = 1.0
    assert not bucket.take(3) and bucket.take(2)
    clock.now = 1000.0
    assert not bucket.take(11) and bucket.take(10)


@pytest.mark.parametrize(
    ("spend", "why"),
    [
        (lambda budget: budget.came(MAX_BYTES + 1), BYTES),
        (lambda budget: heard(budget, "ping", MAX_MESSAGES + 1, asks=True), MESSAGES),
        (lambda budget: heard(budget, "notifications/message", MAX_MESSAGES + 1), MESSAGES),
        (lambda budget: budget.paused(31.0), TIME),
        (lambda budget: budget.read_elsewhere(Took(MAX_READING + 1, 0)), READING),
        (lambda budget: budget.read_elsewhere(Took(0.0, MAX_MEMORY + 1)), MEMORY),
    ],
)
def test_who_goes_on_beyond_a_bound_is_closed_once_and_for_all(
    spend: Callable[[SessionBudget], object], why: str
) -> None:
    ended: list[str] = []
    budget = SessionBudget(Clock())
    budget.on_spent = lambda: ended.append(budget.spent)
    with pytest.raises(SessionSpent):
        spend(budget)
    assert ended == [why] and budget.spent == why
    with pytest.raises(SessionSpent):
        budget.came(1)


def test_what_nobody_listens_for_is_passed_over_and_of_what_follows_closely_some() -> None:
    budget = SessionBudget(Clock())
    assert heard(budget, "notifications/message", 50) == 0
    assert heard(budget, "notifications/progress", 500) == OF_PROGRESS[0]
    assert 0 < heard(budget, "notifications/tools/list_changed", 500) < 50
    assert heard(budget, "notifications/elicitation/complete", 50) == 50
    assert heard(budget, "notifications/message", 5, asks=True) == 5


async def test_what_is_asked_for_counts_as_work_beyond_the_reading() -> None:
    """A ping is read in a moment, and answering it takes a request."""
    clock, waited = Clock(), list[float]()

    class Budget(SessionBudget):
        def paused(self, seconds: float) -> None:
            waited.append(seconds)

    budget = Budget(clock)
    for _ in range(300):
        heard(budget, "ping", 1, asks=True)
        if not any(waited):
            await budget.others()
    assert 190 < len(waited) < 220 and waited[-1] > 0


@contextmanager
def printing(code: str) -> Iterator[Launch]:
    yield Launch([sys.executable, "-c", f"import os\n{code}"], {}, (), 256 << 20)


async def test_a_program_that_sends_more_than_a_session_may_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_budgets, "MAX_BYTES", 1 << 20)
    transport = BoundedStdio(lambda: printing("while True: os.write(1, b'x' * 50_000 + b'\\n')"), grace=0.05)
    async with transport as (read, _):
        with pytest.raises(anyio.EndOfStream):
            await read.receive()
    assert transport.why == BYTES


async def test_what_a_program_writes_beside_counts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_budgets, "MAX_BYTES", 1 << 20)
    budget, spent = SessionBudget(), anyio.Event()
    budget.on_spent = spent.set
    transport = BoundedStdio(lambda: printing("while True: os.write(2, b'x' * 50_000)"), grace=0.05, budget=budget)
    async with transport:
        await spent.wait()
    assert budget.spent == BYTES and len(transport.stderr) <= STDERR_TAIL


class Flood(HandMade):
    """Sends without end what ``line`` says, on the stream that answers a call."""

    line = told("notifications/message")
    sent = 0

    async def flood(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        piece = f"data: {self.line}\n\n".encode() * 500
        while True:
            self.sent += 500
            await response.write(piece)


async def test_a_flood_in_place_of_an_answer_ends_the_session_with_a_sentence(
    make_pool: MakePool, connect: Connect, sqlite_db: Database, resting: Clock
) -> None:
    server = Flood()
    server.on_call = lambda body, request: server.flood(request)
    async with running(server):
        pool, connection = await connected(make_pool, connect, server, call_timeout=60.0)
        given = await called(pool)
        assert given.error.startswith(f"The session with Notes was lost: {MESSAGES}.")
        async with sqlite_db.read() as tables:
            row = await tables.connections.get(MEMBER.workspace, connection.id)
        assert row is not None and row.status == "failing" and row.trouble == MESSAGES
        again = await called(pool)  # left alone for a while, and told so
        assert MESSAGES in again.error and "was not made" in again.error and server.calls == 1
        server.on_call = None
        resting.now += LONGEST * 2
        assert not (await called(pool)).failed


async def test_who_is_dear_to_read_elsewhere_is_closed_with_a_sentence(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_budgets, "MAX_READING", 1e-6)
    server = HandMade()
    server.on_call = reply(result({"id": 2}, {"content": [{"type": "text", "text": "x" * LARGE}]}))
    async with running(server):
        pool, _ = await connected(make_pool, connect, server)
        assert (await called(pool)).error.startswith(f"The session with Notes was lost: {READING}.")


async def test_a_flood_in_place_of_a_hello_is_told_to_whoever_connects(make_pool: MakePool, connect: Connect) -> None:
    server = Flood()
    server.on_any = lambda body, request: server.flood(request)
    async with running(server):
        with pytest.raises(TooBig, match=MESSAGES):
            await connected(make_pool, connect, server)
