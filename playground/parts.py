"""The parts of the playground and how they are told of each other: the product's ordinary settings."""

import asyncio
import errno
import os
import sys
from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from playground import gemini
from playground.children import Child
from playground.page.routes import add_page
from playground.slack.server import LocalSlack
from playground.state import State, write
from playground.trouble import CannotStart

T = TypeVar("T")
LOOK_EVERY = 0.05
HINT = (
    "*This workspace is yours, on this machine alone.* It stands in for Slack; Usher in it is the real one, with "
    "two cards more than usual: *Notes*, to try changes on, and *Calendar*, which you sign in to."
)
NOTES_CARD = {
    "name": "notes",
    "title": "Notes",
    "example": "List my notes",
    "about": "A few notes to try things on. They stay on this machine.",
    "icon": "memo",
    "authentication": "shared",
    "token_variable": "NOTES_TOKEN",
    "read_only": ["list_notes", "read_note"],
}

CALENDAR_CARD = {
    "name": "calendar",
    "title": "Calendar",
    "example": "What is in my calendar today?",
    "about": "A calendar that you sign in to. It stays on this machine.",
    "icon": "calendar",
    "authentication": "oauth",
    "scopes": ["events:read", "events:write"],
    "read_only": ["list_events"],
}


@dataclass(frozen=True)
class Parts:
    slack: LocalSlack
    usher: Child
    notes: Child
    calendar: Child
    ports: Mapping[str, int]

    @property
    def children(self) -> tuple[Child, ...]:
        return self.notes, self.calendar, self.usher

    async def ready(self) -> None:
        """Usher is connected, and Notes and Calendar answer."""
        connected = self.slack.when(lambda: self.slack.online, within=float("inf"))
        await asyncio.gather(connected, self._answers("notes"), self._answers("calendar"))

    async def _answers(self, name: str) -> None:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.ports[name])
            except OSError:
                await asyncio.sleep(LOOK_EVERY)
            else:
                writer.close()
                return


async def open_parts(
    stack: AsyncExitStack, state: State, manifest: dict[str, Any], lifeline: int, *, two: bool = False
) -> Parts:
    """All of them, running; the last to start is the first to stop. Raises `CannotStart`.

    ``two`` workspaces, each of which adds Usher by OAuth.
    """
    env = dict(os.environ)
    if not env.get("GEMINI_API_KEY"):
        model = await _at(state.ports["model"], gemini.start(port=state.ports["model"]))
        stack.push_async_callback(model.close)
        # All of it is on this machine then, where no proxy leads.
        env = {name: value for name, value in env.items() if not name.lower().endswith("_proxy")}
        env |= {"GEMINI_API_KEY": "offline-demo", "GOOGLE_GEMINI_BASE_URL": model.url}
    port, secret = state.ports["page"], state.api_secret
    slack = LocalSlack(state.folder / "slack", port=port, hint=HINT, secret=secret, manifest=manifest, second=two)
    slack.visited()
    slack.openid.redirects.append(f"{state.usher_url}/slack/oauth_redirect")
    for each in slack.workspaces:
        each.install_url = f"{state.usher_url}/slack/install"
    add_page(slack.app, slack, state.page_token, f"{state.usher_url}/mcp")
    await _at(state.ports["page"], slack.start())
    stack.push_async_callback(slack.stop)
    cards = [NOTES_CARD | {"url": state.notes_url}, CALENDAR_CARD | {"url": f"{state.calendar_url}/mcp"}]
    write(state.folder / "cards.json", {"cards": cards})
    notes_token = {"NOTES_TOKEN": state.notes_token}
    notes = _child("notes", state, lifeline, env | notes_token, "playground.notes", *_options("notes", state))
    calendar = _child("calendar", state, lifeline, env, "playground.calendar", *_options("calendar", state))
    usher = _child("usher", state, lifeline, env | notes_token | _usher_env(state, slack), "app")
    stack.push_async_callback(_stop, notes, calendar, usher)
    await asyncio.gather(notes.start(), calendar.start(), usher.start())
    return Parts(slack, usher, notes, calendar, state.ports)


async def _at(port: int, starting: Awaitable[T]) -> T:
    """Somebody may have taken the port since we looked."""
    try:
        return await starting
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise CannotStart(f"Port {port} has just been taken by another program. Try again.") from error


async def _stop(*children: Child) -> None:
    """At the same time: none needs another for its end."""
    await asyncio.gather(*(child.stop() for child in children))


def _child(name: str, state: State, lifeline: int, env: dict[str, str], module: str, *options: str) -> Child:
    log = state.folder / f"{name}.log"
    log.write_bytes(b"")
    return Child(name, [sys.executable, "-m", module, *options], env, state.folder, log, lifeline)


def _options(name: str, state: State) -> list[str]:
    return ["--port", str(state.ports[name]), "--file", str(state.folder / f"{name}.json")]


def _usher_env(state: State, slack: LocalSlack) -> dict[str, str]:
    """The normal settings; nothing in the product knows that this is a playground."""
    by_token = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_CLIENT_ID": "", "SLACK_CLIENT_SECRET": ""}
    by_oauth = {"SLACK_CLIENT_ID": slack.openid.client_id, "SLACK_CLIENT_SECRET": slack.openid.client_secret}
    installed = by_oauth | {"SLACK_BOT_TOKEN": "", "SLACK_ALLOWED_WORKSPACES": ""} if slack.second else by_token
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"), "")
    return {
        **proxies,
        "SLACK_API_URL": slack.api_url,
        **installed,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": "",
        "DATABASE_URL": f"sqlite+aiosqlite:///{state.folder / 'usher.db'}",
        "SECRET_KEY": "",
        "SECRET_STORE": "database",
        "HOST": "127.0.0.1",
        "PORT": str(state.ports["usher"]),
        "PUBLIC_BASE_URL": state.usher_url,
        "ALLOW_PRIVATE_MCP_HOSTS": ",".join(f"127.0.0.1:{state.ports[name]}" for name in ("notes", "calendar")),
        "MCP_UNSANDBOXED_CARDS": "time",
        "MCP_CARDS_FILE": str(state.folder / "cards.json"),
    }
