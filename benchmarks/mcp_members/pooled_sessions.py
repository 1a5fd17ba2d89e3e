"""The connections in this folder's database, all opened and listed at once through the product's pool."""

import asyncio
import sys
from pathlib import Path

from benchmarks.mcp_members.held import Held, report
from benchmarks.mcp_members.usher import MEMBER, usher


async def main(where: Path) -> None:
    held = Held()
    async with usher(where) as ours:
        async with ours.db.read() as tables:
            first, *rest = await tables.connections.of_card(MEMBER.workspace, "custom")
        await ours.pool.listing(first)
        held.begin()
        await asyncio.gather(*(ours.pool.listing(each) for each in rest))
        report(held.opened(len(rest)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
