"""Tasks told to end do so by themselves: cut off in a question to SQLite, they would leave its thread behind."""

import asyncio
from typing import Any


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Once they have, or were cut off after all."""
    _, left = await asyncio.wait(tasks, timeout=5)
    for task in left:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
