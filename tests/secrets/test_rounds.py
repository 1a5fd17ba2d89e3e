"""Many secrets on their way: one that cannot go is named, with its cure, and holds up no other."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta

import grpc
import pytest
import sqlalchemy as sa

from mcp_runtime.secrets import MasterKey, SecretStore, StoreAway, Vault, rounds
from mcp_runtime.secrets.outside import OutsideStore, OutsideStores
from mcp_runtime.secrets.outside.gcp_store import GcpStore
from mcp_runtime.secrets.outside.store import LARGEST
from mcp_runtime.secrets.rewrapping import Rewrapping
from mcp_runtime.secrets.rounds import CHANGING, GONE, Left
from storage.database import Database
from storage.tables import Secret, SecretPlace
from tests.secrets.conftest import KEY, MEMBER
from tests.secrets.gcp_server import PROJECT, SecretManager, secret_manager

OTHERS = {"c0": "secret 0", "c2": "secret 2", "c3": "secret 3", "c4": "secret 4"}
TOO_LARGE = {"c1": "x" * LARGEST}
Before = Callable[[], Awaitable[object]]


class Watched(GcpStore):
    """``before`` happens once, just before something is put there or got."""

    before: Before | None = None

    async def put(self, place: str, value: bytes) -> None:
        await self._first()
        await super().put(place, value)

    async def get(self, place: str) -> bytes | None:
        await self._first()
        return await super().get(place)

    async def _first(self) -> None:
        before, self.before = self.before, None
        if before:
            await before()


@pytest.fixture(autouse=True)
def in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "BATCH", 2)
    monkeypatch.setattr(rounds, "IN_HAND", timedelta(0))


@pytest.fixture
async def google() -> AsyncIterator[tuple[SecretManager, Watched]]:
    """The quickest to start of those outside."""
    async with secret_manager() as (held, client):
        yield held, Watched(client(), PROJECT)


@pytest.fixture
def held(google: tuple[SecretManager, Watched]) -> SecretManager:
    return google[0]


@pytest.fixture
def watched(google: tuple[SecretManager, Watched]) -> Watched:
    return google[1]


@pytest.fixture
async def store(watched: Watched) -> AsyncIterator[SecretStore]:
    async def opened() -> OutsideStore:
        return watched

    made = SecretStore(Vault([KEY]), OutsideStores({"gcp": opened}), "gcp")
    yield made
    await made.close()


async def keep(store: SecretStore, db: Database, secrets: Mapping[str, str]) -> None:
    async with db.begin() as tables:
        for owner, secret in secrets.items():
            await store.put(tables, MEMBER, owner, secret)


async def lie(db: Database) -> dict[str, str]:
    async with db.read() as tables:
        return {row.owner: row.store for row in await tables.session.scalars(sa.select(Secret))}


async def all_to(store: SecretStore, db: Database, to: str) -> list[Left]:
    return [left async for left in store.all_to(db, to) if left]


async def read(store: SecretStore, db: Database, owners: Mapping[str, str]) -> dict[str, str | None]:
    return {owner: await store.read(db, MEMBER, owner) for owner in owners}


async def test_a_new_secret_that_its_store_refuses_holds_up_no_other(store: SecretStore, workspace: Database) -> None:
    await keep(store, workspace, OTHERS | TOO_LARGE)
    with pytest.raises(StoreAway, match=r"1 secrets.* takes no secret of more than 64 KiB"):
        await store.settle(workspace)
    assert await lie(workspace) == dict.fromkeys(OTHERS, "gcp") | {"c1": "database"}
    assert await read(store, workspace, OTHERS | TOO_LARGE) == OTHERS | TOO_LARGE
    async with workspace.begin() as tables:
        await store.put(tables, MEMBER, "c1", "a shorter one")
    assert await store.settle(workspace) == 1


async def test_one_that_cannot_go_is_named_and_the_others_are_moved(store: SecretStore, small: Database) -> None:
    await keep(SecretStore(store.vault), small, OTHERS | TOO_LARGE)
    (left,) = await all_to(store, small, "gcp")
    assert left.row.owner == "c1" and "keep it elsewhere" in left.why
    assert await read(store, small, OTHERS | TOO_LARGE) == OTHERS | TOO_LARGE
    assert [left.row.owner for left in await all_to(store, small, "gcp")] == ["c1"]  # begun again: the same end
    assert await all_to(store, small, "database") == []
    assert await read(store, small, OTHERS | TOO_LARGE) == OTHERS | TOO_LARGE


async def test_one_that_somebody_deleted_outside_is_told_and_the_others_come_back(
    store: SecretStore, held: SecretManager, small: Database
) -> None:
    await keep(store, small, OTHERS)
    await store.settle(small)
    async with small.read() as tables:
        row = await tables.secrets.get(MEMBER.workspace, MEMBER.id, "c2", "token")
    assert row and held.secrets.pop(f"projects/{PROJECT}/secrets/usher-{row.place}")
    fresh = SecretStore(store.vault, store.moving.outside)  # that remembers nothing
    (left,) = await all_to(fresh, small, "database")
    assert (left.row.owner, left.why) == ("c2", GONE)
    assert await lie(small) == {"c0": "database", "c2": "gcp", "c3": "database", "c4": "database"}


async def test_one_that_is_replaced_on_its_way_goes_as_it_is_by_then(
    store: SecretStore, watched: Watched, small: Database
) -> None:
    inward = SecretStore(store.vault)
    await keep(inward, small, OTHERS)
    watched.before = lambda: keep(inward, small, {"c0": "a newer one"})
    assert await all_to(store, small, "gcp") == []
    assert await read(store, small, OTHERS) == OTHERS | {"c0": "a newer one"}
    assert set((await lie(small)).values()) == {"gcp"}


async def test_one_that_is_replaced_while_the_one_before_is_asked_for_is_not_lost(
    store: SecretStore, watched: Watched, held: SecretManager, small: Database
) -> None:
    await keep(store, small, {"c0": "old"})
    await store.settle(small)

    async def replaced() -> None:
        await keep(store, small, {"c0": "new"})
        held.secrets.clear()

    watched.before = replaced
    fresh = SecretStore(store.vault, store.moving.outside)
    assert await all_to(fresh, small, "database") == []
    assert await read(fresh, small, {"c0": ""}) == {"c0": "new"} and await lie(small) == {"c0": "database"}


async def test_one_that_was_disconnected_meanwhile_is_not_told_as_left(
    store: SecretStore, watched: Watched, small: Database
) -> None:
    await keep(store, small, OTHERS)

    async def disconnected() -> None:
        async with small.begin() as tables:
            await store.delete(tables, MEMBER, "c0")

    watched.before = disconnected
    assert await all_to(store, small, "gcp") == []
    assert await lie(small) == dict.fromkeys(("c2", "c3", "c4"), "gcp")


async def test_one_that_never_keeps_still_is_met_another_time(
    store: SecretStore, watched: Watched, small: Database
) -> None:
    await keep(SecretStore(store.vault), small, {"c0": "old"})

    async def again() -> None:
        await keep(SecretStore(store.vault), small, {"c0": "newer"})
        watched.before = again

    watched.before = again
    (left,) = await all_to(store, small, "gcp")
    assert left.why == CHANGING and await store.read(small, MEMBER, "c0") == "newer"


async def test_a_store_that_is_away_for_all_is_asked_for_one_alone(
    store: SecretStore, held: SecretManager, small: Database
) -> None:
    await keep(SecretStore(store.vault), small, OTHERS)
    held.refuses = grpc.StatusCode.PERMISSION_DENIED
    left = await all_to(store, small, "gcp")
    assert [each.row.owner for each in left] == [*OTHERS] and len({each.why for each in left}) == 1
    assert held.asked.count("CreateSecret") == 1
    assert await read(store, small, OTHERS) == OTHERS


async def test_what_cannot_be_taken_away_holds_up_nothing_else(
    store: SecretStore, held: SecretManager, workspace: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(store, workspace, OTHERS)
    await store.settle(workspace)
    async with workspace.begin() as tables:
        for owner in OTHERS:
            await store.delete(tables, MEMBER, owner)
        kept = min([each.place for each in await tables.session.scalars(sa.select(SecretPlace))])
    real = Watched.delete

    async def guarded(self: Watched, place: str) -> None:
        if place == kept:
            raise StoreAway("this one is under a legal hold.")
        await real(self, place)

    monkeypatch.setattr(Watched, "delete", guarded)
    assert await store.clean(workspace) == len(OTHERS) - 1 and len(held.secrets) == 1
    monkeypatch.setattr(Watched, "delete", real)
    assert await store.clean(workspace) == 1 and not held.secrets


async def test_a_row_that_was_altered_holds_up_no_change_of_the_master_key(workspace: Database) -> None:
    old, new = KEY, MasterKey(b"n" * 32)
    store = SecretStore(Vault([old]))
    await keep(store, workspace, OTHERS | {"c1": "secret 1", "c9": "secret 9"})
    await keep(SecretStore(Vault([MasterKey(b"g" * 32)])), workspace, {"c5": "under a key that is gone"})
    async with workspace.begin() as tables:
        change = sa.update(Secret).where(Secret.owner == "c1").values(wrapped_key=b"altered")
        await tables.session.execute(change)
    newer = SecretStore(Vault([new, old]))
    rewrapping = Rewrapping(newer.vault)
    assert await rewrapping.all(workspace) == len(OTHERS) + 1
    altered, unknown = await rewrapping.left(workspace)
    assert altered.row.owner == "c1" and "altered" in altered.why and "entered anew" in altered.why
    assert unknown.row.owner == "c5" and "Put that key back" in unknown.why
    assert await read(SecretStore(Vault([new])), workspace, OTHERS) == OTHERS
    assert await rewrapping.all(workspace) == 0


async def test_a_version_that_is_switched_off_is_told_with_its_cure(
    store: SecretStore, held: SecretManager, small: Database
) -> None:
    await keep(store, small, {"c0": "secret 0"})
    await store.settle(small)
    held.refuses = grpc.StatusCode.FAILED_PRECONDITION
    (left,) = await all_to(SecretStore(store.vault, store.moving.outside), small, "database")
    assert "enable it there" in left.why
    held.refuses = None
    assert await all_to(store, small, "database") == []
    assert await store.read(small, MEMBER, "c0") == "secret 0"
