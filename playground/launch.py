"""`usher try`: the local workspace, the offline model, Notes and an unmodified Usher, with one command."""

import argparse
import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from playground import gemini
from playground.children import Child
from playground.page.routes import add_page
from playground.slack.server import LocalSlack
from playground.state import State, take_up

READY_WITHIN = 30.0
"""Seconds Usher may take to connect."""


def main(arguments: Sequence[str], manifest: Path) -> int:
    """Run until Ctrl-C; the exit code. ``manifest`` is the app's own: the workspace holds it to that."""
    given = _parser().parse_args(arguments)
    if given.fresh:
        shutil.rmtree(given.state, ignore_errors=True)
    return asyncio.run(_serve(take_up(given.state.resolve(), given.port), yaml.safe_load(manifest.read_text())))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="usher try", description=__doc__)
    parser.add_argument("--port", type=int, help="where the page is (8420, or what it was the last time)")
    parser.add_argument("--state", type=Path, default=Path(".try"), help="folder that keeps everything (.try)")
    parser.add_argument("--fresh", action="store_true", help="forget what is kept and begin anew")
    return parser


async def _serve(state: State, manifest: dict[str, Any]) -> int:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with playground(state, manifest) as (slack, usher):
        stopping = asyncio.create_task(stopped.wait())
        if await _until_online(slack, usher, stopping):
            _say(f"\n  Usher is ready: http://127.0.0.1:{state.ports['page']}\n\n  Ctrl-C stops it; all is kept.\n")
            ends: set[asyncio.Future[Any]] = {stopping, usher.ended}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stopped.is_set():
            return 0
        _say("Usher did not start. The end of its log:\n\n" + usher.said_last())
        return usher.ended.result() if usher.ended.done() else 1


@asynccontextmanager
async def playground(state: State, manifest: dict[str, Any]) -> AsyncIterator[tuple[LocalSlack, Child]]:
    """All parts, running; the last to start is the first to stop."""
    async with AsyncExitStack() as stack:
        env = dict(os.environ)
        if not env.get("GEMINI_API_KEY"):
            model = await gemini.start(port=state.ports["model"])
            stack.push_async_callback(model.close)
            env |= {"GEMINI_API_KEY": "offline-demo", "GOOGLE_GEMINI_BASE_URL": model.url}
        notes = _child("notes", state, [*_python("playground.notes"), *_notes_options(state)], _notes_env(state))
        slack = LocalSlack(state.folder / "slack", port=state.ports["page"], hint=_hint(state), manifest=manifest)
        add_page(slack.app, slack)
        await slack.start()
        stack.push_async_callback(slack.stop)
        usher = _child("usher", state, _python("app"), env | _usher_env(state, slack))
        stack.push_async_callback(_stop, notes, usher)
        await asyncio.gather(notes.start(), usher.start())
        yield slack, usher


async def _stop(*children: Child) -> None:
    """At the same time: none needs another for its end."""
    await asyncio.gather(*(child.stop() for child in children))


def _child(name: str, state: State, command: list[str], env: dict[str, str]) -> Child:
    log = state.folder / f"{name}.log"
    log.write_bytes(b"")
    return Child(name, command, env, state.folder, log)


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _notes_options(state: State) -> list[str]:
    return ["--port", str(state.ports["notes"]), "--file", str(state.folder / "notes.json")]


def _notes_env(state: State) -> dict[str, str]:
    return {**os.environ, "NOTES_TOKEN": state.notes_token}


def _usher_env(state: State, slack: LocalSlack) -> dict[str, str]:
    """The normal settings; nothing in the product knows that this is a playground."""
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"), "")
    return {
        **proxies,
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": "",
        "SLACK_CLIENT_ID": "",
        "SLACK_CLIENT_SECRET": "",
        "DATABASE_URL": f"sqlite+aiosqlite:///{state.folder / 'usher.db'}",
        "SECRET_KEY": "",
        "SECRET_STORE": "auto",
        "HOST": "127.0.0.1",
        "PORT": str(state.ports["usher"]),
        "PUBLIC_BASE_URL": state.usher_url,
        "ALLOW_PRIVATE_MCP_HOSTS": f"127.0.0.1:{state.ports['notes']}",
        "MCP_UNSANDBOXED_CARDS": "time",
    }


def _hint(state: State) -> str:
    """What only this workspace can tell; the welcome is Usher's own."""
    return (
        "*This workspace is on this machine only.* A server to try is here too: connect *Custom* with the name "
        f"`Notes`, the URL `{state.notes_url}` and, when it is asked for, the token `{state.notes_token}`."
    )


async def _until_online(slack: LocalSlack, usher: Child, stopping: "asyncio.Task[bool]") -> bool:
    """True once Usher is connected; False when it ended, took too long, or we are to stop."""
    online = asyncio.create_task(slack.when(lambda: slack.online, within=READY_WITHIN))
    waited: set[asyncio.Future[Any]] = {online, stopping, usher.ended}
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    if not online.done():
        online.cancel()
    await asyncio.gather(online, return_exceptions=True)
    return slack.online


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
