"""The suite's own ports: a test's server may be away for a while, and no other has its port meanwhile."""

import os
import subprocess
import sys

from playground.ports import QUIET
from tests.support.ports import ALL, free_port

ASKING = "from tests.support.ports import free_port; print(*(free_port() for _ in range(200)))"


def test_none_is_given_twice() -> None:
    given = [free_port() for _ in range(200)]

    assert len(set(given)) == 200 and set(given) <= set(ALL) and not set(ALL) & set(QUIET)


def test_no_other_worker_is_given_the_same() -> None:
    given = []
    for worker in range(3):
        env = {**os.environ, "PYTEST_XDIST_WORKER": f"gw{worker}", "PYTEST_XDIST_WORKER_COUNT": "3"}
        told = subprocess.run([sys.executable, "-c", ASKING], env=env, capture_output=True, text=True, check=True)
        given += told.stdout.split()

    assert len(set(given)) == 600
