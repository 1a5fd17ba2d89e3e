"""The keyring of the person who is logged in at this machine: Secret Service, KWallet, macOS Keychain."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail
from keyring.errors import KeyringError, PasswordDeleteError

from mcp_runtime.secrets.outside.store import OutsideStore, StoreAway, in_time

Made = TypeVar("Made")

SERVICE = "usher"
TITLE = "the keyring"
REAL = 1.0
"""The priority from which on the library recommends a backend; what keeps secrets in plain files stands below."""
NONE = (
    "this machine has no keyring that is open: log in at its desktop, or run Usher inside `dbus-run-session` with "
    "gnome-keyring-daemon unlocked; or set SECRET_STORE=database."
)
LOCKED = "the keyring did not do what it was asked ({error}): unlock it, or set SECRET_STORE=database."


async def open_keyring() -> OutsideStore:
    """Raises `StoreAway` where there is none but a stand-in."""
    return KeyringStore(await asyncio.to_thread(real_backend))


def real_backend() -> KeyringBackend:
    """Never one that fails, asks on the terminal or writes in plain text; raises `StoreAway`."""
    for each in _candidates(keyring.get_keyring()):
        if not isinstance(each, fail.Keyring) and _priority(each) >= REAL and _is_of_the_system(each):
            return each
    raise StoreAway(NONE)


def _candidates(chosen: KeyringBackend) -> Sequence[KeyringBackend]:
    """A chainer puts into the first of several that takes it, which may be a file in plain text."""
    try:
        return chosen.backends if isinstance(chosen, chainer.ChainerBackend) else [chosen]
    except RuntimeError:  # one of them has gone since
        return []


def _priority(backend: KeyringBackend) -> float:
    try:
        return float(backend.priority)
    except (RuntimeError, TypeError):  # how a backend says that it cannot work here
        return 0.0


def _is_of_the_system(backend: KeyringBackend) -> bool:
    """Not of another package: `keyrings.alt` keeps secrets in files, and some of it asks on the terminal."""
    return type(backend).__module__.startswith("keyring.backends.")


class KeyringStore:
    """Its calls block, so each has a thread; one at a time, since a connection to it serves one thread."""

    def __init__(self, backend: KeyringBackend) -> None:
        self._backend = backend
        self._alone = asyncio.Lock()

    async def put(self, place: str, value: bytes) -> None:
        await self._asked(self._backend.set_password, SERVICE, place, base64.b64encode(value).decode())

    async def get(self, place: str) -> bytes | None:
        found = await self._asked(self._backend.get_password, SERVICE, place)
        with suppress(ValueError):  # somebody wrote something else in its place
            return base64.b64decode(found, validate=True) if found is not None else None
        return None

    async def delete(self, place: str) -> None:
        def gone() -> None:
            try:
                self._backend.delete_password(SERVICE, place)
            except PasswordDeleteError:
                if self._backend.get_password(SERVICE, place) is not None:
                    raise

        await self._asked(gone)

    async def close(self) -> None:
        """It is the machine's: nothing of it is ours."""

    async def _asked(self, ask: Callable[..., Made], *words: Any) -> Made:
        async with in_time(TITLE):
            await self._alone.acquire()
            work = asyncio.create_task(asyncio.to_thread(ask, *words))
            work.add_done_callback(lambda _: self._alone.release())  # a thread goes on when nobody waits any more
            try:
                return await asyncio.shield(work)
            except KeyringError as error:
                raise StoreAway(LOCKED.format(error=type(error).__name__)) from error
            except Exception as error:  # of the libraries below, each with errors of its own
                raise StoreAway(LOCKED.format(error=type(error).__name__)) from error
