"""`usher secrets`: where members' secrets lie; takes them to another store, puts them under a new master key."""

import asyncio
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings
    from mcp_runtime.secrets.store import SecretStore
    from storage.database import Database

DONE, NOT_ALL, CANNOT = 0, 1, 2
AGAIN = "Nothing is lost: what was not moved is where it was. Run the same command again to go on."
ADD_A_KEY = (
    "SECRET_KEY holds one key. Put a new one before it, with a comma between them, restart Usher, and run this again.\n"
    "{make}"
)
MAY_GO = (
    "{done} of {done} secrets are put under the newest master key. The older ones open backups of before: keep them, "
    "apart, for as long as you keep those."
)


class _Stopped(Exception):
    """The text says why, and what to do."""


def options(parser: ArgumentParser) -> None:
    from mcp_runtime.secrets.choosing import AUTO, STORES

    acts = parser.add_subparsers(dest="act", metavar="move STORE | rotate", title="commands")
    move = acts.add_parser("move", help="take all secrets to another store")
    move.add_argument("store", choices=[each for each in STORES if each != AUTO], help="where they are to lie")
    acts.add_parser("rotate", help="put all secrets under a new master key")


async def secrets(settings: "Settings", given: Namespace) -> int:
    from storage.engines.engine import TROUBLE

    act: Callable[..., object] = {"move": _move, "rotate": _rotate, None: _list}[given.act]
    try:
        async with _opened(settings) as (db, store):
            return await act(settings, given, db, store)  # type: ignore[no-any-return, misc]
    except _Stopped as stopped:
        return _beside(str(stopped), CANNOT)
    except TROUBLE as error:
        from bot.running.database import silent

        return _beside(silent(settings, error), CANNOT)


@asynccontextmanager
async def _opened(settings: "Settings") -> AsyncIterator[tuple["Database", "SecretStore"]]:
    """Beside an Usher that runs: rows are all that is changed, each by itself."""
    from bot.running.database import BEHIND
    from bot.settings.stores import store_choice
    from mcp_runtime.secrets.keys import KeyUnusable, keys_again, keys_for
    from mcp_runtime.secrets.outside.stores import OutsideStores
    from mcp_runtime.secrets.store import SecretStore
    from mcp_runtime.secrets.vault import Vault
    from storage.database import Database
    from storage.migrate import is_behind

    db = Database(settings.database_url)
    try:
        if await is_behind(db):
            raise _Stopped(BEHIND)
        key = settings.secret_key.get_secret_value() if settings.secret_key else None
        vault = Vault(keys_for(key, settings.database_url), keys_again(key, settings.database_url))
        choice = await asyncio.to_thread(store_choice, settings)
        store = SecretStore(vault, OutsideStores(), choice.store)
        try:
            yield db, store
        finally:
            await store.close()
    except KeyUnusable as error:
        raise _Stopped(f"The master key cannot be used: {error}") from error
    finally:
        await db.close()


async def _list(settings: "Settings", given: Namespace, db: "Database", store: "SecretStore") -> int:
    from mcp_runtime.secrets.outside.stores import TITLES

    async with db.read() as tables:
        counts, bound = await tables.secrets.counts(), await tables.secrets.count_bound()
    lines = [f"{number:>6} in {TITLES.get(name, name)}" for name, number in sorted(counts.items())]
    waiting = [f"{bound:>6} of them wait to be taken to where they are to lie"] if bound else []
    new = f"New ones are kept in {TITLES[store.into]}."
    return _done("\n".join([*(lines or ["There are no secrets yet."]), *waiting, new]))


async def _move(settings: "Settings", given: Namespace, db: "Database", store: "SecretStore") -> int:
    from mcp_runtime.secrets.outside import StoreAway
    from mcp_runtime.secrets.outside.stores import TITLES

    to = given.store
    if to == "keyring" and settings.is_postgres:
        raise _Stopped("A keyring is one machine's, and PostgreSQL may serve several: choose another store.")
    progress, lost = Progress(await _to_move(db, to)), 0
    try:
        await store.moving.outside.probe(to)
        async for there in store.moving.all_to(db, to):
            lost += not there
            progress.one_more()
        while await store.moving.clean(db):
            pass
    except StoreAway as error:
        progress.over()
        return _beside(f"{progress.told('moved')}. {error}\n{AGAIN}", NOT_ALL)
    progress.over()
    left = await _to_move(db, to)
    _done(f"{progress.told('moved')}; all but {left} lie in {TITLES[to]}." if left else _all_there(progress, to))
    if store.into != to:
        _beside(f"New ones still go to {TITLES[store.into]}: set SECRET_STORE={to} and restart Usher.")
    if lost:
        return _beside(f"{lost} are in no store any more: their members are asked to sign in again.", NOT_ALL)
    return _beside(f"{left} came meanwhile: run it once more.", NOT_ALL) if left else DONE


def _all_there(progress: "Progress", to: str) -> str:
    from mcp_runtime.secrets.outside.stores import TITLES

    return f"{progress.told('moved')}: all lie in {TITLES[to]} now."


async def _to_move(db: "Database", to: str) -> int:
    async with db.read() as tables:
        return await tables.secrets.count_not_in(to)


async def _rotate(settings: "Settings", given: Namespace, db: "Database", store: "SecretStore") -> int:
    from bot.settings.rules import MAKE_A_KEY
    from mcp_runtime.secrets.keys import add_key

    async with db.read() as tables:
        older = await tables.secrets.count_under(store.vault.older)
    if settings.secret_key and not store.vault.older:
        raise _Stopped(ADD_A_KEY.format(make=MAKE_A_KEY))
    if not settings.secret_key and not older:  # else a rotation that was broken off goes on
        add_key(settings.database_url)
        store.vault.look_again()
        async with db.read() as tables:
            older = await tables.secrets.count_under(store.vault.older)
    progress = Progress(older)
    while some := await store.rewrap_some(db):
        progress.one_more(some)
    progress.over()
    return _done(MAY_GO.format(done=progress.done))


class Progress:
    """How far it is: on a terminal one line that changes, else a line now and then."""

    EVERY = 5.0

    def __init__(self, total: int) -> None:
        self.done = 0
        self._total = total
        self._said = time.monotonic()

    def one_more(self, some: int = 1) -> None:
        self.done += some
        on_terminal = sys.stderr.isatty()
        if not on_terminal and time.monotonic() - self._said < self.EVERY:
            return
        self._said = time.monotonic()
        sys.stderr.write(f"\r\x1b[K{self.told('done')} …" if on_terminal else f"{self.told('done')} …\n")
        sys.stderr.flush()

    def over(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")

    def told(self, did: str) -> str:
        return f"{self.done} of {max(self._total, self.done)} secrets {did}"


def _done(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
    return DONE


def _beside(text: str, code: int = DONE) -> int:
    sys.stderr.write(f"{text}\n")
    return code
