"""What is set by now, from wherever settings come, and what `usher slack` puts into `.env`."""

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from bot.maintenance.slack_app import env_file
from bot.maintenance.slack_app.asking import Stopped, Terminal
from bot.settings import rules
from bot.settings.files import ENV_FILE, UNREADABLE, unreadable, variable
from bot.slack.edge.calls.client import web_client
from bot.slack.edge.errors import TROUBLE

APP_ID = re.compile(r"A[A-Z0-9]{3,}")
BEING_MADE = "being-made"
"""Stands as the app's id while Slack makes one: found by the next run, it tells that nobody heard the answer."""
SLACK = "https://slack.com/api/"


class Known:
    """``example`` is what a new `.env` begins as, where that file was installed along."""

    def __init__(self, terminal: Terminal, session: ClientSession, example: Path) -> None:
        self._terminal, self._session, self._example = terminal, session, example
        try:
            self.api_url = rules.slack_api_url(self.value("SLACK_API_URL") or SLACK)
            self.public_base_url = self.value("PUBLIC_BASE_URL") or None
        except ValueError as error:
            raise Stopped(f"SLACK_API_URL {error}", 2) from error

    def value(self, name: str) -> str:
        """Empty when it is not set, or only stands for a value."""
        try:
            found = variable(name) or ""
            return str(rules.a_value(found)) if found else ""
        except UNREADABLE as error:
            raise Stopped(f"{unreadable(error)}.", 2) from error
        except ValueError:
            return ""

    @property
    def command(self) -> str:
        """As it was typed."""
        return "usher" if shutil.which("usher") == sys.argv[0] else sys.argv[0]

    def put(self, **values: str) -> None:
        """Into `.env`, at once: whatever stops us later, what was reached is kept. Raises `Stopped`."""
        self._write(values)
        self._terminal.say(f"  written to .env: {', '.join(values)}")
        for name, value in values.items():
            if os.environ.get(name, "").strip() not in ("", value):
                self._terminal.say(f"  {name} is also set in the environment, which outranks .env: unset it there.")

    def being_made(self, *, so: bool) -> None:
        """Before Slack is asked for an app, and after it has declined."""
        self._write({"SLACK_APP_ID": BEING_MADE if so else None})

    def _write(self, values: Mapping[str, str | None]) -> None:
        try:
            if not ENV_FILE.exists() and self._example.exists():
                env_file.begin(ENV_FILE, self._example.read_text())
            env_file.put(ENV_FILE, values)
        except UnicodeDecodeError as error:
            raise Stopped(".env has to be text in UTF-8.", 2) from error
        except OSError as error:
            where = "Run it in a folder of your own, and carry what it writes to where Usher has its settings."
            raise Stopped(f".env cannot be written here ({error.strerror or error}). {where}", 2) from error

    def client(self, bot_token: str) -> AsyncWebClient:
        return web_client(bot_token, self._session, self.api_url)

    async def app_id(self) -> str:
        """Of the app that was made before, or `BEING_MADE`; empty when there is none."""
        if APP_ID.fullmatch(told := self.value("SLACK_APP_ID")) or told == BEING_MADE:
            return told
        if found := rules.APP_OF_TOKEN.match(self.value("SLACK_APP_TOKEN")):
            return found[1]
        return await self._of_bot(self.value("SLACK_BOT_TOKEN"))

    async def _of_bot(self, token: str) -> str:
        """A token that does not say it is asked whose it is."""
        if not token:
            return ""
        client = self.client(token)
        try:
            bot = str((await client.auth_test()).get("bot_id") or "")
        except TROUBLE:
            return ""  # a token that Slack does not take is of no app that we could change
        return await app_of(client, bot)


async def app_of(client: AsyncWebClient, bot: str) -> str:
    """The app of a bot; empty when Slack does not say."""
    if not bot:
        return ""
    try:
        about = (await client.bots_info(bot=bot)).get("bot") or {}
    except TROUBLE:
        return ""  # the scope for it may be missing, of which the doctor tells
    return str(about.get("app_id") or "")
