"""Whole Ushers at work while each thing that they stand on fails: `python -m benchmarks.chaos`, in short.

``CHAOS_SEED=8`` makes another run.
"""

import os
import random
import shutil
from pathlib import Path

import pytest

from benchmarks.chaos import table
from benchmarks.chaos.__main__ import database, played
from benchmarks.chaos.faults import FAULTS
from benchmarks.chaos.outcomes import looked_up
from benchmarks.chaos.people import People
from benchmarks.chaos.town import open_town
from tests.support.evidence import log_file

SEED = int(os.environ.get("CHAOS_SEED", "7"))
SHORT = 0.05
"""Of what the command takes for the same."""
GUESTS, EVERY, PAUSE, PATIENCE = 3, 0.6, 0.6, 120.0
SEVERAL = 4
"""Kinds of faults in one run; the command plays all of them, others first each time."""


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("postgres")  # skipped where there is none
async def test_each_question_is_answered_once_whatever_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f" CHAOS_SEED={SEED}", end=" ", flush=True)
    dice = random.Random(SEED)  # noqa: S311
    kinds = dice.sample(list(FAULTS), SEVERAL)
    async with (
        database() as (postgres, url),  # of their own: it may be killed, and the tests' one forgets what it committed
        open_town(tmp_path, postgres, url, dice, before=None, scale=SHORT, hurries=True) as town,
        People(town, GUESTS, EVERY, PAUSE) as people,
    ):
        done = await played(town, people, 0.0, kinds, PATIENCE)
        found = await looked_up(town, people)
        for each in town.ushers:
            shutil.copy(each.log, log_file(each.name))

    assert {each.name for each in done} == set(kinds)
    assert any(each.kind == "answered" for each in found.outcomes)
    wrong = [*table.not_held(found), *found.wrong]
    assert not wrong, "\n".join(wrong)


def test_the_table_of_the_documentation_has_every_fault() -> None:
    head, *rows = table.written()

    assert tuple(head) == table.HEAD
    assert [row[0] for row in rows] == list(FAULTS)
    assert all(int(row[1]) for row in rows), "the command was run for too short a while"
