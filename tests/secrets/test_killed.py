"""Secrets on their way when Usher is killed: at whichever step, none is lost and none is left behind."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mcp_runtime.secrets import SecretStore, Vault, rewrapping, rounds
from mcp_runtime.secrets.keys import add_key, keys_again, keys_for
from storage.database import Database
from storage.tables import Secret, SecretPlace
from tests.secrets.conftest import MEMBER

OUTWARD = [
    "before it is put there",
    "after it was put there",
    "before that is committed",
    "after its row names the place",
]
INWARD = [
    "after its row names the place",
    "before the old one is taken away",
    "after the old one was taken away",
]
SECRETS = {f"c{number}": f"secret {number}" for number in range(4)}
SECOND = "2"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody names any more may be taken away at once."""
    monkeypatch.setattr(rounds, "IN_HAND", timedelta(0))


@pytest.fixture
async def store(sqlite_url: str, aws: None) -> AsyncIterator[SecretStore]:
    made = SecretStore(Vault(keys_for(None, sqlite_url), keys_again(None, sqlite_url)), into="aws")
    yield made
    await made.close()


async def keep(store: SecretStore, db: Database) -> None:
    async with db.begin() as tables:
        for owner, secret in SECRETS.items():
            await store.put(tables, MEMBER, owner, secret)


async def killed(url: str, act: str, step: str, nth: str = SECOND) -> None:
    script = Path(__file__).with_name("killed.py")
    words = (sys.executable, "-W", "ignore", "-m", f"tests.secrets.{script.stem}", url, act, step, nth)
    child = await asyncio.create_subprocess_exec(*words, cwd=script.parents[2])
    async with asyncio.timeout(60):
        assert await child.wait() == -signal.SIGKILL


async def lie_in(store: SecretStore, db: Database) -> set[str]:
    async with db.read() as tables:
        return set(await tables.session.scalars(sa.select(Secret.store).distinct()))


async def held_outside(store: SecretStore, db: Database) -> int:
    """How many the store holds, all told; and that each of them is named by a secret's row."""
    client = (await store.moving.outside.named("aws"))._client  # type: ignore[attr-defined]
    pages = client.get_paginator("list_secrets").paginate()
    names = [each["Name"] async for page in pages for each in page["SecretList"]]
    async with db.read() as tables:
        places = set(await tables.session.scalars(sa.select(SecretPlace.place)))
        named = set(await tables.session.scalars(sa.select(Secret.place).where(Secret.place != "")))
    held = {name.removeprefix("usher/") for name in names}
    assert places == named and named <= held
    return len(held & places)


async def all_open(store: SecretStore, db: Database) -> None:
    assert {owner: await store.read(db, MEMBER, owner) for owner in SECRETS} == SECRETS


@pytest.mark.parametrize("step", OUTWARD)
async def test_killed_on_the_way_out(step: str, store: SecretStore, small: Database, sqlite_url: str) -> None:
    inward = SecretStore(store.vault)
    await keep(inward, small)
    await killed(sqlite_url, "aws", step)
    await all_open(store, small)
    assert not [left async for left in store.all_to(small, "aws") if left]
    await store.clean(small)
    await all_open(store, small)
    assert await lie_in(store, small) == {"aws"} and await held_outside(store, small) == len(SECRETS)


@pytest.mark.parametrize("step", INWARD)
async def test_killed_on_the_way_in(step: str, store: SecretStore, small: Database, sqlite_url: str) -> None:
    await keep(store, small)
    await store.settle(small)
    await killed(sqlite_url, "database", step)
    await all_open(store, small)
    assert not [left async for left in store.all_to(small, "database") if left]
    await store.clean(small)
    await all_open(store, small)
    assert await lie_in(store, small) == {"database"} and await held_outside(store, small) == 0


async def test_killed_while_new_ones_are_taken_out(store: SecretStore, small: Database, sqlite_url: str) -> None:
    await keep(store, small)
    await killed(sqlite_url, "settle", "after it was put there")
    await all_open(store, small)
    await store.settle(small)
    await all_open(store, small)
    assert await lie_in(store, small) == {"aws"} and await held_outside(store, small) == len(SECRETS)


async def test_killed_while_the_master_key_changes(small: Database, sqlite_url: str) -> None:
    running = SecretStore(Vault(keys_for(None, sqlite_url), keys_again(None, sqlite_url)))
    await keep(running, small)
    async with small.begin() as tables:
        await running.put(tables, MEMBER, "altered", "opens no more")
        change = sa.update(Secret).where(Secret.owner == "altered").values(wrapped_key=b"altered")
        await tables.session.execute(change)
    add_key(sqlite_url)
    await killed(sqlite_url, "rotate", "after some are under the new key", "1")
    await all_open(running, small)
    again = SecretStore(Vault(keys_for(None, sqlite_url)))
    assert await rewrapping.Rewrapping(again.vault).all(small) > 0
    (left,) = await rewrapping.Rewrapping(again.vault).left(small)
    assert left.row.owner == "altered"
    await all_open(again, small)
    await all_open(running, small)  # which was started before there was such a key
