"""`usher retention`: what is kept, for how long, and what was removed lately. It only looks."""

import sys
from argparse import Namespace
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.database import Tables

DONE, CANNOT = 0, 2
LATELY = timedelta(days=30)
BY = {"time": "that were kept for their time", "guest": "that guests deleted", "host": "that hosts deleted"}


async def retention(settings: "Settings", _: Namespace) -> int:
    from bot.running.database import silent
    from storage.database import Database
    from storage.engines.engine import TROUBLE

    db = Database(settings.database_url)
    try:
        async with db.read() as tables:
            lines = [_kept(settings)]
            for workspace in await tables.workspaces.ids():
                lines += await _of(tables, workspace)
    except TROUBLE as error:
        sys.stderr.write(f"{silent(settings, error)}\n")
        return CANNOT
    finally:
        await db.close()
    sys.stdout.write("\n".join(lines) + "\n")
    return DONE


def _kept(settings: "Settings") -> str:
    said = f"What guests say is kept for {settings.tempchat_keep_days:g} days after a chat's end (TEMPCHAT_KEEP_DAYS)"
    return f"{said}, who did what for {settings.audit_keep_days} days (AUDIT_KEEP_DAYS)."


async def _of(tables: "Tables", workspace: str) -> list[str]:
    from storage.schema import now

    kept, oldest, waiting = await tables.erasures.standing(workspace)
    since = f", the oldest of them ended on {oldest:%Y-%m-%d}" if oldest else ""
    lines = [f"{workspace}: ended chats kept: {kept}{since}; waiting to be deleted: {waiting}."]
    removed: Counter[str] = Counter()
    chats: Counter[str] = Counter()
    for detail in await tables.audit.details(workspace, "link.purged", now() - LATELY):
        chats[str(detail.get("by"))] += 1
        removed.update({name: count for name, count in detail.items() if isinstance(count, int)})
    for by, words in BY.items():
        if chats[by]:
            lines.append(f"  removed in the last 30 days, chats {words}: {chats[by]}")
    if removed:
        lines.append(f"  with {', '.join(f'{count} {name}' for name, count in sorted(removed.items()) if count)}")
    return lines
