"""While one member's server, or a stranger, does harm, all others are answered: there is one event loop for all."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.attack.__main__ import ATTACKS, HALF_BODIES
from benchmarks.attack.acks import SECRET, acks, app
from benchmarks.attack.hostile_server import FLOODS, KINDS, LISTS, SCHEMAS
from benchmarks.attack.neighbours import first_words, holding, looks_at
from benchmarks.mcp_members.connecting import connected
from benchmarks.parts.guests import Chat, seated
from benchmarks.processes import answering, running
from benchmarks.streaming.sidecar import Served, serving_guests
from bot.running.loop_watch import STALL
from bot.slack.edge.http_mode import routes
from mcp_runtime.errors import ServerError
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.tools import ToolCall
from storage.members import Member
from storage.migrate import migrate
from tests.support.ports import free_port

ATTACKERS, HELD = 5, 60
HARM = tuple(kind for kind in KINDS if kind != "none")
PAUSE = 0.1
"""Seconds: a model takes longer than that from one call to the next."""
LONG = {*HARM} - {*FLOODS} - {*SCHEMAS} - {"thousand_tools"}
"""What is large, and so takes a while to be read wherever that is done."""
LOOKS, LONGER = 1, 3
"""More, while the attack goes on: what it sends may take a moment, and a list is read elsewhere before."""


class Attack:
    """Goes on until it is left; ``over`` are the attackers who are through with what they did first."""

    def __init__(self, served: Served, kind: str, url: str) -> None:
        self._served, self._kind = served, kind
        self._spec, self._member = HttpSpec(f"{url}/{kind}/mcp"), Member("T0LOCAL", f"U{kind.upper()}")
        self.over: set[int] = set()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[list[asyncio.Task[None]]]:
        if self._kind not in LISTS:
            db, pool, whose = self._served.db, self._served.pool, self._member
            connection = await connected(db, pool, whose, self._spec.url, title=whose.id, tool="get")
            await self._served.pool.listing(connection)  # so that nothing but the harm is left to be done
        tasks = [asyncio.create_task(self._attack(number)) for number in range(ATTACKERS)]
        try:
            yield tasks
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _attack(self, number: int) -> None:
        while True:
            await self._harm()
            self.over.add(number)
            await asyncio.sleep(PAUSE)

    async def _harm(self) -> None:
        if self._kind in LISTS:
            with suppress(ServerError):
                await self._served.pool.try_out(self._spec, {}, title="Hostile")
            return
        toolset = await self._served.pool.toolset(self._member)
        await toolset.call(ToolCall("", toolset.tools[0].name))


class Steps:
    """How much of a processor the loop's thread takes for one step: that a machine is busy does not change it."""

    def __init__(self) -> None:
        self.longest = 0.0

    def measured(self, run: Callable[[asyncio.Handle], None], handle: asyncio.Handle) -> None:
        begun = time.thread_time()
        run(handle)
        self.longest = max(self.longest, time.thread_time() - begun)


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """Without the search for garbage, which goes through all that the other tests have left."""
    steps, run = Steps(), asyncio.Handle._run
    monkeypatch.setattr(asyncio.Handle, "_run", lambda handle: steps.measured(run, handle))
    gc.disable()
    yield steps
    gc.enable()


async def test_others_are_answered_while_an_attack_goes_on(tmp_path: Path, loop: Steps) -> None:
    """Before those who send the most are through with the first of it, and the loop never stands still for it, as
    Usher itself counts that. With its guards a step takes a fiftieth of that; how much exactly, ``benchmarks.attack``
    tells, beside the same when all is quiet."""
    port, hostile, database = free_port(), free_port(), f"sqlite+aiosqlite:///{tmp_path / 'usher.db'}"
    url, servers = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{hostile}"
    await migrate(database)
    chats = iter(await seated(database, url, (1 + LOOKS) * (len(HARM) + 2) + LONGER * len(LISTS)))
    async with AsyncExitStack() as stack:
        child = running("hostile", tmp_path, "benchmarks.attack.hostile_server", str(hostile), *HARM)
        begun = await stack.enter_async_context(child)
        door = routes(app(), SECRET)
        served = await stack.enter_async_context(serving_guests(database, port, 1, 1, "127.0.0.1", None, door))
        worker = asyncio.create_task(served.worker.run())
        await answering(begun, f"{servers}/{HARM[-1]}/mcp", 405)
        await others(url, next(chats))
        longest = dict[str, float]()
        for kind in HARM:
            attack = Attack(served, kind, servers)
            async with attack.going_on() as attackers:
                loop.longest = 0.0
                await others(url, next(chats))
                assert kind not in LONG or len(attack.over) < ATTACKERS, kind
                for chat in islice(chats, LONGER if kind in LISTS else LOOKS):
                    await others(url, chat)
                    if attack.over:
                        break
                longest[kind] = loop.longest
                assert not any(each.done() for each in attackers), kind
        async with holding(port, HELD):
            loop.longest = 0.0
            for chat in islice(chats, 1 + LOOKS):
                await others(url, chat)
            longest[HALF_BODIES] = loop.longest
        assert all(0 < step < STALL for step in longest.values()), longest
        worker.cancel()
        await asyncio.wait({worker})


async def others(url: str, chat: Chat) -> None:
    """Another member's command, another guest's first word, and whoever asks whether Usher lives."""
    await asyncio.gather(acks(url, 1, 0.0), first_words(url, [chat]), looks_at(url, 1, 0.0))


def test_each_kind_of_harm_is_driven() -> None:
    assert {*HARM, HALF_BODIES} == {*ATTACKS}
