"""Sessions by the SDK's own client, as its documentation shows it, each with the HTTP client that comes with it."""

import asyncio
import sys

from mcp import Client

from benchmarks.mcp_members.held import Held, report
from benchmarks.parts.cost import process


async def main(url: str, count: int) -> None:
    held, over, opened = Held(process), asyncio.Event(), asyncio.Semaphore(0)

    async def one() -> None:
        async with Client(url) as client:
            await client.list_tools()
            opened.release()
            await over.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(one())
        await opened.acquire()
        held.begin()
        for _ in range(count):
            tasks.create_task(one())
        for _ in range(count):
            await opened.acquire()
        report(held.opened(count))
        over.set()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
