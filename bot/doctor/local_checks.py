"""What is on this machine: keys, database, sandbox."""

from collections.abc import AsyncIterator, Sequence

from bot.doctor.finding import Finding, bad, ok, warn
from bot.settings import Settings
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets.keys import KeyUnusable, MasterKey, keys_for
from storage.database import Database
from storage.engines.engine import TROUBLE
from storage.migrate import is_behind

NEW_KEY = 'python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'


def keys(settings: Settings) -> Finding:
    """Looking makes the key file, as a first start would."""
    try:
        found = _read(settings)
    except (KeyUnusable, OSError) as error:
        return bad("master key", f"cannot be used: {error}", f"make one with {NEW_KEY}")
    if settings.secret_key is None:
        return ok("master key", "in the key file beside the database; back it up, apart from the database")
    return ok("master key", f"{len(found)} in SECRET_KEY, the newest seals")


async def database(settings: Settings) -> Finding:
    db = Database(settings.database_url)
    kind = "PostgreSQL" if settings.is_postgres else "SQLite"
    try:
        behind = await is_behind(db)
    except TROUBLE as error:
        return bad("database", f"{kind} does not answer ({type(error).__name__})", "check DATABASE_URL")
    finally:
        await db.close()
    if behind and settings.is_postgres:
        return bad("database", "PostgreSQL answers; its tables are not up to date", "usher migrate")
    return ok("database", f"{kind} answers" + ("; the next start brings its tables up to date" if behind else ""))


async def records(settings: Settings) -> AsyncIterator[Finding]:
    """What lies in the database: can the secrets be opened, is the audit whole. Nothing before the first start."""
    db = Database(settings.database_url)
    try:
        if await is_behind(db):
            return
        async with db.read() as tables:
            sealed_by = await tables.secrets.key_ids()
            broken = [each for each in await tables.workspaces.ids() if not await tables.audit.verify(each)]
    except TROUBLE:
        return  # told of the database itself
    finally:
        await db.close()
    if sealed_by - {key.id for key in _keys(settings)}:
        yield bad("secrets", "some are sealed by a master key that is not there", "put it back, last in SECRET_KEY")
    if broken:
        yield bad("audit", f"changed after it was written, in {', '.join(broken)}", "compare it with a backup")
    else:
        yield ok("audit", "every entry is as it was written")


def _keys(settings: Settings) -> Sequence[MasterKey]:
    try:
        return _read(settings)
    except (KeyUnusable, OSError):
        return ()  # told of the key itself


def _read(settings: Settings) -> Sequence[MasterKey]:
    given = settings.secret_key
    return keys_for(given.get_secret_value() if given else None, settings.database_url)


async def sandbox(settings: Settings) -> Finding:
    level = await Sandbox(settings.mcp_sandbox_enabled, settings.mcp_unsandboxed_cards).probe()
    match level.name:
        case "full":
            return ok("sandbox", "bubblewrap works; programs that Usher starts have no network and no files but theirs")
        case "off":
            return warn("sandbox", level.cure, "unset MCP_SANDBOX_ENABLED")
        case _:
            return warn(
                "sandbox", "none, so servers that Usher would start are refused; those over HTTP work", level.cure
            )
