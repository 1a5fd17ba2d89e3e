"""The backup drill, by the very commands of docs/operations.md: fill, back up, lose all, restore elsewhere, go on."""

import os
import shlex
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import make_url

from tests.deploy.life import Known, all_is_there, left_unfinished, lived
from tests.deploy.operated import Around, run, running, usher
from tests.deploy.page import commands
from tests.support.postgres import Postgres, running_postgres
from tests.web.caller import PAGE, Caller

pytestmark = pytest.mark.timeout(600)


class Place(Protocol):
    """Where Usher runs, how its backup is made, and where it is put back."""

    env: dict[str, str]
    folder: Path

    async def back_up(self) -> str: ...

    async def restore(self) -> str: ...


class Shell:
    """Runs commands as they stand on the page: `usher` is the one of this tree, `systemctl` notes what it is told."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, self.env = folder, env
        bin_dir = folder.parent / f"{folder.name}-bin"
        bin_dir.mkdir(parents=True)
        folder.mkdir(exist_ok=True)
        self.told = bin_dir / "told"
        for name, does in {
            "usher": f'exec {shlex.quote(sys.executable)} -m app "$@"',
            "systemctl": f'echo "$@" >>{self.told}',
        }.items():
            (bin_dir / name).write_text(f"#!/bin/sh\n{does}\n")
            (bin_dir / name).chmod(0o755)
        self.env = env | {"PATH": f"{bin_dir}:{env['PATH']}"}

    async def __call__(self, script: str) -> str:
        code, said = await run(["sh", "-eu", "-c", script], self.env, self.folder)
        assert code == 0, f"{script}\n{said}"
        return said


class OnSqlite:
    def __init__(self, around: Around, tmp_path: Path) -> None:
        # A key file beside the database, as when nothing is set.
        self.env = around.env("sqlite+aiosqlite:///usher.db", SECRET_KEY="")
        self.folder, self.keys, self.new = tmp_path / "usher", tmp_path / "keys", tmp_path / "new"
        self.shell = Shell(self.folder, self.env)
        self.keys.mkdir()

    async def back_up(self) -> str:
        return await self.shell(commands("backup-sqlite", {"/media/keys": str(self.keys)}))

    async def restore(self) -> str:
        [copy] = (self.folder / "backups").iterdir()
        self.folder = self.new
        self.shell = Shell(self.new, self.env)
        log_of_another_database(self.new / "usher.db-wal")
        places = {"/media/keys": str(self.keys), "backups/usher-20261120T030000Z.db": str(copy)}
        return await self.shell(commands("restore-sqlite", places))


def log_of_another_database(path: Path) -> None:
    """Left behind by what was lost: put beside a restored file, SQLite would play it into that."""
    other = path.with_name("other.db")
    with closing(sqlite3.connect(other)) as lost:
        lost.execute("PRAGMA journal_mode=WAL")
        lost.execute("CREATE TABLE nonsense AS SELECT 1")
        lost.commit()
        path.write_bytes(other.with_name("other.db-wal").read_bytes())
    other.unlink()


class OnPostgres:
    def __init__(self, around: Around, tmp_path: Path, postgres: Postgres, url: str) -> None:
        self._around, self._postgres = around, postgres
        self.folder, self.dump = tmp_path / "usher", tmp_path / "usher.dump"
        self.env = self._with(url)
        self.shell = Shell(self.folder, self.env)

    def _with(self, url: str) -> dict[str, str]:
        tools = f"{self._postgres.binaries}:{os.environ['PATH']}"
        name = make_url(url).database
        libpq = {"PGHOST": str(self._postgres.home), "PGUSER": "postgres", "PGDATABASE": str(name)}
        return self._around.env(url, PATH=tools, **libpq)

    async def back_up(self) -> str:
        return await self.shell(commands("backup-postgres", {"/var/backups/usher.dump": str(self.dump)}))

    async def restore(self) -> str:
        name = f"{self.env['PGDATABASE']}_new"
        self.env = self._with(self._postgres.url(name))
        self.shell = Shell(self.folder.with_name("new"), self.env)
        self.folder = self.shell.folder
        return await self.shell(commands("restore-postgres", {"/var/backups/usher.dump": str(self.dump)}))


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, around: Around, tmp_path: Path):
    if request.param == "sqlite":
        yield OnSqlite(around, tmp_path)
        return
    request.getfixturevalue("postgres_tools")
    # The doctor, who is asked in the drill, wants one that outlives a power cut.
    with running_postgres(lasting=True) as cluster, cluster.database() as url:
        there = OnPostgres(around, tmp_path, cluster, url)
        yield there
        cluster.psql(f"DROP DATABASE IF EXISTS {there.env['PGDATABASE']} WITH (FORCE)")


async def test_the_drill(place: Place, around: Around) -> None:
    known, ticket = await filled_and_backed_up(place, around)

    asked = answered(around)

    told = await place.restore()

    assert place.shell.told.read_text().splitlines() == ["stop usher", "start usher"]
    assert "turns: 1" in told and "questions: 0, tickets: 1" in told and "Chat links open: 1" in told
    for subject in ("✓ master key", "✓ database", "✓ audit"):
        assert subject in told, told
    assert "✗" not in told
    async with running(around, place.env, place.folder):
        await all_is_there(around, known)
        assert (await Caller(around.url).ask("GET", ticket, headers=PAGE)).status == 404
        await around.message_with("I was interrupted before I could finish")
        await around.message_with("put back to a backup of")
    assert answered(around) == asked  # nothing was answered a second time


def answered(around: Around) -> int:
    """How often the model was asked for words; the doctor's own question costs none."""
    return sum("enerateContent" in each.path for each in around.model.asked)


async def filled_and_backed_up(place: Place, around: Around) -> tuple[Known, str]:
    """What was there when the backup was made, with Usher running and at work; then more happened."""
    code, said = await usher(place.env, place.folder, "migrate")
    assert code == 0, said
    async with running(around, place.env, place.folder):
        known = await lived(around)
        ticket = await left_unfinished(around)
        await place.back_up()
        code, said = await usher(place.env, place.folder, "restored")
        assert code == 2 and "Usher" in said and "first" in said, said
        around.slack.clock.forward(60)  # what is said at once would wait for the answer that is held
        await around.says("said after the backup", "And answered too.")
    return known, ticket


async def test_on_postgresql_the_command_that_usher_says_makes_the_backup(
    around: Around, tmp_path: Path, postgres: Postgres, postgres_tools: str
) -> None:
    with postgres.database() as url:
        # A password that nobody asks for here, since the cluster trusts its own socket.
        env = around.env(url.replace("postgres@", "postgres:hunter2@"), PATH=f"{postgres_tools}:{os.environ['PATH']}")
        assert (await usher(env, tmp_path, "migrate"))[0] == 0
        code, said = await usher(env, tmp_path, "backup", "my backups")
        assert code == 1 and "No backup was made" in said and "hunter2" not in said
        command = next(line for line in said.splitlines() if line.startswith("pg_dump "))
        (tmp_path / "my backups").mkdir()
        assert await run(["sh", "-c", command], env, tmp_path) == (0, "")
        [dump] = (tmp_path / "my backups").iterdir()
        _, listed = await run(["pg_restore", "--list", str(dump)], env, tmp_path)
    assert "TABLE DATA public audit_records" in listed


async def test_a_backup_of_nothing_is_told_and_makes_nothing(around: Around, tmp_path: Path) -> None:
    env = around.env("sqlite+aiosqlite:///usher.db")
    code, said = await usher(env, tmp_path, "backup", "backups")
    assert (code, said) == (1, f"No backup was made: {tmp_path}/usher.db is not there; DATABASE_URL names it.\n")
    assert not (tmp_path / "usher.db").exists() and not (tmp_path / "backups").exists()
    assert (await usher(env, tmp_path, "migrate"))[0] == 0
    code, said = await usher(env, tmp_path, "backup", "no/such/place")
    assert code == 1 and "no/such/place: No such file or directory" in said
