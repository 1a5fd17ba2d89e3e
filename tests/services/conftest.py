"""Fixtures of the services' tests: the house on both databases, a strict model, a real MCP server."""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.services.house import House, open_house
from tests.services.workshop import Workshop, open_workshop
from tests.support.gemini import Scripted, gemini

__all__ = ["gemini"]


@pytest.fixture
async def house(db: Database, gemini: Scripted) -> AsyncIterator[House]:
    async with open_house(db, gemini.model) as house:
        yield house


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with open_workshop() as workshop:
        yield workshop
