"""What outlives a restart: small JSON documents in one SQLite file, written at once."""

import json
import sqlite3
from pathlib import Path

from playground.slack.core.changes import Json


class Store:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(folder / "slack.sqlite3", isolation_level=None)
        # A killed process loses nothing with this setting, only a computer that loses power does.
        self._database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
            "CREATE TABLE IF NOT EXISTS kept (kind TEXT, key TEXT, doc TEXT, PRIMARY KEY (kind, key))"
        )

    def put(self, kind: str, key: str, doc: Json) -> None:
        # Not INSERT OR REPLACE: a changed row keeps its place, and `of` its order.
        self._database.execute(
            "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET doc = excluded.doc",
            (kind, key, json.dumps(doc)),
        )

    def drop(self, kind: str, key: str) -> None:
        self._database.execute("DELETE FROM kept WHERE kind = ? AND key = ?", (kind, key))

    def of(self, kind: str) -> dict[str, Json]:
        rows = self._database.execute("SELECT key, doc FROM kept WHERE kind = ? ORDER BY rowid", (kind,))
        return {key: json.loads(doc) for key, doc in rows}

    def close(self) -> None:
        self._database.close()
