"""Where members' secrets are kept: which store, why, and does it do what it is asked."""

import asyncio
from pathlib import Path

from sqlalchemy import make_url

from bot.doctor.finding import Finding, bad, ok, warn
from bot.settings import Settings
from bot.settings.stores import store_choice
from mcp_runtime.secrets.choosing import Choice
from mcp_runtime.secrets.moving import DATABASE
from mcp_runtime.secrets.outside import OutsideStores, StoreAway
from mcp_runtime.secrets.outside.stores import TITLES
from storage.database import Database
from storage.engines.engine import TROUBLE
from storage.migrate import is_behind

SUBJECT = "secret store"
WITHIN = 10.0
CURE = "they go by themselves while Usher runs; `usher secrets move` names those that the store does not take"


async def secret_store(settings: Settings) -> list[Finding]:
    """Something is put there, got and taken away again."""
    choice = await asyncio.to_thread(store_choice, settings)
    stores = OutsideStores()
    try:
        found = await _tried(stores, choice)
    finally:
        await stores.close()
    return [found, *await _waiting(settings)]


async def _tried(stores: OutsideStores, choice: Choice) -> Finding:
    told = f"{TITLES[choice.store]}, {choice.why}"
    if choice.missed:
        cure = "install it (docs/operations.md, “Where secrets lie”), or set SECRET_STORE=database"
        return warn(SUBJECT, f"{TITLES[choice.store]}: {choice.missed}", cure)
    if choice.store == DATABASE:
        return ok(SUBJECT, told)
    try:
        await stores.probe(choice.store)
    except StoreAway as error:
        what, _, cure = str(error).partition(": ")
        return bad(SUBJECT, f"{told}; {what}", (cure or "see docs/operations.md, “Where secrets lie”").rstrip("."))
    return ok(SUBJECT, f"{told}; takes, gives back and forgets what it is given")


async def _waiting(settings: Settings) -> list[Finding]:
    """Of the database itself it is told elsewhere."""
    file = None if settings.is_postgres else Path(make_url(settings.database_url).database or "")
    if file and not file.exists():
        return []
    db = Database(settings.database_url)
    try:
        async with asyncio.timeout(WITHIN):
            if await is_behind(db):
                return []
            async with db.read() as tables:
                bound = await tables.secrets.count_bound()
    except TROUBLE:
        return []
    finally:
        await db.close()
    if not bound:
        return []
    told = f"{bound} secrets wait in the database to be taken to their store"
    return [warn(SUBJECT, told, CURE)]
