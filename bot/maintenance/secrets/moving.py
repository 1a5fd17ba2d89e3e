"""`usher secrets move STORE`: every secret by itself, and at the end what was not moved, by name, and why."""

from argparse import Namespace
from typing import TYPE_CHECKING

from bot.maintenance.secrets.telling import DONE, NOT_ALL, Progress, Stopped, beside, done, named, noted

if TYPE_CHECKING:
    from bot.settings import Settings
    from mcp_runtime.secrets.rounds import Left
    from mcp_runtime.secrets.store import SecretStore
    from storage.database import Database

AGAIN = "Nothing is lost: what was not moved is where it was. Run the same command again to go on."
STILL_THERE = "{number} that no connection needs any more wait to be taken away: that happens while Usher runs."


async def move(settings: "Settings", given: Namespace, db: "Database", store: "SecretStore") -> int:
    from mcp_runtime.secrets.moving import DATABASE
    from mcp_runtime.secrets.outside import StoreAway
    from mcp_runtime.secrets.outside.stores import TITLES

    to = given.store
    if to == "keyring" and settings.is_postgres:
        raise Stopped("A keyring is one machine's, and PostgreSQL may serve several: choose another store.")
    progress, left = Progress(await _to_move(db, to)), list["Left"]()
    try:
        if to != DATABASE:
            await store.moving.outside.probe(to)
        async for refused in store.all_to(db, to):
            left += [refused] if refused else []
            progress.one_more(moved=not refused)
        await store.clean(db)
    except StoreAway as error:
        progress.over()
        return beside(f"{progress.told('moved')}. {error}\n{AGAIN}", NOT_ALL)
    progress.over()
    if progress.done:
        await noted(db, "secrets.moved", {"to": to, "count": progress.done, "left": len(left)})
    came = await _to_move(db, to) - len(left)
    whole = f": all lie in {TITLES[to]} now" if not left and came <= 0 else ""
    done(f"{progress.told('moved')}{whole}.")
    if store.into != to:
        beside(f"New ones still go to {TITLES[store.into]}: set SECRET_STORE={to} and restart Usher.")
    return await _rest(db, left, came)


async def _rest(db: "Database", left: list["Left"], came: int) -> int:
    async with db.read() as tables:
        leaving = await tables.secret_places.count_leaving()
    if leaving:
        beside(STILL_THERE.format(number=leaving))
    if came > 0:
        beside(f"{came} came meanwhile: run it once more.")
    if left:
        beside(f"Not moved:\n{await named(db, left)}\n{AGAIN}")
    return NOT_ALL if left or came > 0 else DONE


async def _to_move(db: "Database", to: str) -> int:
    async with db.read() as tables:
        return await tables.secrets.count_not_in(to)
