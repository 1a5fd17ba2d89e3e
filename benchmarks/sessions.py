"""A hundred sessions over HTTP opened and listed at once, of many members and of one; beside the bare SDK."""

import asyncio
import json
import sys
from pathlib import Path
from statistics import median

from benchmarks.mcp_members.echo import PATHS, served
from benchmarks.mcp_members.usher import CARD, usher
from benchmarks.parts.report import Measured, main
from benchmarks.processes import folder, plain_environment
from storage.members import Member

KINDS = ("members", "one_member", "bare")
TOLD = {"seconds": "s", "kb_each": "kb_each", "each_cpu_ms": "cpu_ms", "each_statements": "statements"}
"""What each process says, and what that is called here."""
Told = dict[str, float]


async def measure(quick: bool) -> Measured:
    count, rounds = (3, 1) if quick else (100, 5)
    told: dict[str, list[Told]] = {kind: [] for kind in KINDS}
    with folder() as where:
        async with served(where) as origin:
            url = origin + PATHS["http_sse"]
            for kind in KINDS[:2]:
                (where / kind).mkdir()
                await _connected(where / kind, url, count + 1, one_member=kind == "one_member")
            # By turns, so that all meet the same weather.
            for _ in range(rounds):
                for kind in KINDS:
                    more = ("listening",) if quick and kind == "members" else ()
                    told[kind].append(await _held(kind, where / kind, url, count, *more))
            # Apart, so that each of the rounds is over at once; a quick run has nothing to be apart from.
            alone = () if quick else [await _held("members", where / "members", url, count, "listening")]
            listening = [*told["members"], *alone][-1]
    middle = {kind: {name: median(each[what] for each in told[kind]) for what, name in TOLD.items()} for kind in KINDS}
    return _measured(middle, listening["listening_kb_each"])


def _measured(middle: dict[str, Told], listening: float) -> Measured:
    bare = middle.pop("bare")
    figures = {f"{kind}_{name}": value for kind, told in middle.items() for name, value in told.items()}
    del bare["statements"]  # it asks no database
    baseline = {f"bare_{name}": value for name, value in bare.items()}
    ratio = {f"{kind}_{name}": told[name] / bare[name] for kind, told in middle.items() for name in bare}
    bars = {f"{kind}_{what}": most for kind in middle for what, most in (("s", 1.5), ("kb_each", 200.0))}
    return Measured({"members_listening_kb_each": listening, **figures}, baseline, ratio, bars)


async def _connected(where: Path, url: str, count: int, *, one_member: bool) -> None:
    """So many connections are saved, as the service does it."""
    async with usher(where, max_per_member=count) as ours:
        for number in range(count):
            member = Member("T1", "U1" if one_member else f"U{number}")
            await ours.connections.begin(member, CARD["custom"], {"name": f"Echo {number}", "url": url})


async def _held(kind: str, where: Path, url: str, count: int, *words: str) -> Told:
    """A fresh process opens them all and tells how that went."""
    bare = ("benchmarks.bare.sessions", url, str(count))
    command = bare if kind == "bare" else ("benchmarks.mcp_members.pooled_sessions", str(where), *words)
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, stdout=pipe, stderr=pipe, env=plain_environment()
    )
    said, complaint = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"{kind} failed:\n{complaint.decode()}")
    told: Told = json.loads(said)
    return told


if __name__ == "__main__":
    main("sessions", __doc__, measure)
