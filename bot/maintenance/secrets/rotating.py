"""`usher secrets rotate`: a new master key, and every secret put under it by itself."""

from argparse import Namespace
from typing import TYPE_CHECKING

from bot.maintenance.secrets.telling import NOT_ALL, Progress, Stopped, beside, done, named, noted

if TYPE_CHECKING:
    from bot.settings import Settings
    from mcp_runtime.secrets.rewrapping import Rewrapping
    from mcp_runtime.secrets.store import SecretStore
    from storage.database import Database

ADD_A_KEY = (
    "SECRET_KEY holds one key. Put a new one before it, with a comma between them, restart Usher, and run this again.\n"
    "{make}"
)
PUT_UNDER = "are put under the newest master key"
MAY_GO = "The older ones open backups of before: keep them, apart, for as long as you keep those."
NOT_YET = "Keep the older master keys where they are. What was not put under the newest:"


async def rotate(settings: "Settings", given: Namespace, db: "Database", store: "SecretStore") -> int:
    from bot.settings.rules import MAKE_A_KEY
    from mcp_runtime.secrets.keys import add_key
    from mcp_runtime.secrets.rewrapping import Rewrapping

    if settings.secret_key and not store.vault.older:
        raise Stopped(ADD_A_KEY.format(make=MAKE_A_KEY))
    rewrapping = Rewrapping(store.vault)
    progress = await _all(db, store, rewrapping)
    if not settings.secret_key and not progress.done:  # else a rotation that was broken off has gone on
        add_key(settings.database_url)
        store.vault.look_again()
        progress = await _all(db, store, rewrapping)
    left = await rewrapping.left(db)
    if progress.done:
        await noted(db, "secrets.rotated", {"count": progress.done, "left": len(left)})
    if not left:
        return done(f"{progress.told(PUT_UNDER)}. {MAY_GO}")
    done(f"{progress.told(PUT_UNDER)}.")
    return beside(f"{NOT_YET}\n{await named(db, left)}", NOT_ALL)


async def _all(db: "Database", store: "SecretStore", rewrapping: "Rewrapping") -> "Progress":
    async with db.read() as tables:
        progress = Progress(await tables.secrets.count_not_under(store.vault.newest))
    after = None
    while (some := await rewrapping.some(db, after)).last:
        after = some.last
        progress.one_more(some.done)
    progress.over()
    return progress
