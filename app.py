"""Start Usher: ``usher`` (= ``python app.py``), or one of its commands: try, doctor, migrate, backup, restored."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from bot.settings import Settings, SettingsError

log = logging.getLogger("usher")

USAGE = """usage: usher            run Usher (settings: the environment and .env; see .env.example)
       usher try        a local Slack workspace in the browser with Usher in it; --help for options
       usher doctor     check the settings, one line each with the cure
       usher migrate    bring the database up to date
       usher backup FOLDER
                        copy the SQLite database there, also while Usher runs; on PostgreSQL say the command
       usher restored   after a backup was put back: end what it holds of unfinished work, and tell administrators;
                        with --end-links also end all chat links"""
BESIDE, INSTALLED = Path(__file__).with_name("manifest.yml"), Path(sys.prefix, "share", "usher", "manifest.yml")
MANIFEST = BESIDE if BESIDE.exists() else INSTALLED
WRONG_SETTINGS, SLACK_REFUSED = 2, 3


def main() -> None:
    code = run(sys.argv[1:])
    # All is closed by now; to take the imported libraries apart as well would need another second and a half.
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """The exit code: 0, 2 when the settings are wrong, 3 when Slack refuses the tokens."""
    match arguments:
        case ["try", *rest]:
            from playground.launch import main as playground

            return playground(rest, MANIFEST)
        case [] | ["doctor"] | ["migrate"]:
            return _with_settings({"doctor": _doctor, "migrate": _migrate}.get("".join(arguments), _serve))
        case ["backup", folder]:
            return _with_settings(partial(_backup, folder=folder))
        case ["restored"] | ["restored", "--end-links"]:
            return _with_settings(partial(_restored, end_links=len(arguments) == 2))
        case ["help"] | ["--help"] | ["-h"]:
            _say(USAGE)
            return 0
        case _:
            _say(USAGE, sys.stderr)
            return 2


def _with_settings(act: Callable[[Settings], Coroutine[Any, Any, int]]) -> int:
    try:
        settings = Settings.read()
    except SettingsError as wrong:
        _say("Usher cannot start:\n" + "\n".join(f"  {line}" for line in wrong.lines), sys.stderr)
        return WRONG_SETTINGS
    return asyncio.run(act(settings))


async def _migrate(settings: Settings) -> int:
    from bot.running.database import TOO_NEW, silent
    from storage.engines.engine import TROUBLE
    from storage.migrate import TooNew, migrate

    try:
        await migrate(settings.database_url)
    except TooNew as error:
        _say(TOO_NEW.format(error=error), sys.stderr)
        return WRONG_SETTINGS
    except TROUBLE as error:
        _say(silent(settings, error), sys.stderr)
        return WRONG_SETTINGS
    _say("The database is up to date.")
    return 0


async def _backup(settings: Settings, folder: str) -> int:
    """1 when none was made, so that a script notices."""
    from bot.running.backup import backup
    from storage.backup import BackupFailed

    try:
        result = await asyncio.to_thread(backup, settings, Path(folder))
    except BackupFailed as failed:
        _say(f"No backup was made: {failed}.", sys.stderr)
        return 1
    _say(result.told)
    _say(result.advice, sys.stderr)
    return 0 if result.made else 1


async def _restored(settings: Settings, end_links: bool) -> int:
    from bot.agent.gemini import Gemini
    from bot.running.database import CannotStart, open_database
    from bot.running.recovery import AtWork, lines, restored

    model = Gemini(settings.gemini_api_key.get_secret_value(), settings.gemini_model, settings.gemini_fallback_model)
    try:
        async with AsyncExitStack() as house:
            found = await restored(await open_database(settings, house), model, end_links=end_links)
    except (AtWork, CannotStart) as error:
        _say(str(error), sys.stderr)
        return WRONG_SETTINGS
    _say("\n".join(lines(found)))
    return 0


async def _doctor(settings: Settings) -> int:
    from bot.doctor import examined

    well = True
    async for finding in examined(settings, _scopes()):
        _say(finding.line)
        well = well and not finding.bad
    return 0 if well else 1


def _scopes() -> frozenset[str]:
    import yaml

    return frozenset(yaml.safe_load(MANIFEST.read_text())["oauth_config"]["scopes"]["bot"])


async def _serve(settings: Settings) -> int:
    # Here, since whoever asks for help or a migration should not wait for all of it.
    from bot.house import open_house
    from bot.running import logs
    from bot.running.database import CannotStart
    from bot.slack.edge.errors import SlackRefused
    from mcp_runtime.secrets.keys import KeyUnusable

    logs.set_up()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    began = time.monotonic()
    try:
        async with AsyncExitStack() as house:
            if await _unless(stopped, open_house(settings, house)):
                log.info("ready in %.1f s", time.monotonic() - began)
            await stopped.wait()
            log.info("stopping")
    except (SlackRefused, KeyUnusable, CannotStart) as error:
        _say(f"Usher cannot start: {error}", sys.stderr)
        return SLACK_REFUSED if isinstance(error, SlackRefused) else WRONG_SETTINGS
    log.info("stopped")
    return 0


async def _unless(stopped: asyncio.Event, opening: Coroutine[Any, Any, None]) -> bool:
    """False when it was broken off, because somebody wants us to stop: what we open may be slow to answer."""
    work, stop = asyncio.create_task(opening), asyncio.create_task(stopped.wait())
    await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if work.done():
        work.result()
        return True
    work.cancel()
    await asyncio.wait({work})
    return False


def _say(text: str, stream: TextIO | None = None) -> None:
    (stream or sys.stdout).write(text + "\n")


if __name__ == "__main__":
    main()
