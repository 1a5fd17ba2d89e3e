"""How late everybody else is while a member's server, or a stranger, does harm; beside the quiet run."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.attack.acks import acks
from benchmarks.attack.hostile_server import KINDS
from benchmarks.attack.neighbours import first_words, holding, looks_at
from benchmarks.parts.guests import seated
from benchmarks.parts.report import Measured, at, main
from benchmarks.processes import answering, folder, running
from playground.ports import free_port
from storage.migrate import migrate

HALF_BODIES = "half_bodies"
ATTACKS = (*(kind for kind in KINDS if kind != "none"), HALF_BODIES)
HELD = 300
"""Connections that send half of a body each."""
BETWEEN_LOOKS = 0.02
PATIENCE = 60.0


@dataclass(frozen=True)
class Seen:
    """Milliseconds, the median of each but for ``lag``, which is the longest that the loop was late.

    ``took``: what the process took in each second, for all that went on there.
    """

    lag: float
    healthz: float
    healthz_p95: float
    ack: float
    ack_p95: float
    first_word: float
    call: float
    took: Mapping[str, float]

    def told(self, name: str) -> dict[str, float]:
        times = {f"{name}_{what}_ms": value for what, value in vars(self).items() if what != "took"}
        return times | {f"{name}_{what}": value for what, value in self.took.items()}


async def measure(quick: bool) -> Measured:
    attacks = ("log_flood",) if quick else ATTACKS
    with folder() as where:
        async with _hosted(where, "honest", "none") as honest:
            quiet = await _seen(where / "quiet", "none", honest, quick=quick)
            found = {attack: await _seen(where / attack, attack, honest, quick=quick) for attack in attacks}
    figures: dict[str, float] = {}
    for attack, seen in found.items():
        figures |= seen.told(attack)
    ratio = {
        f"worst_{name}": max(getattr(seen, name) for seen in found.values()) / getattr(quiet, name)
        for name in ("healthz", "ack", "first_word", "call")
    }
    worst = {"worst_lag_ms": max(seen.lag for seen in found.values())}
    bars = {"worst_lag_ms": 250.0, **dict.fromkeys(ratio, 2.0)}
    return Measured({**figures, **ratio, **worst}, quiet.told("quiet"), ratio, bars)


async def _seen(where: Path, attack: str, honest: str, *, quick: bool) -> Seen:
    where.mkdir()
    guests, looks = (2, 10) if quick else (30, 300)
    kind = attack if attack in KINDS else "none"
    async with _hosted(where, "hostile", kind) as hostile:
        port, database_url, told = free_port(), f"sqlite+aiosqlite:///{where / 'usher.db'}", where / "told.json"
        url = f"http://127.0.0.1:{port}"
        await migrate(database_url)
        chats = await seated(database_url, url, guests)
        module = "benchmarks.attack.house_next_door"
        async with running("house", where, module, database_url, str(port), hostile, honest, str(told)) as child:
            await answering(child, f"{url}/healthz")
            await _appears(told.with_suffix(".ready"))
            async with holding(port, HELD if attack == HALF_BODIES else 0):
                asked = looks_at(url, looks, BETWEEN_LOOKS), acks(url, looks, BETWEEN_LOOKS), first_words(url, chats)
                times, acked, words = await asyncio.gather(*asked)
        inside = json.loads(told.read_text())
    calls = at(0.5, inside["calls"])
    looked, answered = (at(0.5, times), at(0.95, times)), (at(0.5, acked), at(0.95, acked))
    milliseconds = (inside["lag"], *looked, *answered, at(0.5, words), calls)
    took = {name: inside[name] for name in ("cores_busy", "statements_a_s")}
    return Seen(*(each * 1000 for each in milliseconds), took)


@asynccontextmanager
async def _hosted(where: Path, name: str, kind: str) -> AsyncIterator[str]:
    port = free_port()
    async with running(name, where, "benchmarks.attack.hostile_server", str(port), kind) as child:
        url = f"http://127.0.0.1:{port}/{kind}/mcp"
        await answering(child, url, 405)
        yield url


async def _appears(path: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        while not path.exists():
            await asyncio.sleep(BETWEEN_LOOKS)


if __name__ == "__main__":
    main("attack", __doc__, measure)
