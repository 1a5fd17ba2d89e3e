"""One contract for every place that secrets may lie in."""

import asyncio
import os
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from mcp_runtime.secrets import CannotOpen, MasterKey, SecretStore, Vault, rounds
from mcp_runtime.secrets.moving import DATABASE
from mcp_runtime.secrets.outside import OutsideStore, OutsideStores, StoreAway
from mcp_runtime.secrets.rewrapping import Rewrapping
from mcp_runtime.secrets.rounds import GONE
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Secret
from tests.secrets.conftest import KEY, MEMBER, stores_of

OTHER = Member("T1", "U2")
LONG = "a token of some length " * 1500


async def kept(store: SecretStore, db: Database, secret: str, owner: str = "c1", field: str = "token") -> None:
    """As a service keeps it, and as the background then takes it to where it belongs."""
    async with db.begin() as tables:
        await store.put(tables, MEMBER, owner, secret, field)
    await store.settle(db)


async def rows(db: Database) -> list[Secret]:
    async with db.read() as tables:
        return list(await tables.session.scalars(sa.select(Secret).order_by(Secret.owner, Secret.field)))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody names any more may be taken away at once."""
    monkeypatch.setattr(rounds, "IN_HAND", timedelta(0))


@pytest.mark.parametrize("secret", ["ghp_1", "süß 🔑\n", "", LONG], ids=["plain", "unicode", "empty", "long"])
async def test_what_is_put_is_got(store: SecretStore, small: Database, secret: str) -> None:
    await kept(store, small, secret)
    assert await store.read(small, MEMBER, "c1") == secret
    async with small.read() as tables:
        assert await store.get(tables, MEMBER, "c1") == secret


async def test_it_lies_where_it_was_to_lie_and_there_alone(store: SecretStore, workspace: Database) -> None:
    await kept(store, workspace, "ghp_1")
    (row,) = await rows(workspace)
    assert row.store == store.into and not row.bound_for
    assert bool(row.ciphertext) == (store.into == DATABASE) == (not row.place)


async def test_the_last_one_put_counts(store: SecretStore, small: Database) -> None:
    for secret in ("first", "second", "third"):
        await kept(store, small, secret)
        assert await store.read(small, MEMBER, "c1") == secret


async def test_each_field_of_an_owner_is_a_secret_of_its_own(store: SecretStore, small: Database) -> None:
    await kept(store, small, "a key", field="key")
    await kept(store, small, "an id", field="id")
    assert await store.read_all(small, MEMBER, "c1") == {"key": "a key", "id": "an id"}
    async with small.read() as tables:
        assert await store.of(tables, MEMBER, "c1") == ["id", "key"]
        assert await store.of(tables, MEMBER, "c2") == []


async def test_what_is_looked_at_beside_them_is_of_the_same_moment(store: SecretStore, small: Database) -> None:
    await kept(store, small, "an id", field="id")

    async def fields_after_a_change(tables: Tables) -> list[str]:
        await kept(store, small, "a key", field="key")
        return await store.of(tables, MEMBER, "c1")

    assert await store.read_beside(small, MEMBER, "c1", fields_after_a_change) == ({"id": "an id"}, ["id"])
    assert await store.read_all(small, MEMBER, "c1") == {"key": "a key", "id": "an id"}


async def test_another_members_is_not_got(store: SecretStore, small: Database) -> None:
    await kept(store, small, "ghp_1")
    assert await store.read(small, OTHER, "c1") is None
    assert await store.read(small, Member("T2", "U1"), "c1") is None
    assert await store.read(small, MEMBER, "c2") is None


async def test_a_row_that_was_given_to_another_member_does_not_open(store: SecretStore, small: Database) -> None:
    await kept(store, small, "ghp_1")
    async with small.begin() as tables:
        await tables.session.execute(sa.update(Secret).values(member_id=OTHER.id))
    with pytest.raises(CannotOpen):
        await store.read(small, OTHER, "c1")


async def test_a_row_that_points_at_anothers_secret_does_not_open(store: SecretStore, small: Database) -> None:
    await kept(store, small, "mine", owner="c1")
    await kept(store, small, "theirs", owner="c2")
    _, theirs = await rows(small)
    async with small.begin() as tables:
        lies = {"place": theirs.place, "ciphertext": theirs.ciphertext, "nonce": theirs.nonce}
        await tables.session.execute(sa.update(Secret).where(Secret.owner == "c1").values(**lies))
    with pytest.raises(CannotOpen):
        await store.read(small, MEMBER, "c1")


async def test_what_is_deleted_is_gone_and_leaves_nothing(
    store: SecretStore, workspace: Database, at_once: None
) -> None:
    await kept(store, workspace, "ghp_1")
    (row,) = await rows(workspace)
    async with workspace.begin() as tables:
        assert await store.delete(tables, MEMBER, "c1") == 1
        assert await store.delete(tables, MEMBER, "c1") == 0
    await store.settle(workspace)
    assert await store.read(workspace, MEMBER, "c1") is None
    if row.place:
        assert await (await store.moving.outside.named(store.into)).get(row.place) is None
    assert await store.clean(workspace) == 0


async def test_a_change_that_is_rolled_back_changes_nothing(store: SecretStore, workspace: Database) -> None:
    await kept(store, workspace, "first")
    with pytest.raises(ZeroDivisionError):
        async with workspace.begin() as tables:
            await store.put(tables, MEMBER, "c1", "second")
            1 / 0  # noqa: B018
    with pytest.raises(ZeroDivisionError):
        async with workspace.begin() as tables:
            await store.delete(tables, MEMBER, "c1")
            1 / 0  # noqa: B018
    await store.settle(workspace)
    assert await store.read(workspace, MEMBER, "c1") == "first"


async def test_a_secret_that_waits_for_its_store_can_be_got_meanwhile(store: SecretStore, small: Database) -> None:
    async with small.begin() as tables:
        await store.put(tables, MEMBER, "c1", "ghp_1")
    assert await store.read(small, MEMBER, "c1") == "ghp_1"


async def test_two_that_settle_at_once_lose_nothing(store: SecretStore, workspace: Database, at_once: None) -> None:
    async with workspace.begin() as tables:
        for number in range(4):
            await store.put(tables, MEMBER, f"c{number}", f"secret {number}")
    await asyncio.gather(store.settle(workspace), store.settle(workspace))
    await store.settle(workspace)
    read = [await store.read(workspace, MEMBER, f"c{number}") for number in range(4)]
    assert read == [f"secret {number}" for number in range(4)]
    async with workspace.read() as tables:
        places = await tables.session.scalar(sa.text("SELECT count(*) FROM secret_places"))
    assert places == (0 if store.into == DATABASE else 4)


async def test_a_new_master_key_touches_nothing_that_lies_outside(store: SecretStore, small: Database) -> None:
    await kept(store, small, "ghp_1")
    (before,) = await rows(small)
    newer = SecretStore(Vault([MasterKey(os.urandom(32)), KEY]), store.moving.outside, store.into)
    assert await Rewrapping(newer.vault).all(small) == 1
    (after,) = await rows(small)
    assert (after.place, after.ciphertext) == (before.place, before.ciphertext)
    assert await newer.read(small, MEMBER, "c1") == "ghp_1"
    with pytest.raises(CannotOpen):
        await store.read(small, MEMBER, "c1")


async def test_a_store_outside_keeps_bytes_under_a_name(outside: OutsideStore) -> None:
    place = os.urandom(16).hex()
    assert await outside.get(place) is None
    await outside.put(place, value := os.urandom(65_000))
    assert await outside.get(place) == value
    await outside.put(place, value)  # as after an answer that was lost
    assert await outside.get(place) == value
    await outside.delete(place)
    assert await outside.get(place) is None
    await outside.delete(place)


async def test_what_lies_outside_is_sealed(outside: OutsideStore, small: Database, vault: Vault) -> None:
    class Opened(OutsideStores):
        async def named(self, name: str) -> OutsideStore:
            return outside

    store = SecretStore(vault, Opened(), "aws")
    await kept(store, small, "ghp_plain")
    (row,) = await rows(small)
    found = await outside.get(row.place)
    assert found and b"ghp_plain" not in found


async def test_a_store_that_is_not_there_is_named_with_its_cure(small: Database, vault: Vault) -> None:
    async def none() -> OutsideStore:
        raise StoreAway("AWS Secrets Manager: no region is known. Set AWS_REGION.")

    store = SecretStore(vault, OutsideStores({"aws": none}), "aws")
    async with small.begin() as tables:
        await store.put(tables, MEMBER, "c1", "ghp_1")
    with pytest.raises(StoreAway, match=r"left in the database until .*: 1 secrets.* Set AWS_REGION"):
        await store.settle(small)
    assert await store.read(small, MEMBER, "c1") == "ghp_1"


@pytest.mark.parametrize("name", ["keyring", "aws"])
async def test_what_somebody_wrote_over_outside_is_told_as_gone_and_ends_nothing(
    request: pytest.FixtureRequest, name: str, small: Database, vault: Vault
) -> None:
    async with stores_of(request, name) as stores:
        store = SecretStore(vault, stores, name)
        await kept(store, small, "ghp_1", owner="c1")
        await kept(store, small, "ghp_2", owner="c2")
        theirs, _ = await rows(small)
        outside: Any = await stores.named(name)
        if name == "aws":
            await outside._client.put_secret_value(SecretId=f"usher/{theirs.place}", SecretString="by hand")
        else:
            outside._backend.set_password("usher", theirs.place, "by hand")
        fresh = SecretStore(vault, stores)  # that remembers nothing
        left = [each async for each in fresh.all_to(small, "database") if each]
        assert [(each.row.owner, each.why) for each in left] == [("c1", GONE)]
        assert await fresh.read(small, MEMBER, "c2") == "ghp_2"
