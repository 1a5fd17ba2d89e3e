"""Two Ushers under load, and one fault after the other at random: what became of each question.

Prints a table of faults and what held; exit code 1 when something did not.
"""

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.chaos import table
from benchmarks.chaos.faults import FAULTS
from benchmarks.chaos.outcomes import Found, looked_up, quiet
from benchmarks.chaos.people import People
from benchmarks.chaos.table import Done
from benchmarks.chaos.town import Town, open_town
from storage.migrate import migrate
from storage.schema import now
from tests.support.postgres import Postgres, running_postgres

GUESTS, EVERY, PAUSE = 6, 3.0, 6.0
"""Guests at once; seconds between two questions in Slack, and until a guest's next one."""
BETWEEN = (3.0, 8.0)
QUIET_WITHIN = 600.0


async def played(town: Town, people: People, seconds: float, kinds: Sequence[str], within: float) -> list[Done]:
    """Each of these kinds in turn, in an order of its own each time, for so long and at least once."""
    done, begun, left = list[Done](), time.monotonic(), list[str]()
    async with people.asking():
        await town.rest(BETWEEN[0])
        while left or not done or time.monotonic() - begun < seconds:
            left = left or town.dice.sample(kinds, len(kinds))
            name, since = left.pop(), now()
            await FAULTS[name](town)
            done.append(Done(name, since, now()))
            if time.monotonic() - begun >= seconds and len(done) >= len(kinds):
                break
            await town.rest(town.dice.uniform(*BETWEEN))
    if not await quiet(town, people, within):
        people.late = True
    return done


async def run(town: Town, seconds: float, kinds: Sequence[str]) -> tuple[list[Done], Found]:
    async with People(town, GUESTS, EVERY, PAUSE) as people:
        done = await played(town, people, seconds, kinds, QUIET_WITHIN)
        return done, await looked_up(town, people)


@asynccontextmanager
async def database() -> AsyncIterator[tuple[Postgres, str]]:
    """A PostgreSQL of its own, with a migrated database."""
    with running_postgres(lasting=True) as postgres:
        postgres.psql("CREATE DATABASE chaos")
        await migrate(postgres.url("chaos"))
        yield postgres, postgres.url("chaos")


async def main(minutes: float, seed: int, kinds: Sequence[str], write: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="usher-chaos-") as folder:
        async with (
            database() as (postgres, url),
            open_town(Path(folder), postgres, url, random.Random(seed)) as town,
        ):
            done, found = await run(town, minutes * 60, kinds)
            _keep_logs(town)
    told = "\n".join(table.lines(done, found)) + f"\n\n{table.summary(found)}"
    print(f"{told}\n\nSeed {seed}.")
    for wrong in (*table.not_held(found), *found.wrong):
        print(f"not held: {wrong}", file=sys.stderr)
    if write:
        table.write(told)
    return 0 if table.held(found) else 1


def _keep_logs(town: Town) -> None:
    """Where CHAOS_LOGS says, for whoever looks why something did not hold."""
    if folder := os.environ.get("CHAOS_LOGS"):
        for each in town.ushers:
            shutil.copy(each.log, folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1, 1_000_000), help="the same faults again")
    parser.add_argument("--only", metavar="WORDS", default="", help="faults of which the name has these words")
    parser.add_argument("--write", action="store_true", help="put the table into docs/operations.md")
    given = parser.parse_args()
    os.environ["NO_PROXY"] = "127.0.0.1"
    chosen = [name for name in FAULTS if given.only in name]
    sys.exit(asyncio.run(main(given.minutes, given.seed, chosen, given.write)))
