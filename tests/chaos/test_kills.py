"""Usher is killed at random points of a turn that reads, asks and writes: it has one outcome, shown once.

``CHAOS=500`` spreads five hundred kills over the turn instead of a few, about a second each; ``CHAOS_SEED=7`` makes the
same ones again.
"""

import os
import random
from collections.abc import AsyncIterator, Iterator

import pytest

from playground.slack.server import LocalSlack
from storage.database import Database
from tests.chaos.mortal import Copies, copies
from tests.chaos.scene import Scene, Stage
from tests.services.workshop import Workshop, open_workshop
from tests.support.gemini import Scripted

KILLS = int(os.environ.get("CHAOS", "4"))
SEED = int(os.environ.get("CHAOS_SEED", "0")) or random.randrange(1, 1_000_000)  # noqa: S311


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    made = copies(tmp_path_factory.mktemp("mortal"))
    yield made
    made.orders.close()
    made.talk.close()


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with open_workshop() as running:
        yield running


@pytest.mark.timeout(120 + 10 * KILLS)
async def test_one_outcome_each_no_call_twice_no_word_twice(
    mortal: Copies,
    slack: LocalSlack,
    gemini: Scripted,
    workshop: Workshop,
    db: Database,
    database_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stage = Stage(slack, gemini, workshop, db, database_url, mortal, random.Random(SEED))  # noqa: S311
    with capsys.disabled():
        print(f" CHAOS_SEED={SEED}", end="", flush=True)
    await stage.set()
    try:
        await mortal.arm()
        await Scene(stage, "thing0").play(cut=False)
        stage.sizes = await mortal.arm()
        for number in range(1, KILLS + 1):
            await Scene(stage, f"thing{number}").play()
    finally:
        mortal.kill()
    with capsys.disabled():
        print(f": {stage.lives - 1} kills, {dict(stage.met)}", end=" ")
