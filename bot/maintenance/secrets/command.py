"""`usher secrets` and what may stand after it, over a database and a store that are closed again."""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.maintenance.secrets.moving import move
from bot.maintenance.secrets.rotating import rotate
from bot.maintenance.secrets.telling import CANNOT, Stopped, beside, done

if TYPE_CHECKING:
    from bot.settings import Settings
    from mcp_runtime.secrets.store import SecretStore
    from storage.database import Database


UNUSABLE = "The master key cannot be used: {error}"


def options(parser: ArgumentParser) -> None:
    from mcp_runtime.secrets.choosing import AUTO, STORES

    acts = parser.add_subparsers(dest="act", metavar="move STORE | rotate", title="commands")
    to = acts.add_parser("move", help="take all secrets to another store")
    to.add_argument("store", choices=[each for each in STORES if each != AUTO], help="where they are to lie")
    acts.add_parser("rotate", help="put all secrets under a new master key")


async def secrets(settings: "Settings", given: Namespace) -> int:
    from storage.engines.engine import TROUBLE

    act: Callable[..., object] = {"move": move, "rotate": rotate, None: _list}[given.act]
    try:
        async with opened(settings) as (db, store):
            return await act(settings, given, db, store)  # type: ignore[no-any-return, misc]
    except Stopped as stopped:
        return beside(str(stopped), CANNOT)
    except TROUBLE as error:
        from bot.running.database import silent

        return beside(silent(settings, error), CANNOT)


@asynccontextmanager
async def opened(settings: "Settings") -> AsyncIterator[tuple["Database", "SecretStore"]]:
    """Beside an Usher that runs: rows are all that is changed, each by itself."""
    from bot.running.audit_keys import audit_keys
    from bot.running.database import BEHIND
    from bot.settings.stores import store_choice
    from mcp_runtime.secrets.keys import KeyUnusable, keys_again, keys_for
    from mcp_runtime.secrets.outside.stores import OutsideStores
    from mcp_runtime.secrets.store import SecretStore
    from mcp_runtime.secrets.vault import Vault
    from storage.database import Database
    from storage.migrate import is_behind

    try:
        db = Database(settings.database_url, audit_keys(settings))
    except KeyUnusable as error:
        raise Stopped(UNUSABLE.format(error=error)) from error
    try:
        if await is_behind(db):
            raise Stopped(BEHIND)
        key = settings.secret_key.get_secret_value() if settings.secret_key else None
        vault = Vault(keys_for(key, settings.database_url), keys_again(key, settings.database_url))
        choice = await asyncio.to_thread(store_choice, settings)
        store = SecretStore(vault, OutsideStores(), choice.store)
        try:
            yield db, store
        finally:
            await store.close()
    except KeyUnusable as error:
        raise Stopped(UNUSABLE.format(error=error)) from error
    finally:
        await db.close()


async def _list(settings: "Settings", given: Namespace, db: "Database", store: "SecretStore") -> int:
    from mcp_runtime.secrets.outside.stores import TITLES

    async with db.read() as tables:
        counts, bound = await tables.secrets.counts(), await tables.secrets.count_bound()
    lines = [f"{number:>6} in {TITLES.get(name, name)}" for name, number in sorted(counts.items())]
    waiting = [f"{bound:>6} of them wait to be taken to where they are to lie"] if bound else []
    new = f"New ones are kept in {TITLES[store.into]}."
    return done("\n".join([*(lines or ["There are no secrets yet."]), *waiting, new]))
