"""A move, or a change of the master key, in a process of its own that is killed at a step: ``URL ACT STEP NTH``."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mcp_runtime.secrets import SecretStore, Vault, rewrapping, rounds
from mcp_runtime.secrets.keys import keys_again, keys_for
from mcp_runtime.secrets.moving import Moving
from mcp_runtime.secrets.outside.aws_store import AwsStore
from mcp_runtime.secrets.rewrapping import Rewrapping
from storage.database import Database
from storage.repositories.mcp.secret_places import SecretPlaces
from storage.repositories.mcp.secrets import Secrets

STEPS: dict[str, tuple[type, str, bool]] = {
    "before its place is noted": (SecretPlaces, "note", False),
    "before it is put there": (AwsStore, "put", False),
    "after it was put there": (AwsStore, "put", True),
    "before its row names the place": (Secrets, "moved", False),
    "before that is committed": (Secrets, "moved", True),
    "after its row names the place": (Moving, "move", True),
    "before the old one is taken away": (AwsStore, "delete", False),
    "after the old one was taken away": (AwsStore, "delete", True),
    "after some are under the new key": (Rewrapping, "some", True),
}


def kill_at(step: str, nth: int) -> None:
    owner, name, after = STEPS[step]
    real: Callable[..., Any] = getattr(owner, name)
    calls = 0

    async def killing(*words: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        made = await real(*words, **named)
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    setattr(owner, name, killing)


async def main(url: str, act: str) -> None:
    db = Database(url)
    store = SecretStore(Vault(keys_for(None, url), keys_again(None, url)), into="aws")
    if act == "rotate":
        await Rewrapping(store.vault).all(db)
    elif act == "settle":
        await store.settle(db)
    else:
        async for _ in store.all_to(db, act):
            pass
        await store.clean(db)


if __name__ == "__main__":
    url, act, step, nth = sys.argv[1:]
    rounds.IN_HAND, rewrapping.BATCH = timedelta(0), 2
    kill_at(step, int(nth))
    asyncio.run(main(url, act))
