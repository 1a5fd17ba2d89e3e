import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

from storage.database import Database
from tests.storage import rows
from tests.storage.rows import NOON, T1

PRODUCT = Path(__file__).parents[2]
CHATS, EACH = 15, 4


async def start(url: str, now: datetime, done: Path, die_in: int = 0) -> asyncio.subprocess.Process:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.storage.turn_worker", url, now.isoformat(), str(done), str(die_in)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=PRODUCT,
    )
    assert worker.stdout and await worker.stdout.readline() == b"ready\n"
    return worker


async def work_together(*workers: asyncio.subprocess.Process) -> list[int | None]:
    await asyncio.gather(*(worker.communicate(b"go\n") for worker in workers))
    return [worker.returncode for worker in workers]


async def test_processes_share_the_turns_and_the_death_of_one_loses_and_doubles_nothing(
    db: Database, database_url: str, tmp_path: Path
) -> None:
    chats = [await rows.conversation(db, f"chat-{number}") for number in range(CHATS)]
    for number in range(EACH):
        for chat in chats:
            await rows.turn(db, chat, f"{chat.key}:{number}", NOON + timedelta(seconds=number))
    done = tmp_path / "done"
    workers = await asyncio.gather(start(database_url, NOON, done, die_in=3), start(database_url, NOON, done))
    assert await work_together(*workers) == [9, 0]
    left = CHATS * EACH - len(done.read_text().split())
    assert 1 <= left <= EACH  # the conversation in which it died waits, and no other
    later = NOON + timedelta(minutes=1)
    assert await work_together(await start(database_url, later, done)) == [0]
    sources = done.read_text().split()
    assert sorted(sources) == sorted(f"{chat.key}:{number}" for chat in chats for number in range(EACH))
    for chat in chats:
        assert [each for each in sources if each.startswith(f"{chat.key}:")] == [
            f"{chat.key}:{number}" for number in range(EACH)
        ]
        async with db.read() as tables:
            assert len(await tables.events.after(T1, chat.id, 0)) == EACH
