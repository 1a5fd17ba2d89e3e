"""What is on this machine: keys, database, sandbox."""

from bot.doctor.finding import Finding, bad, ok, warn
from bot.settings import Settings
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets.keys import KeyUnusable, keys_for
from storage.database import Database
from storage.engine import TROUBLE
from storage.migrate import is_behind

NEW_KEY = 'python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'


def keys(settings: Settings) -> Finding:
    """Looking makes the key file, as a first start would."""
    given = settings.secret_key
    try:
        found = keys_for(given.get_secret_value() if given else None, settings.database_url)
    except (KeyUnusable, OSError) as error:
        return bad("master key", f"cannot be used: {error}", f"make one with {NEW_KEY}")
    if given is None:
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
