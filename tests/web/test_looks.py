"""Looks at a link are counted, people apart from machines, and change nothing else."""

import asyncio
from collections.abc import Mapping

import pytest

from bot.services.links.results.outcomes import Outcomes
from bot.web.chat import looks
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House
from tests.web.test_invitations import PREVIEWERS

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0"
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


async def test_people_are_counted_apart_from_machines(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "TOGETHER", 0.01)
    created, caller = await house.link(), Caller(house.url)
    for agent in (PHONE, DESKTOP):
        await caller.ask("GET", created.url, headers=PAGE | {"User-Agent": agent, "Sec-Fetch-Mode": "navigate"})
    ahead = {"User-Agent": DESKTOP, "Sec-Purpose": "prefetch;prerender"}
    fetched = {"User-Agent": DESKTOP, "Sec-Fetch-Mode": "cors"}
    machines = [*({"User-Agent": each} for each in PREVIEWERS), ahead, fetched, {"User-Agent": ""}]
    for headers in machines:
        await caller.ask("GET", created.url, headers=PAGE | headers)
    await caller.ask("HEAD", created.url, headers=PAGE | {"User-Agent": DESKTOP})
    async with asyncio.timeout(60):
        while True:
            usage = await house.links.outcomes.usage(OWNER, created.link.id)
            if usage.opened + usage.previewed == len(machines) + 3:
                break
            await asyncio.sleep(0.01)
    assert (usage.opened, usage.previewed) == (2, len(machines) + 1)


async def test_a_look_that_comes_while_others_are_written_is_written_after_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looks, "TOGETHER", 0)
    counter = looks.Looks(outcomes := Slow())
    counter.count("one", person=True)
    await outcomes.asked.wait()
    counter.count("two", person=False)
    outcomes.goes_on.set()
    async with asyncio.timeout(60):
        while len(outcomes.seen) < 2:
            await asyncio.sleep(0)
    assert outcomes.seen == [{"one": (1, 0)}, {"two": (0, 1)}]


async def test_what_is_being_written_at_the_end_is_written_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "TOGETHER", 0)
    counter = looks.Looks(outcomes := Slow())
    counter.count("one", person=True)
    await outcomes.asked.wait()
    closing = asyncio.create_task(counter.close())
    for _ in range(5):
        await asyncio.sleep(0)
    outcomes.goes_on.set()
    await closing
    assert outcomes.written == 1


class Slow(Outcomes):
    def __init__(self) -> None:
        self.seen: list[Mapping[str, tuple[int, int]]] = []
        self.written = 0
        self.asked, self.goes_on = asyncio.Event(), asyncio.Event()

    async def looked(self, seen: Mapping[str, tuple[int, int]]) -> None:
        self.seen.append(seen)
        self.asked.set()
        await self.goes_on.wait()
        self.written += 1
