"""`usher slack` and what may stand after it."""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bot.maintenance.slack_app.asking import Terminal
    from bot.maintenance.slack_app.creating import Doctor

BROKEN_OFF = 130


@dataclass(frozen=True)
class Files:
    manifest: Path
    example: Path
    """What a new `.env` begins as."""


def options(parser: ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="create | update", title="commands", required=True)
    create = acts.add_parser("create", help="make and install the Slack app, fill .env, consult the doctor, say hello")
    create.add_argument("--by-hand", action="store_true", help="install it in Slack's own pages, told click by click")
    update = acts.add_parser("update", help="bring an app that is there up to its manifest, and say what that changes")
    update.add_argument("--app", metavar="A…", help="which one, when .env does not say")
    for each in (create, update):
        each.add_argument("--slackbot", action="store_true", help="let Slackbot use Usher too, where Slack offers that")
        each.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
        each.add_argument("--yes", action="store_true", help="change it without being asked again")
        each.add_argument("--team", metavar="T…", default="", help="the workspace, when the token is an organisation's")


async def slack(given: Namespace, files: Files, doctor: "Doctor") -> int:
    """The exit code: 0 done, 1 something is left, 2 an answer is missing or wrong, 3 Slack refuses."""
    import aiohttp

    from bot.maintenance.slack_app.asking import Stopped, Terminal

    terminal = Terminal()
    try:
        async with aiohttp.ClientSession(trust_env=True) as session:
            return await _acted(given, files, doctor, terminal, session)
    except Stopped as stopped:
        terminal.complain(str(stopped))
        return stopped.code
    except KeyboardInterrupt:
        terminal.complain("\nStopped. What was done so far is kept: run it again to go on from there.")
        return BROKEN_OFF


async def _acted(
    given: Namespace,
    files: Files,
    doctor: "Doctor",
    terminal: "Terminal",
    session: "ClientSession",
) -> int:
    from bot.maintenance.slack_app import manifest
    from bot.maintenance.slack_app.asking import Stopped
    from bot.maintenance.slack_app.configuration import entered
    from bot.maintenance.slack_app.creating import Creating
    from bot.maintenance.slack_app.known import BEING_MADE, Known
    from bot.maintenance.slack_app.updating import Updating

    if not files.manifest.exists():
        raise Stopped("manifest.yml is not beside app.py: take it from where Usher was installed from.", 2)
    known = Known(terminal, session, files.example)
    if given.slackbot and not (known.public_base_url or "").startswith("https://"):
        raise Stopped("Slackbot reaches Usher by its own address: set PUBLIC_BASE_URL, which begins with https.", 2)
    ours = manifest.read(files.manifest, known.public_base_url, slackbot=given.slackbot)
    enter = partial(entered, terminal, session, known.api_url)
    updating = Updating(terminal, known, ours)
    if given.act == "create" and not given.dry_run:
        return await Creating(terminal, known, ours, enter, doctor, given.by_hand, given.yes).all_the_way(given.team)
    app_id = getattr(given, "app", None) or await known.app_id()
    if app_id in ("", BEING_MADE) and given.act == "create":
        updating.tell_of_a_new_one()
        return 0
    if app_id in ("", BEING_MADE):
        raise Stopped(
            "Which app? .env names none. Add --app A… (its id, in its address), or make one: usher slack create", 2
        )
    await updating.bring_up((await enter()).settings, app_id, asked=given.yes, dry_run=given.dry_run)
    return 0
