"""`usher try`: the local workspace, the offline model, Notes, Calendar and an unmodified Usher, with one command."""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import yaml

from playground import state
from playground.children import HOPELESS, Child
from playground.folder import Running, empty, held
from playground.parts import Parts, open_parts
from playground.ports import is_free
from playground.state import State
from playground.trouble import CannotStart

READY_WITHIN = 30.0
"""Seconds Usher may take to connect, and the others to answer."""
ADDRESS_WITHIN = 5.0
"""Seconds for the one that has just taken the folder to write down where its page is."""
WRONG, BROKEN_OFF = 1, 130


def main(arguments: Sequence[str], manifest: Path) -> int:
    """Run until Ctrl-C; the exit code. ``manifest`` is the app's own: the workspace holds it to that."""
    given = _parser().parse_args(arguments)
    folder = given.state.resolve()
    os.umask(0o077)  # the folder may be one that others can enter
    try:
        with ExitStack() as stack:
            taken_up, lifeline = _prepared(given, folder, stack)
            return asyncio.run(_serve(taken_up, yaml.safe_load(manifest.read_text()), lifeline, two=given.two))
    except Running:
        return _refuse_to_forget(folder) if given.fresh else _say_where(folder)
    except CannotStart as trouble:
        return _refuse(str(trouble))
    except KeyboardInterrupt:
        return BROKEN_OFF


def _prepared(given: argparse.Namespace, folder: Path, stack: ExitStack) -> tuple[State, int]:
    """What is kept, and the lifeline of the parts; the folder is ours until ``stack`` is closed."""
    unneeded = frozenset({"model"} if os.environ.get("GEMINI_API_KEY") else ())
    try:
        lifeline = stack.enter_context(held(folder))
        if given.fresh:
            state.can_have(given.port)
            empty(folder)
        return state.take_up(folder, given.port, unneeded), lifeline
    except OSError as error:
        raise CannotStart(_about_the_folder(folder, error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="usher try", description=__doc__)
    parser.add_argument("--port", type=_port, help="where the page is (8420, or what it was the last time)")
    parser.add_argument("--state", type=Path, default=Path(".try"), help="folder that keeps everything (.try)")
    parser.add_argument("--fresh", action="store_true", help="forget what is kept and begin anew")
    parser.add_argument("--two", action="store_true", help="two workspaces, each of which adds Usher by itself")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _say_where(folder: Path) -> int:
    """Somebody started it before: nothing is opened and nothing changed."""
    deadline = time.monotonic() + ADDRESS_WITHIN
    while (running := _kept(folder)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    if running is None:
        _say("Usher is already running in this folder; the terminal where it was started shows its address.")
        return 0
    starting = "" if not is_free(running.ports["page"]) else "\n\n  It is still starting: give it a few seconds."
    _say(f"\n  Usher is already running at {running.page_url}{starting}\n")
    return 0


def _kept(folder: Path) -> State | None:
    try:
        return state.kept(folder)
    except CannotStart:  # damaged, which is no trouble of the one that runs
        return None


def _refuse_to_forget(folder: Path) -> int:
    return _refuse(f"Usher is running in {folder}, so nothing was deleted. Stop it first: Ctrl-C in its terminal.")


def _about_the_folder(folder: Path, error: OSError) -> str:
    owner = _owner(folder)
    if isinstance(error, PermissionError) and owner not in ("", str(os.geteuid())):
        told = f"The folder {folder} belongs to another user, who may have Usher running in it."
        return f"{told} Take one of your own: --state FOLDER."
    return f"The folder {folder} cannot be used: {error.strerror or error}. Take another one: --state FOLDER."


def _owner(folder: Path) -> str:
    try:
        return str(folder.stat().st_uid)
    except OSError:
        return ""


def _refuse(text: str) -> int:
    sys.stderr.write(f"Usher cannot start. {text}\n")
    return WRONG


async def _serve(taken_up: State, manifest: dict[str, Any], lifeline: int, *, two: bool = False) -> int:
    stopped = asyncio.Event()
    children: list[Child] = []

    def stop() -> None:
        """The first Ctrl-C ends all in order; a second one does not wait for that."""
        for child in children if stopped.is_set() else ():
            child.kill()
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    _say("Starting a workspace, a model, Notes, Calendar and Usher …")
    async with AsyncExitStack() as stack:
        parts = await open_parts(stack, taken_up, manifest, lifeline, two=two)
        children += parts.children
        stopping = asyncio.create_task(stopped.wait())
        code = await _watched(parts, taken_up, stopping)
        stopping.cancel()
        return code


async def _watched(parts: Parts, taken_up: State, stopping: "asyncio.Task[bool]") -> int:
    """Until somebody stops us, or a part cannot go on; the exit code."""
    ready = asyncio.create_task(parts.ready())
    ends: set[asyncio.Future[Any]] = {stopping, *(child.ended for child in parts.children)}
    await asyncio.wait({ready, *ends}, timeout=READY_WITHIN, return_when=asyncio.FIRST_COMPLETED)
    came_up = ready.done()
    ready.cancel()
    if came_up:
        for child in parts.children:
            child.came_up()
        moved = f"  {taken_up.moved} It is elsewhere, and stays there.\n" if taken_up.moved else ""
        _say(f"\n  Usher is ready: {taken_up.page_url}\n\n{moved}  Ctrl-C stops it; all is kept.\n")
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    if stopping.done():
        _say("Stopping …")
        return 0
    return _told_of_the_end(parts, "ended" if came_up else "did not start")


def _told_of_the_end(parts: Parts, what: str) -> int:
    gone = next((child for child in parts.children if child.ended.done()), None)
    child = gone or parts.usher
    told = f"{child.name.capitalize()} {what if gone else f'did not connect within {READY_WITHIN:.0f} seconds'}."
    said = child.said_last() or "It said nothing."
    sys.stderr.write(f"{told} The end of its log, {child.log}:\n\n{said}\n")
    code = gone.ended.result() if gone else WRONG
    return code if code in HOPELESS else WRONG


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
