"""Writes anew what is kept of all revisions, after one was added: `python -m storage.kept_newest`."""

import asyncio
import tempfile
from pathlib import Path

from storage.engines.engine import open_engine
from storage.migrate import migrate
from storage.migrations import newest


async def by_revisions(file: Path) -> str:
    """The text that makes a file such as this new one, which Alembic makes revision by revision."""
    url = f"sqlite+aiosqlite:///{file}"
    await migrate(url, by_revisions=True)
    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(newest.told)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        newest.FILE.write_text(asyncio.run(by_revisions(Path(folder, "new.db"))))
