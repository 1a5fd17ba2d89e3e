"""The commands that look after the database, each with its exit code: migrate, backup, restored."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.settings import Settings

DONE, NOT_MADE, CANNOT = 0, 1, 2


async def of_its_version(settings: "Settings", work: Coroutine[Any, Any, int]) -> int:
    """A command, or a sentence where the database lacks what this version asks for."""
    try:
        return await work
    except Exception as error:
        from bot.running.database import is_unfit, silent

        if not is_unfit(error):
            raise
        return _beside(silent(settings, error))


async def migrate(settings: "Settings", _: Namespace) -> int:
    from bot.running.database import TOO_NEW, silent
    from storage.engines.engine import TROUBLE
    from storage.migrate import TooNew
    from storage.migrate import migrate as bring_up_to_date
    from storage.row_security.policies import CannotWall, raise_wall

    try:
        await bring_up_to_date(settings.database_owner_url or settings.database_url)
        if settings.database_owner_url:
            await raise_wall(settings.database_owner_url, settings.database_role)
    except TooNew as error:
        return _beside(TOO_NEW.format(error=error))
    except CannotWall as error:
        return _beside(f"DATABASE_OWNER_URL: {error}")
    except TROUBLE as error:
        return _beside(silent(settings, error))
    walls = f" Row-level security holds for {settings.database_role}." if settings.database_owner_url else ""
    return _done(f"The database is up to date.{walls}")


async def backup(settings: "Settings", given: Namespace) -> int:
    """1 when none was made, so that a script notices."""
    from bot.running.backup import backup as copy
    from storage.backup import BackupFailed

    try:
        result = await asyncio.to_thread(copy, settings, given.folder)
    except BackupFailed as failed:
        return _beside(f"No backup was made: {failed}.", NOT_MADE)
    sys.stdout.write(f"{result.told}\n")
    return _beside(result.advice, DONE if result.made else NOT_MADE)


async def restored(settings: "Settings", given: Namespace) -> int:
    from bot.agent.gemini import Gemini
    from bot.running.database import CannotStart, open_database
    from bot.running.recovery import AtWork, lines
    from bot.running.recovery import restored as end_what_was_unfinished
    from mcp_runtime.secrets.keys import KeyUnusable

    model = Gemini(settings.gemini_api_key.get_secret_value(), settings.gemini_model, settings.gemini_fallback_model)
    try:
        async with AsyncExitStack() as house:
            db = await open_database(settings, house)
            found = await end_what_was_unfinished(db, model, end_links=given.end_links)
    except (AtWork, CannotStart, KeyUnusable) as error:
        return _beside(str(error))
    return _done("\n".join(lines(found)))


def _done(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    return DONE


def _beside(text: str, code: int = CANNOT) -> int:
    """For people, beside what a script may read."""
    sys.stderr.write(f"{text}\n")
    return code
