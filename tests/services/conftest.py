"""Fixtures of the services' tests: the house, a strict model, a real MCP server.

On SQLite, and those that say so on PostgreSQL once more: there what one statement does is held by the storage's tests,
and by as many of these as make every statement of the services.
"""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.services.house import House, open_house
from tests.services.workshop import Workshop, open_workshop
from tests.support.gemini import Scripted, gemini

__all__ = ["gemini"]


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test."""
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    return url


@pytest.fixture
async def house(db: Database, gemini: Scripted) -> AsyncIterator[House]:
    async with open_house(db, gemini.model) as house:
        yield house


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with open_workshop() as workshop:
        yield workshop
