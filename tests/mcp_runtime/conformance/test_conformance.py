"""The public conformance suite of the protocol, through the product's own pool."""

from pathlib import Path

import pytest

from tests.mcp_runtime.conformance.suite import suite

REQUIRED = {"2025-11-25": 18, "2026-07-28": 32}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("revision", REQUIRED)
def test_all_that_the_revision_requires_of_a_client_passes(revision: str, sqlite_template: Path) -> None:
    with suite(sqlite_template) as found:
        assert len(found.required(revision)) == REQUIRED[revision]
        assert found.failures(revision) == {}
