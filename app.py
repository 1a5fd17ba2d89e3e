"""The command line: ``usher`` (= ``python app.py``) and its commands, each a line of `COMMANDS`."""

import asyncio
import logging
import os
import platform
import resource
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot import command_line
from bot.command_line import Command, Misunderstood
from bot.maintenance import audit as audit_commands
from bot.maintenance import database as maintenance
from bot.maintenance import forgetting, retention
from bot.maintenance import secrets as secret_commands
from bot.maintenance.slack_app import command as slack_app
from bot.running.garbage import lasting, spared

# What a command needs is imported where it is needed: whoever asks for help should not wait for all of it.
if TYPE_CHECKING:
    from bot.settings import Settings

log = logging.getLogger("usher")

_BESIDE = Path(__file__).with_name("manifest.yml")
# An installation that is not editable has it among the shared files.
MANIFEST = _BESIDE if _BESIDE.exists() else Path(sys.prefix, "share", "usher", "manifest.yml")
WRONG_USAGE = WRONG_SETTINGS = 2
SLACK_REFUSED, BROKEN_OFF = 3, 130


def main() -> None:
    # A dump of this process would hold members' secrets as they are.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    code = run(sys.argv[1:])
    # All is closed by now; to take the imported libraries apart as well would need another second and a half.
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """The exit code: 0, 2 when the settings or the words are wrong, 3 when Slack refuses the tokens."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may know no «»
    try:
        return _run(arguments)
    except Misunderstood as wrong:
        _say(f"{wrong}\n`usher help` lists all that there is.", sys.stderr)
        return WRONG_USAGE
    except SystemExit as told:  # after a command's help
        return int(told.code or 0)
    except KeyboardInterrupt:
        _say("\nStopped.", sys.stderr)
        return BROKEN_OFF


def _run(arguments: Sequence[str]) -> int:
    match arguments:
        case ["help" | "--help" | "-h"]:
            _say(command_line.usage(COMMANDS))
            return 0
        case ["help", name, *_]:
            return _run([name, "--help"])
        case ["--version" | "-V" | "version"]:
            _say(_version())
            return 0
        case ["try", *rest]:
            from playground.launch import main as playground

            return playground(rest, MANIFEST)
        case [name, *rest]:
            command = command_line.find(COMMANDS, name)
            return _act(command, command_line.parse(command, rest))
        case _:
            return _act(command_line.find(COMMANDS, ""), Namespace())


def _act(command: Command, given: Namespace) -> int:
    assert command.act  # noqa: S101  only `try` has none
    if not command.reads_settings:
        # `asyncio.run` would wait at its end for a name server that does not answer.
        return asyncio.new_event_loop().run_until_complete(command.act(given))
    with lasting():
        from bot.settings import Settings, SettingsError

    try:
        settings = Settings.read()
    except SettingsError as wrong:
        lines = "\n".join(f"  {line}" for line in wrong.lines)
        new = "`usher slack create` sets Slack up, " if "SLACK_BOT_TOKEN is not set" in wrong.lines else ""
        _say(f"Usher cannot start:\n{lines}\n{new}`usher doctor` checks the rest.", sys.stderr)
        return WRONG_SETTINGS
    return asyncio.run(maintenance.of_its_version(settings, command.act(settings, given)))


def _version() -> str:
    from importlib.metadata import version

    from storage.migrations import revisions

    return f"usher {version('usher')} (Python {platform.python_version()}, database {revisions()[-1]})"


async def _doctor(given: Namespace) -> int:
    from bot.doctor import consult

    return await consult(_scopes(), as_json=given.json)


async def _slack(given: Namespace) -> int:
    from bot.doctor import consult, key_refused
    from bot.maintenance.slack_app.creating import Doctor

    files = slack_app.Files(MANIFEST, Path(__file__).with_name(".env.example"))
    return await slack_app.slack(given, files, Doctor(lambda: consult(_scopes()), key_refused))


def _scopes() -> frozenset[str]:
    """Those of the app's manifest; none where it was not installed along."""
    import yaml

    if not MANIFEST.exists():
        return frozenset()
    return frozenset(yaml.safe_load(MANIFEST.read_text())["oauth_config"]["scopes"]["bot"])


async def _serve(settings: "Settings", _: Namespace) -> int:
    spared()
    with lasting():
        from bot.house import open_house
        from bot.running import logs
        from bot.running.database import CannotStart
        from bot.running.stopping import on_signals, unless
        from bot.slack.edge.errors import SlackRefused
        from mcp_runtime.secrets.keys import KeyUnusable

    logs.set_up()
    stopped = on_signals()
    began = time.monotonic()
    try:
        async with AsyncExitStack() as house:
            if await unless(stopped, open_house(settings, house, _scopes)):
                log.info("ready in %.1f s", time.monotonic() - began)
            await stopped.wait()
            log.info("stopping")
    except (SlackRefused, KeyUnusable, CannotStart) as error:
        _say(f"Usher cannot start: {error}", sys.stderr)
        return SLACK_REFUSED if isinstance(error, SlackRefused) else WRONG_SETTINGS
    log.info("stopped")
    return 0


def _say(text: str, stream: TextIO | None = None) -> None:
    (stream or sys.stdout).write(text + "\n")


COMMANDS = (
    Command("", "run Usher; Ctrl-C or SIGTERM ends it within two seconds", _serve),
    Command("try", "a local Slack workspace in the browser, with Usher in it; no account, no key"),
    Command(
        "doctor",
        "check settings, tokens, database, model, public address and sandbox: one line each, with the cure",
        _doctor,
        "It changes nothing that stays. Exit code: 0 when nothing has to be mended, 1 when something has.",
        lambda parser: parser.add_argument("--json", action="store_true", help="one JSON object a line, for programs"),
        reads_settings=False,
    ),
    Command(
        "slack",
        "`create`: make and install the Slack app, fill .env; `update`: bring it up to manifest.yml",
        _slack,
        "It asks for what it needs: in a terminal without showing it, or piped in, a line for each question.\n"
        "Stopped half-way, it goes on from there when it is run again. Tokens are written to .env alone.\n"
        "Exit code: 0 done, 1 something is left to mend, 2 an answer is missing or wrong, 3 Slack refuses.",
        slack_app.options,
        reads_settings=False,
    ),
    Command(
        "migrate",
        "bring the database up to date",
        maintenance.migrate,
        "Safe while others do the same. Exit code: 0 when it is up to date, 2 when it cannot be had.",
    ),
    Command(
        "secrets",
        "where members' secrets lie; `move STORE` and `rotate` (the master key)",
        secret_commands.secrets,
        "Also while Usher runs. Broken off, it loses nothing, and begun again it goes on.\n"
        "Exit code: 0 when all is done, 1 when some are left, 2 when it cannot be done.",
        secret_commands.options,
    ),
    Command(
        "audit",
        "who did what: `verify` that nothing was changed, `export` all of it",
        audit_commands.audit,
        "It only looks, also while Usher runs. Exit code: 0, 1 when something was changed, 2 when it cannot be read.",
        audit_commands.options,
    ),
    Command(
        "backup",
        "copy the SQLite database into a folder, also while Usher runs; on PostgreSQL say the command",
        maintenance.backup,
        "Exit code: 0 when a backup was made, else 1.",
        lambda parser: parser.add_argument("folder", metavar="FOLDER", type=Path, help="made when it is not there"),
    ),
    Command(
        "retention",
        "what is kept of guests' chats and for how long, what was removed lately",
        retention.retention,
        "It only looks, also while Usher runs. Exit code: 0, or 2 when the database cannot be had.",
    ),
    Command(
        "forget",
        "delete all that is kept of a workspace, for good",
        forgetting.forget,
        "Also while Usher runs. Exit code: 0 when it is gone, 1 when nothing was deleted, 2 when it cannot be done.",
        forgetting.options,
    ),
    Command(
        "restored",
        "after a backup was put back: end what it holds of unfinished work, and tell administrators",
        maintenance.restored,
        options=lambda parser: parser.add_argument("--end-links", action="store_true", help="also end all chat links"),
    ),
)

if __name__ == "__main__":
    main()
