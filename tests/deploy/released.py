"""The databases that released versions left behind, as SQL text beside what a guest's browser kept of them."""

import json
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from tests.deploy.life import Known
from tests.support.postgres import Postgres

FOLDER = Path(__file__).with_name("releases")
NOTES = "http://notes.example/mcp"
"""Stands in the text for the Notes server, which has another port in each run."""


def names() -> list[str]:
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


# --- writing one
def write(name: str, engine: str, dump: str, notes: str, known: Known) -> None:
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{engine}.sql").write_text(dump.replace(notes, NOTES))
    (folder / f"{engine}.json").write_text(json.dumps(known.stored(), indent=1) + "\n")


def dump_sqlite(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return "\n".join(database.iterdump()) + "\n"


def dump_postgres(cluster: Postgres, name: str) -> str:
    options = ["--no-owner", "--no-privileges", "--inserts", "--no-comments"]
    command = [cluster.binaries / "pg_dump", *_where(cluster), *options, name]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # What a psql of another minor release would not know, and what only says which one wrote it.
    return re.sub(r"^(\\(un)?restrict .*|--.*|SET transaction_timeout.*)\n|\n(?=\n\n)", "", dumped, flags=re.M)


# --- reading one
def known(name: str, engine: str) -> Known:
    return Known(**json.loads((FOLDER / name / f"{engine}.json").read_text()))


def _text(name: str, engine: str, notes: str) -> str:
    return (FOLDER / name / f"{engine}.sql").read_text().replace(NOTES, notes)


def load_sqlite(name: str, path: Path, notes: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_text(name, "sqlite", notes))


def load_postgres(name: str, cluster: Postgres, database: str, notes: str) -> None:
    command = [cluster.binaries / "psql", *_where(cluster), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database]
    text = _text(name, "postgres", notes)
    subprocess.run(command, input=text, check=True, capture_output=True, text=True)


def _where(cluster: Postgres) -> list[str]:
    return ["-h", str(cluster.home), "-U", "postgres"]
