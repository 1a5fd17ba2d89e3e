"""Secrets at rest: sealed for one owner, under keys that can be changed."""

import base64
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_runtime.secrets import CannotOpen, KeyUnusable, MasterKey, SecretStore, Vault, keys_for, parse_keys
from mcp_runtime.secrets.keys import add_key, keys_again
from mcp_runtime.secrets.rewrapping import Rewrapping
from mcp_runtime.secrets.vault import SecretRef
from storage.database import Database
from storage.members import Member

OLD, NEW = MasterKey(b"o" * 32), MasterKey(b"n" * 32)
REF = SecretRef("T1", "U1", "connection", "token")
MEMBER = Member("T1", "U1")


def test_a_sealed_secret_opens_again_and_is_nowhere_in_the_row() -> None:
    vault = Vault([NEW])
    sealed = vault.seal(REF, b"ghp_secret")
    assert vault.open(REF, sealed) == b"ghp_secret"
    assert b"ghp_secret" not in sealed.ciphertext
    assert len(sealed.ciphertext) == len(b"ghp_secret") + 16 and len(sealed.wrapped_key) == 40


def test_two_seals_of_one_secret_share_nothing() -> None:
    one, two = (Vault([NEW]).seal(REF, b"same") for _ in range(2))
    assert one.nonce != two.nonce and one.wrapped_key != two.wrapped_key and one.ciphertext != two.ciphertext


@pytest.mark.parametrize("field", ["workspace", "member", "owner", "field"])
def test_a_row_moved_to_another_owner_does_not_open(field: str) -> None:
    sealed = Vault([NEW]).seal(REF, b"secret")
    with pytest.raises(CannotOpen, match="does not belong here"):
        Vault([NEW]).open(replace(REF, **{field: "other"}), sealed)


def test_owners_whose_parts_run_together_alike_are_told_apart() -> None:
    sealed = Vault([NEW]).seal(SecretRef("T1", "U1|x", "y", "token"), b"secret")
    with pytest.raises(CannotOpen):
        Vault([NEW]).open(SecretRef("T1", "U1", "x|y", "token"), sealed)


@pytest.mark.parametrize("part", ["wrapped_key", "nonce", "ciphertext"])
def test_an_altered_row_does_not_open(part: str) -> None:
    sealed = Vault([NEW]).seal(REF, b"secret")
    flipped = bytes([getattr(sealed, part)[0] ^ 1]) + getattr(sealed, part)[1:]
    with pytest.raises(CannotOpen):
        Vault([NEW]).open(REF, replace(sealed, **{part: flipped}))


def test_rewrapping_changes_the_wrapped_key_alone() -> None:
    sealed = Vault([OLD]).seal(REF, b"secret")
    key_id, wrapped = Vault([NEW, OLD]).rewrap(sealed.key_id, sealed.wrapped_key)
    moved = replace(sealed, key_id=key_id, wrapped_key=wrapped)
    assert Vault([NEW]).open(REF, moved) == b"secret"
    with pytest.raises(CannotOpen, match="not configured"):
        Vault([OLD]).open(REF, moved)


def test_keys_are_read_newest_first() -> None:
    keys = [os.urandom(32) for _ in range(3)]
    text = ", ".join(base64.urlsafe_b64encode(key).decode() for key in keys)
    assert [key.secret for key in parse_keys(text)] == keys


@pytest.mark.parametrize("text", ["hunter2", "c2hvcnQ=", "schlüssel"])
def test_a_weak_or_broken_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(KeyUnusable) as told:
        parse_keys(text)
    assert text not in str(told.value)


def test_no_key_is_in_a_repr() -> None:
    assert "nnnn" not in repr(NEW) and "nnnn" not in repr(Vault([NEW]))


def test_a_key_file_is_made_once_beside_the_database_for_its_owner_alone(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/usher.db"
    first, second = keys_for(None, url), keys_for("", url)
    assert [key.id for key in first] == [key.id for key in second]
    made = tmp_path / "usher.db.key"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert len(made.read_text().strip()) == 44
    assert [path.name for path in tmp_path.iterdir()] == ["usher.db.key"]


def test_what_is_sealed_after_a_rotation_beside_us_opens_without_the_older_key(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/usher.db"
    running = Vault(keys_for(None, url), keys_again(None, url))
    add_key(url)
    sealed = running.seal(REF, b"ghp_secret")
    assert Vault(keys_for(None, url)[:1]).open(REF, sealed) == b"ghp_secret"


def test_a_key_file_that_is_gone_for_a_while_is_not_made_anew_by_who_runs(tmp_path: Path) -> None:
    url, file = f"sqlite+aiosqlite:///{tmp_path}/usher.db", tmp_path / "usher.db.key"
    running = Vault(keys_for(None, url), keys_again(None, url))
    sealed = running.seal(REF, b"ghp_secret")
    file.rename(tmp_path / "away")
    stranger = Vault([NEW]).seal(REF, b"x")
    with pytest.raises(CannotOpen, match="is not configured"):
        running.open(REF, stranger)
    assert running.open(REF, sealed) == running.open(REF, running.seal(REF, b"ghp_secret")) == b"ghp_secret"
    assert not file.exists()


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/usher.db"
    keys_for(None, url)
    (tmp_path / "usher.db.key").chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        keys_for(None, url)


def test_the_environments_key_goes_before_the_file(tmp_path: Path) -> None:
    text = base64.urlsafe_b64encode(b"n" * 32).decode()
    assert [key.id for key in keys_for(text, f"sqlite+aiosqlite:///{tmp_path}/usher.db")] == [NEW.id]
    assert list(tmp_path.iterdir()) == []


def test_beside_postgres_there_is_no_file() -> None:
    with pytest.raises(KeyUnusable, match="SECRET_KEY"):
        keys_for(None, "postgresql+asyncpg://localhost/usher")


@pytest.fixture
async def workspace(db: Database) -> Database:
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
    return db


async def test_a_secret_is_kept_replaced_and_deleted(workspace: Database) -> None:
    store = SecretStore(Vault([NEW]))
    async with workspace.begin() as tables:
        await store.put(tables, MEMBER, "connection", "first")
        await store.put(tables, MEMBER, "connection", "second")
    async with workspace.read() as tables:
        assert await store.get(tables, MEMBER, "connection") == "second"
        assert await store.get(tables, Member("T1", "U2"), "connection") is None
    async with workspace.begin() as tables:
        assert await store.delete(tables, MEMBER, "connection") == 1
        assert await store.get(tables, MEMBER, "connection") is None


async def test_all_rows_move_to_a_new_key_and_the_old_one_may_go(workspace: Database) -> None:
    async with workspace.begin() as tables:
        for number in range(120):
            await SecretStore(Vault([OLD])).put(tables, MEMBER, f"connection-{number}", f"secret-{number}")
    assert await Rewrapping(Vault([NEW, OLD])).all(workspace) == 120
    assert await Rewrapping(Vault([NEW, OLD])).all(workspace) == 0
    async with workspace.read() as tables:
        assert await SecretStore(Vault([NEW])).get(tables, MEMBER, "connection-7") == "secret-7"
