"""Ports for what a test starts: no two of one run are ever given the same."""

import itertools
import os
import secrets
from collections.abc import Iterator

from playground import ports

ALL = range(20_000, ports.QUIET.start)
"""As quiet as those that the product itself chooses from, and none of them: it is started beside other tests."""


def _of_this_worker() -> Iterator[int]:
    """One after the other, so that a port stays its owner's while that starts anew; from anywhere, for a second run."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = ALL[worker :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]
    return itertools.islice(itertools.cycle(own), secrets.randbelow(len(own)), None)


_coming = _of_this_worker()


def free_port() -> int:
    return next(port for port in _coming if ports.is_free(port))
