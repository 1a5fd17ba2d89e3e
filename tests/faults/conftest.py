"""A house whose pool may be told what it may dial, and somebody who listens where nobody may knock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest

from storage.database import Database
from tests.mcp_runtime.servers import free_socket, port_of
from tests.services.house import House, open_house
from tests.support.accepting import accepting
from tests.support.gemini import Scripted, gemini

__all__ = ["gemini"]

OpenHouse = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def open_with(sqlite_db: Database, gemini: Scripted) -> OpenHouse:
    return partial(open_house, sqlite_db, gemini.model)


@pytest.fixture
async def house(open_with: OpenHouse) -> AsyncIterator[House]:
    async with open_with() as opened:
        yield opened


@dataclass
class Canary:
    """``heard`` counts those who came as far as a connection."""

    port: int
    heard: int = 0


@asynccontextmanager
async def listening(address: str = "127.0.0.1") -> AsyncIterator[Canary]:
    listener = free_socket()
    canary = Canary(port_of(listener))

    async def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        canary.heard += 1
        writer.close()

    async with accepting(connected, listener=listener):
        yield canary


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    async with listening() as heard:
        yield heard
