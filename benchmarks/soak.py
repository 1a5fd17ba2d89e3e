"""Two Ushers at work for as long as told, with nothing failing: what of them grows.

Prints a table for each process and the rows of each table; exit code 1 when something grew beyond its bound.
"""

import argparse
import asyncio
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
import sqlalchemy as sa

from benchmarks.chaos.__main__ import EVERY, GUESTS, PAUSE, QUIET_WITHIN, database
from benchmarks.chaos.outcomes import looked_up, quiet
from benchmarks.chaos.people import People
from benchmarks.chaos.table import held, not_held, summary
from benchmarks.chaos.town import Town, open_town
from benchmarks.chaos.ushers import Usher
from benchmarks.parts.cost import NOTHING, Cost
from storage.schema import Base

LOOKS = 30
BOUNDS = {"RSS in MB": 0.05, "open files": 0.25, "tasks": 0.25, "connections": 0.25}
"""By how much of what it was in the middle third the mean of the last third may be more."""
SPARE = {"RSS in MB": 2.0, "open files": 8.0, "tasks": 12.0, "connections": 8.0}
"""And so much besides: there are a few more or less at any moment."""
ROWS_A_QUESTION = 40.0
TASKS = re.compile(r"^usher_tasks (\d+)", re.MULTILINE)

Look = Mapping[str, float]


@dataclass(frozen=True)
class Course:
    """What one process had at each look, ``every`` so many seconds."""

    name: str
    looks: Sequence[Look]
    every: float

    def rows(self) -> list[tuple[str, float, float, float, float, float]]:
        """Of each: at the start, in the middle, at the end, grown by a minute, and the most that the end may be."""
        third = max(len(self.looks) // 3, 1)
        found = []
        for what, bound in BOUNDS.items():
            values = [look[what] for look in self.looks]
            start, middle, end = (_mean(part) for part in (values[:third], values[third:-third], values[-third:]))
            grown = (end - middle) / (third * self.every / 60)
            found.append((what, start, middle, end, grown, middle * (1 + bound) + SPARE[what]))
        return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)


async def soaked(town: Town, people: People, seconds: float) -> list[Course]:
    every = seconds / LOOKS
    looks: dict[str, list[Look]] = {each.name: [] for each in town.ushers}
    async with people.asking():
        begun = time.monotonic()
        for number in range(1, LOOKS + 1):
            await asyncio.sleep(max(0.0, begun + number * every - time.monotonic()))
            for each in town.ushers:
                looks[each.name].append(await _look(each))
    return [Course(name, taken, every) for name, taken in looks.items()]


async def _look(usher: Usher) -> Look:
    process, tasks = psutil.Process(usher.pid), None
    async with aiohttp.ClientSession() as session:
        while tasks is None:  # a machine with much else to do counts turns too late
            async with session.get(f"{usher.url}/metrics") as answer:
                tasks = TASKS.search(await answer.text())
    return {
        "RSS in MB": process.memory_info().rss / 1e6,
        "open files": process.num_fds(),
        "tasks": float(tasks[1]),
        "connections": len(process.net_connections()),
    }


def _cost(town: Town) -> Cost:
    return sum((each.cost() for each in town.ushers), NOTHING)


async def rows_of(town: Town) -> dict[str, int]:
    async with town.db.read() as tables:
        counts = {
            name: await tables.session.scalar(sa.select(sa.func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
        }
    return {name: int(count or 0) for name, count in counts.items()}


async def main(minutes: float, seed: int) -> int:
    with tempfile.TemporaryDirectory(prefix="usher-soak-") as folder:
        async with (
            database() as (postgres, url),
            open_town(Path(folder), postgres, url, random.Random(seed), counts=True) as town,
            People(town, GUESTS, EVERY, PAUSE) as people,
        ):
            before, idle = await rows_of(town), _cost(town)
            courses = await soaked(town, people, minutes * 60)
            people.late, cost = not await quiet(town, people, QUIET_WITHIN), _cost(town) - idle
            found, after = await looked_up(town, people), await rows_of(town)
    grown = {name: after[name] - before[name] for name in after if after[name] > before[name]}
    questions = max(len(found.outcomes), 1)
    each = sum(grown.values()) / questions
    wrong = [*_told(courses), *not_held(found), *found.wrong]
    print(f"\nRows more: {', '.join(f'{count} {name}' for name, count in grown.items())}: {each:.1f} a question.")
    print(f"{cost.cpu / questions * 1000:.1f} ms of CPU and {cost.statements / questions:.1f} statements a question.")
    print(summary(found))
    if each > ROWS_A_QUESTION:
        wrong.append(f"{each:.1f} rows a question, the bound is {ROWS_A_QUESTION}")
    for line in wrong:
        print(f"not held: {line}", file=sys.stderr)
    return 0 if held(found) and not wrong else 1


def _told(courses: Sequence[Course]) -> list[str]:
    """The table; and what grew too much."""
    print(
        "| process | what | start | middle | end | a minute | the most |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    wrong = []
    for course in courses:
        for what, *numbers, end, grown, most in course.rows():
            cells = " | ".join(f"{number:.1f}" for number in (*numbers, end, grown, most))
            print(f"| {course.name} | {what} | {cells} |")
            if end > most:
                wrong.append(f"{course.name}: {what} grew to {end:.1f}, the bound is {most:.1f}")
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1, 1_000_000))
    given = parser.parse_args()
    os.environ["NO_PROXY"] = "127.0.0.1"
    sys.exit(asyncio.run(main(given.minutes, given.seed)))
