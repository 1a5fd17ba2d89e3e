"""What a test needs and a machine may lack."""

import os

import pytest


def require(present: bool, reason: str) -> None:
    """Go on when it is there; else skip with the reason, or fail where everything has to be there."""
    if present:
        return
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
