"""`usher audit verify` and `usher audit export`: whether the audit is as it was written, and all of it as lines."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.database import Database
    from storage.repositories.workspaces.audit_verifying import Verdict

DONE, CHANGED, CANNOT = 0, 1, 2
AT_ONCE = 1_000
NO_KEY = "There is no master key, so nothing is sealed by it. Put its file back beside the database, or set SECRET_KEY."
NOT_THERE = "There is no workspace {name}. There are: {names}."
WHICH = "An anchor is of one workspace: say which with --workspace. There are: {names}."


class Stopped(Exception):
    """The text says why, and what to do."""


def options(parser: ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="verify | export", title="commands", required=True)
    verify = acts.add_parser("verify", help="is every entry as it was written, and none missing?")
    verify.add_argument("--anchor", metavar="N:MAC", type=_anchor, help="a head that was noted elsewhere")
    export = acts.add_parser("export", help="every entry as a line of JSON, oldest first")
    for each in (verify, export):
        each.add_argument("--workspace", metavar="ID", help="of this one alone")


def _anchor(text: str) -> tuple[int, str]:
    number, _, mac = text.strip().partition(":")
    if not number.isdecimal() or len(mac) != 64:
        raise ArgumentTypeError("an anchor is a number, a colon and 64 letters, as the log has it")
    return int(number), mac.lower()


async def audit(settings: "Settings", given: Namespace) -> int:
    from bot.running.database import silent
    from storage.engines.engine import TROUBLE

    try:
        async with _opened(settings) as db:
            async with db.read() as tables:
                names = _chosen(await tables.workspaces.ids(), given)
            return await (_verify if given.act == "verify" else _export)(db, names, given)
    except Stopped as stopped:
        return _beside(str(stopped))
    except TROUBLE as error:
        return _beside(silent(settings, error))


@asynccontextmanager
async def _opened(settings: "Settings") -> AsyncIterator["Database"]:
    """Beside an Usher that runs: it only looks."""
    from bot.running.audit_keys import audit_keys, key_file_is_missing
    from bot.running.database import BEHIND
    from mcp_runtime.secrets.keys import KeyUnusable
    from storage.database import Database
    from storage.migrate import is_behind

    if key_file_is_missing(settings):
        raise Stopped(NO_KEY)
    try:
        db = Database(settings.database_url, audit_keys(settings))
    except (KeyUnusable, OSError) as error:
        raise Stopped(f"The master key cannot be used: {error}") from error
    try:
        if await is_behind(db):
            raise Stopped(BEHIND)
        yield db
    finally:
        await db.close()


def _chosen(there: list[str], given: Namespace) -> list[str]:
    if given.workspace and given.workspace not in there:
        raise Stopped(NOT_THERE.format(name=given.workspace, names=", ".join(there) or "none"))
    chosen = [given.workspace] if given.workspace else there
    if given.act == "verify" and given.anchor and len(chosen) != 1:
        raise Stopped(WHICH.format(names=", ".join(there) or "none"))
    return chosen


async def _verify(db: "Database", names: list[str], given: Namespace) -> int:
    from storage.repositories.workspaces.audit_verifying import Anchor

    anchor, whole = Anchor(*given.anchor) if given.anchor else None, True
    for name in names:
        async with db.read() as tables:
            found = await tables.audit.verify(name, anchor)
        sys.stdout.write("\n".join(_told(name, found)) + "\n")
        whole = whole and bool(found)
    if not names:
        sys.stdout.write("There is no workspace yet, so no audit.\n")
    return DONE if whole else CHANGED


def _told(name: str, found: "Verdict") -> Iterator[str]:
    if not found:
        yield f"{name}: CHANGED at entry {found.broken_at}: {found.why}. Compare it with a backup."
        return
    head = f"; head {found.head}" if found.head else ""
    yield f"{name}: {found.checked} entries, each as it was written{head}"
    if found.unread:
        yield f"  {found.unread} of them are sealed by an older master key; put last in SECRET_KEY, it reads them."
    if found.unsealed:
        yield f"  {found.unsealed} of them are of before there was a key, held by what follows."
    if found.why:
        yield f"  {found.why}"


async def _export(db: "Database", names: list[str], given: Namespace) -> int:
    from bot.services.watch.audit.ledger import lines

    for name in names:
        after = 0
        while True:
            async with db.read() as tables:
                page = await tables.audit.page(name, after, AT_ONCE)
            sys.stdout.writelines(lines(page))
            if len(page) < AT_ONCE:
                break
            after = page[-1].number
    return DONE


def _beside(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return CANNOT
