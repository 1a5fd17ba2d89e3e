"""What is on this machine: the master key and the sandbox."""

from collections.abc import Sequence

from bot.doctor.finding import Finding, bad, ok, warn
from bot.running.audit_keys import key_file_is_missing
from bot.settings import Settings
from mcp_runtime.sandbox import Level, Sandbox
from mcp_runtime.secrets.keys import KeyUnusable, MasterKey, keys_for

BESIDE = "in the key file beside the database; back it up, apart from the database"


async def keys(settings: Settings) -> list[Finding]:
    if key_file_is_missing(settings):
        return [ok("master key", "the first start makes a key file beside the database")]
    try:
        found = master_keys(settings)
    except (KeyUnusable, OSError) as error:
        told = str(error) if isinstance(error, KeyUnusable) else "its file cannot be read"
        return [bad("master key", f"cannot be used: {told}", "put back the right key, or its file's rights")]
    if settings.secret_key is None:
        return [ok("master key", BESIDE)]
    return [ok("master key", f"{len(found)} in SECRET_KEY, the newest seals")]


def master_keys(settings: Settings) -> Sequence[MasterKey]:
    """Raises `KeyUnusable`, OSError."""
    given = settings.secret_key
    return keys_for(given.get_secret_value() if given else None, settings.database_url)


async def sandbox(settings: Settings) -> list[Finding]:
    return [*await _sandbox(settings), *await _commands(settings)]


async def _commands(settings: Settings) -> list[Finding]:
    """Programs that admins of a workspace add: told where they are allowed, since they are not by default."""
    if not settings.mcp_custom_commands:
        return []
    level = await Sandbox(settings.mcp_sandbox_enabled).probe()
    if level.name in ("full", "reduced"):
        told = "admins of the workspace may add programs of this machine as cards, which run in the sandbox alone"
        return [ok("commands", f"{told} ({level.name})")]
    return [warn("commands", "allowed (MCP_CUSTOM_COMMANDS), and refused: they run in a sandbox alone", level.cure)]


async def _sandbox(settings: Settings) -> list[Finding]:
    level = await Sandbox(settings.mcp_sandbox_enabled, settings.mcp_unsandboxed_cards).probe()
    match level.name:
        case "full":
            found = (
                f"bubblewrap works; programs that Usher starts reach no file and no host but theirs; {_counted(level)}"
            )
            return [ok("sandbox", found)]
        case "off":
            return [warn("sandbox", level.cure, "unset MCP_SANDBOX_ENABLED")]
        case "reduced":
            found = "reduced: programs see only their files and have no network, so those that need one are refused"
            return [warn("sandbox", f"{found}; {_counted(level)}", level.cure)]
        case _:
            found = "none, so servers that Usher would start are refused; those over HTTP work"
            return [warn("sandbox", found, level.cure)]


def _counted(level: Level) -> str:
    if level.counted:
        return "their memory is counted by control groups"
    return "their memory is watched, as no control groups are delegated to Usher"
