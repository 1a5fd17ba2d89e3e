"""One of several processes that share the turns; dies in the middle of one when told to.

One that does not die leaves the other its share, however late that begins: in its tenth turn it waits for that death.
"""

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path

from storage.database import Database

FAIR_SHARE = 10


async def work(url: str, now: datetime, done: Path, die_in: int) -> None:
    db = Database(url)
    begun, died = 0, done.with_name("died")
    while True:
        async with db.begin() as tables:
            turn = await tables.turns.claim(f"p{os.getpid()}", now, lease_seconds=15)
        if turn is None:
            break
        begun += 1
        if begun == die_in:
            died.touch()
            os._exit(9)
        while begun == FAIR_SHARE and not died.exists():
            await asyncio.sleep(0.01)
        async with db.begin() as tables:
            assert await tables.turns.change(turn, status="done")
            await tables.events.add(turn.workspace_id, turn.conversation_id, turn.id, "status", {})
        with done.open("a") as lines:
            lines.write(f"{turn.source}\n")
    await db.close()


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    asyncio.run(work(sys.argv[1], datetime.fromisoformat(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
