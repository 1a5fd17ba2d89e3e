"""`usher retention`: what is kept, for how long, and what was removed lately. It only looks."""

import sys
from argparse import Namespace
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.services.limits.keeping import Kept
    from bot.settings import Settings
    from storage.database import Tables

DONE, CANNOT = 0, 2
LATELY = timedelta(days=30)
BY = {"guest": "chats that guests deleted", "host": "chats that hosts deleted"}


async def retention(settings: "Settings", _: Namespace) -> int:
    from bot.foundations.chat_links import kept_of
    from bot.running.database import silent
    from storage.database import Database
    from storage.engines.engine import TROUBLE

    db = Database(settings.database_url)
    try:
        async with db.read() as tables:
            lines = [_kept(settings)]
            for workspace in await tables.workspaces.ids():
                lines += await _of(tables, workspace, kept_of(settings))
    except TROUBLE as error:
        sys.stderr.write(f"{silent(settings, error)}\n")
        return CANNOT
    finally:
        await db.close()
    sys.stdout.write("\n".join(lines) + "\n")
    return DONE


def _kept(settings: "Settings") -> str:
    said = f"Members' conversations are kept for {settings.conversations_keep_days} days after their last word"
    said += " (CONVERSATIONS_KEEP_DAYS)"
    said += (
        f", what guests say is kept for {settings.tempchat_keep_days:g} days after a chat's end (TEMPCHAT_KEEP_DAYS)"
    )
    return f"{said}, who did what for {settings.audit_keep_days} days (AUDIT_KEEP_DAYS)."


async def _of(tables: "Tables", workspace: str, usual: "Kept") -> list[str]:
    from bot.services.limits.keeping import chosen_in, lately_removed

    chosen = await chosen_in(tables, workspace)
    holds = chosen.within(usual)
    kept, oldest, waiting = await tables.erasures.standing(workspace)
    since = f", the oldest of them ended on {oldest:%Y-%m-%d}" if oldest else ""
    lines = [f"{workspace}: ended chats kept: {kept}{since}; waiting to be deleted: {waiting}."]
    if holds != usual:
        days = f"conversations {holds.conversations:g}, guests' chats {holds.guests:g}, audit {holds.audit:g}"
        lines.append(f"  its administrators chose, in days: {days}")
    if chosen.conversations is None and chosen.begins > now_text():
        lines.append(f"  what is older already goes from {chosen.begins[:10]} on: its administrators were told")
    by_people, rows = await _by_people(tables, workspace)
    removed = await lately_removed(tables, workspace)
    for name, count in sorted((removed + rows).items()):
        lines.append(f"  removed in the last 30 days, {name}: {count}")
    return [*lines, *by_people]


def now_text() -> str:
    from storage.schema import now

    return now().isoformat()


async def _by_people(tables: "Tables", workspace: str) -> tuple[list[str], Counter[str]]:
    """Chats that somebody deleted, and what went with all chats."""
    from storage.schema import now

    chats: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for detail in await tables.audit.details(workspace, "link.purged", now() - LATELY):
        chats[str(detail.get("by"))] += 1
        rows.update({f"{name} of chats": count for name, count in detail.items() if isinstance(count, int)})
    told = [f"  removed in the last 30 days, {words}: {chats[by]}" for by, words in BY.items() if chats[by]]
    return told, +rows
