"""Who gets which test, when several workers run them."""

from pathlib import Path

from tests.support.scheduling import OF_ONE_WORKER

ROOT = Path(__file__).parents[2]


def test_each_file_of_one_worker_is_there():
    assert [name for name in OF_ONE_WORKER if not (ROOT / name).is_file()] == []
