"""`usher forget WORKSPACE`: all that is kept of it is deleted for good; left is that this was done, and when."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.database import Tables

DONE, NOT_DONE, CANNOT = 0, 1, 2
NOBODY = "There is no workspace {id} here. Known: {known}."
BEFORE = "There is no workspace {id} here any more: it was forgotten on {at:%Y-%m-%d}."
WOULD = (
    "{name} ({id}): {what} would be deleted for good, with every conversation, note, secret and audit entry.\n"
    "Nothing was changed. To do it: usher forget {id} --yes"
)
GONE = "{name} ({id}) is forgotten: {what} were deleted, with all that hung on them."
STILL_HEARD = (
    "SLACK_BOT_TOKEN may be of this workspace: restart Usher, and what is said there from then on is kept anew. "
    "To end that, take the app out of the workspace in Slack."
)
REMOVE = "Take the app out of the workspace in Slack too, if it is still there: it hears nothing any more."


def options(parser: ArgumentParser) -> None:
    parser.add_argument("workspace", metavar="WORKSPACE", help="its id in Slack (T… or E…)")
    parser.add_argument("--yes", action="store_true", help="delete; without it only told what would be")


async def forget(settings: "Settings", given: Namespace) -> int:
    from bot.maintenance.secrets.command import opened
    from bot.maintenance.secrets.telling import Stopped
    from bot.running.database import silent
    from storage.engines.engine import TROUBLE
    from storage.schema import now

    try:
        async with opened(settings) as (db, secrets):
            async with db.unhurried() as tables:
                found = await tables.workspaces.get(given.workspace)
                if found is None:
                    return _beside(await _not_there(tables, given.workspace), NOT_DONE)
                told = {"name": found.name or "The workspace", "id": found.id, "what": await _what(tables, found.id)}
                if not given.yes:
                    return _beside(WOULD.format(**told), NOT_DONE)
                await tables.workspaces.forget(found.id, now())
            await secrets.clean(db)  # what lay in a store outside is named by nothing any more
            await db.settle_file()
    except Stopped as stopped:
        return _beside(str(stopped), CANNOT)
    except TROUBLE as error:
        return _beside(silent(settings, error), CANNOT)
    sys.stdout.write(f"{GONE.format(**told)}\n{STILL_HEARD if settings.slack_bot_token else REMOVE}\n")
    return DONE


async def _not_there(tables: "Tables", workspace: str) -> str:
    if at := await tables.workspaces.forgotten_at(workspace):
        return BEFORE.format(id=workspace, at=at)
    return NOBODY.format(id=workspace, known=", ".join(await tables.workspaces.ids()) or "none")


async def _what(tables: "Tables", workspace: str) -> str:
    counts = await tables.workspaces.counts(workspace)
    return ", ".join(f"{count} {what if count != 1 else what[:-1]}" for what, count in counts.items())


def _beside(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code
