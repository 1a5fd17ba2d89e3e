"""The connections in this folder's database, all opened and listed at once through the product's pool.

With ``listening`` it waits until each is listened to as well, and tells what is held then.
"""

import asyncio
import sys
from pathlib import Path

from bot.running.garbage import lasting

with lasting():  # as `app.py` does it
    from benchmarks.mcp_members.held import Held, report
    from benchmarks.mcp_members.usher import MEMBER, Usher, usher
    from benchmarks.parts.cost import here
    from mcp_runtime.sessions.subscribing import SETTLED_AFTER

UNTIL_ALL_LISTEN = 2 * SETTLED_AFTER + 2.0


async def main(where: Path, *, listening: bool) -> None:
    async with usher(where) as ours:
        with here() as cost:
            report(await _told(ours, Held(cost), listening=listening))


async def _told(ours: Usher, held: Held, *, listening: bool) -> dict[str, float]:
    async with ours.db.read() as tables:
        first, *rest = await tables.connections.of_card(MEMBER.workspace, "custom")
    await ours.pool.listing(first)
    held.begin()
    await asyncio.gather(*(ours.pool.listing(each) for each in rest))
    told = held.opened(len(rest))
    if listening:
        await asyncio.sleep(UNTIL_ALL_LISTEN)
        told["listening_kb_each"] = held.kilobytes(len(rest))
    return told


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), listening="listening" in sys.argv[2:]))
