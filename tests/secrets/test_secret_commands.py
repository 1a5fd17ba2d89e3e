"""`usher secrets` as it is typed, and what `usher doctor` finds of the store."""

import asyncio
import io
import os
import sys
from argparse import Namespace
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
import sqlalchemy as sa

import app
from bot.doctor.secret_store_check import secret_store
from bot.maintenance import secrets as secret_commands
from bot.maintenance.secrets.telling import Progress
from bot.settings import Settings
from mcp_runtime.secrets import SecretStore, Vault
from mcp_runtime.secrets.keys import keys_for
from mcp_runtime.secrets.outside import OutsideStores, StoreAway
from mcp_runtime.secrets.outside.gcp_store import GcpStore
from mcp_runtime.secrets.outside.store import LARGEST
from storage.database import Database
from storage.engines.file_lock import alone
from storage.tables import Secret
from tests.secrets.conftest import MEMBER
from tests.secrets.gcp_server import PROJECT, secret_manager
from tests.storage import rows

ROOT = Path(__file__).parents[2]
ENOUGH = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_APP_TOKEN": "xapp-1-a", "GEMINI_API_KEY": "key"}


@pytest.fixture
async def kept(sqlite_url: str, small: Database) -> SecretStore:
    """Three secrets in the database, under the key file beside it."""
    store = SecretStore(Vault(keys_for(None, sqlite_url)))
    async with small.begin() as tables:
        for number in range(3):
            await store.put(tables, MEMBER, f"c{number}", f"secret {number}")
    return store


def settings(url: str, **more: str) -> Settings:
    return Settings.read({**ENOUGH, "DATABASE_URL": url, **more})


async def typed(url: str, *words: str, **more: str) -> tuple[int, str]:
    """As on a terminal, with the environment of this test."""
    env = {**os.environ, **ENOUGH, "DATABASE_URL": url, "PYTHONPATH": str(ROOT), **more}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "secrets", *words),
        env=env, cwd=Path(url.removeprefix("sqlite+aiosqlite:///")).parent,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(60):
        told, _ = await process.communicate()
    return process.returncode or 0, told.decode()


async def read(store: SecretStore, db: Database) -> list[str | None]:
    return [await store.read(db, MEMBER, f"c{number}") for number in range(3)]


ALL = ["secret 0", "secret 1", "secret 2"]


async def test_all_are_moved_while_usher_runs_and_the_next_step_is_told(
    aws: None, kept: SecretStore, small: Database, sqlite_url: str
) -> None:
    with alone(sqlite_url):  # as Usher holds it while it runs
        code, told = await typed(sqlite_url, "move", "aws", SECRET_STORE="database")
    assert (code, told.splitlines()[0]) == (0, "3 of 3 secrets moved: all lie in AWS Secrets Manager now.")
    assert "set SECRET_STORE=aws and restart Usher" in told
    assert await read(kept, small) == ALL
    assert "     3 in AWS Secrets Manager" in (await typed(sqlite_url))[1]
    await kept.close()


async def test_a_store_that_is_away_moves_nothing_and_says_why(
    aws: None, kept: SecretStore, small: Database, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9")
    code, told = await typed(sqlite_url, "move", "aws")
    assert (
        code == 1 and "0 of 3 secrets moved" in told and "cannot be reached" in told and "Run the same command" in told
    )
    assert await read(kept, small) == ALL


async def test_they_come_back_into_the_database(aws: None, sqlite_url: str, small: Database) -> None:
    store = SecretStore(Vault(keys_for(None, sqlite_url)), into="aws")
    await rows.connection(small)
    async with small.begin() as tables:
        await store.put(tables, MEMBER, "c0", "secret 0")
    await store.settle(small)
    code, told = await typed(sqlite_url, "move", "database", SECRET_STORE="database")
    assert (code, told.splitlines()[0]) == (0, "1 of 1 secrets moved: all lie in the database now.")
    assert await SecretStore(store.vault).read(small, MEMBER, "c0") == "secret 0"
    await store.close()


async def test_what_cannot_be_moved_is_named_with_its_cure(
    aws: None, kept: SecretStore, small: Database, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wide = await rows.connection(small, "wide", MEMBER.id)
    async with small.begin() as tables:
        await tables.connections.update(MEMBER.workspace, wide.id, title="Wi\x1b[2Jde")
        await kept.put(tables, MEMBER, wide.id, "x" * LARGEST, "key")
    for moved in ("3 of 4", "0 of 1"):
        assert await secret_commands.secrets(settings(sqlite_url), Namespace(act="move", store="aws")) == 1
        told = capsys.readouterr()
        assert told.out == f"{moved} secrets moved.\n"
        assert "1: AWS Secrets Manager takes no secret of more than 64 KiB" in told.err
        assert f"    Wi[2Jde of {MEMBER.id} in workspace {MEMBER.workspace}, key\n" in told.err
        assert "Run the same command again" in told.err
    reading = SecretStore(kept.vault)
    assert await read(reading, small) == ALL
    assert await reading.read(small, MEMBER, wide.id, "key") == "x" * LARGEST
    await reading.close()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["move"], "usher secrets move: the following arguments are required: store"),
        (["move", "awz"], "invalid choice: 'awz'"),
        (["turn"], "invalid choice: 'turn'"),
    ],
)
def test_what_is_mistyped_is_told(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["secrets", *words]) == 2
    said = capsys.readouterr().err
    assert told in said and "`usher help` lists all" in said


async def test_a_new_master_key_is_made_in_the_file_and_all_are_put_under_it(
    kept: SecretStore, small: Database, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    old = keys_for(None, sqlite_url)[0]
    assert await secret_commands.secrets(settings(sqlite_url), Namespace(act="rotate")) == 0
    new, still = keys_for(None, sqlite_url)
    assert still.id == old.id and new.id != old.id
    async with small.read() as tables:
        assert await tables.secrets.key_ids() == {new.id}
    assert "3 of 3 secrets are put under the newest master key" in capsys.readouterr().out
    assert await read(SecretStore(Vault([new])), small) == ALL


async def test_what_does_not_open_is_named_and_holds_up_no_new_master_key(
    kept: SecretStore, small: Database, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    card = rows.added_card(MEMBER.workspace)
    async with small.begin() as tables:
        await tables.added_cards.add(card)
        await tables.secrets.put(rows.secret(card.id, "*", where=MEMBER.workspace, key_id="unheard-of"))
        change = sa.update(Secret).where(Secret.owner == "c0").values(wrapped_key=b"altered")
        await tables.session.execute(change)
    for rotated in ("2 of 4", "2 of 4"):  # the second makes another key: what does not open is no rotation broken off
        assert await secret_commands.secrets(settings(sqlite_url), Namespace(act="rotate")) == 1
        told = capsys.readouterr()
        assert told.out == f"{rotated} secrets are put under the newest master key.\n"
        assert "1: the row's key was altered" in told.err and f"a sign-in that has ended of {MEMBER.id}" in told.err
        assert "1: master key unheard-of is not configured" in told.err and f"{card.title} (a card" in told.err
        assert "Keep the older master keys" in told.err
    keys = keys_for(None, sqlite_url)
    assert len(keys) == 3
    assert await SecretStore(Vault([keys[0]])).read(small, MEMBER, "c1") == "secret 1"


async def test_a_key_of_the_environment_is_for_the_operator_to_make(
    kept: SecretStore, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key = Path(f"{sqlite_url.removeprefix('sqlite+aiosqlite:///')}.key").read_text().strip()
    assert await secret_commands.secrets(settings(sqlite_url, SECRET_KEY=key), Namespace(act="rotate")) == 2
    told = capsys.readouterr().err
    assert "Put a new one before it" in told and key not in told


async def test_a_database_that_is_behind_is_not_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/usher.db"
    assert await secret_commands.secrets(settings(url), Namespace(act=None)) == 2
    assert "usher migrate" in capsys.readouterr().err


def test_progress_is_a_line_that_changes_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = Progress(2)
    progress.one_more()
    assert terminal.getvalue().endswith("1 of 2 secrets looked at …")
    progress.over()
    assert terminal.getvalue().endswith("\r\x1b[K")


async def test_the_doctor_tries_the_store_out_and_leaves_nothing(aws: None, sqlite_url: str) -> None:
    [found] = await secret_store(settings(sqlite_url, SECRET_STORE="aws"))
    assert found.state == "ok" and found.found.startswith("AWS Secrets Manager, as SECRET_STORE says; takes")


async def test_the_doctor_tells_what_a_store_lacks(
    aws: None, kept: SecretStore, small: Database, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small.begin() as tables:
        await SecretStore(kept.vault, into="aws").put(tables, MEMBER, "c9", "new")
    monkeypatch.delenv("AWS_REGION")
    away, waiting = await secret_store(settings(sqlite_url, SECRET_STORE="aws"))
    assert (away.state, away.cure) == ("bad", "no region is known. Set AWS_REGION")
    assert waiting.found == "1 secrets wait in the database to be taken to their store"


async def test_the_doctor_finds_a_keyring_that_is_open(machine_keyring: None, sqlite_url: str) -> None:
    [found] = await secret_store(settings(sqlite_url, SECRET_STORE="keyring"))
    assert (found.state, found.cure) == ("ok", "") and "keyring" in found.found


async def test_the_doctor_finds_that_there_is_none(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.get_keyring", _no_keyring)
    [found] = await secret_store(settings(sqlite_url, SECRET_STORE="keyring"))
    assert found.state == "bad" and "log in at its desktop" in f"{found.found} {found.cure}"


def _no_keyring() -> object:
    from keyring.backends import fail

    return fail.Keyring()


@pytest.fixture
async def refusing() -> AsyncIterator[OutsideStores]:
    async with secret_manager() as (manager, client):
        manager.refuses = grpc.StatusCode.PERMISSION_DENIED

        async def opened() -> GcpStore:
            return GcpStore(client(), PROJECT)

        stores = OutsideStores({"gcp": opened})
        yield stores
        await stores.close()


async def test_rights_that_are_missing_are_named(refusing: OutsideStores) -> None:
    with pytest.raises(StoreAway, match="Secret Manager Admin"):
        await refusing.probe("gcp")
