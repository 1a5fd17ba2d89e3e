"""The stores outside, each opened when it is first asked: what is not used costs no memory and no start."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

from mcp_runtime.secrets.outside.store import OutsideStore, StoreAway

Open = Callable[[], Awaitable[OutsideStore]]

MISSING = "{title} needs what is not installed here: see docs/operations.md, “Where secrets lie” ({lacks} is missing)."


async def _keyring() -> OutsideStore:
    from mcp_runtime.secrets.outside.keyring_store import open_keyring

    return await open_keyring()


async def _aws() -> OutsideStore:
    from mcp_runtime.secrets.outside.aws_store import open_aws

    return await open_aws()


async def _gcp() -> OutsideStore:
    from mcp_runtime.secrets.outside.gcp_store import open_gcp

    return await open_gcp()


OUTSIDE: Mapping[str, Open] = {"keyring": _keyring, "aws": _aws, "gcp": _gcp}
TITLES = {
    "database": "the database",
    "keyring": "this machine's keyring",
    "aws": "AWS Secrets Manager",
    "gcp": "Google's Secret Manager",
}


class OutsideStores:
    """``openers`` by the name that ``SECRET_STORE`` has for it."""

    def __init__(self, openers: Mapping[str, Open] = OUTSIDE) -> None:
        self._openers = openers
        self._open: dict[str, OutsideStore] = {}
        self._opening = asyncio.Lock()

    async def named(self, name: str) -> OutsideStore:
        """Raises `StoreAway`."""
        async with self._opening:
            if name not in self._open:
                self._open[name] = await self._opened(name)
            return self._open[name]

    async def _opened(self, name: str) -> OutsideStore:
        if name not in self._openers:
            raise StoreAway(f"there is no store {name} in this version of Usher.")
        try:
            return await self._openers[name]()
        except ModuleNotFoundError as error:
            raise StoreAway(MISSING.format(title=TITLES[name], lacks=error.name)) from error

    async def probe(self, name: str) -> None:
        """Put something there, get it and take it away; raises `StoreAway` when that cannot be done."""
        store, place, value = await self.named(name), f"probe{uuid4().hex}", os.urandom(16)
        await store.put(place, value)
        try:
            found = await store.get(place)
        finally:
            await store.delete(place)
        if found != value:
            raise StoreAway(f"{TITLES[name]} gives back something else than was put there.")

    async def answers(self, name: str) -> None:
        """It can be asked for something that it does not have; raises `StoreAway`. Leaves nothing and costs little."""
        await (await self.named(name)).get(f"probe{uuid4().hex}")

    async def close(self) -> None:
        there, self._open = list(self._open.values()), {}
        for each in there:
            await each.close()
