"""An app installed in its workspace: by Slack's own method where that may be, else by hand, told click by click."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial

from bot.maintenance.slack_app import tokens
from bot.maintenance.slack_app.app_settings import SETTINGS, Declined, Unsure
from bot.maintenance.slack_app.asking import Terminal, Wrong
from bot.maintenance.slack_app.configuration import Configuration
from bot.maintenance.slack_app.known import Known

BY_HAND = f"""
Install it: open {SETTINGS}/{{app}}/install-on-team
  1. “Install to …”, then “Allow”
  2. “Copy” at the Bot User OAuth Token
"""
APP_TOKEN = f"""
Let it connect: open {SETTINGS}/{{app}}/general and find “App-Level Tokens”
  1. “Generate Token and Scopes”, any name
  2. “Add Scope”: connections:write, then “Generate”
  3. “Copy”
"""


@dataclass(frozen=True)
class Installing:
    terminal: Terminal
    known: Known
    app_id: str
    team: str

    async def missing(self) -> list[str]:
        """Which tokens are not there, or are no good for this app any more."""
        there = {name: self.known.value(name) for name in self._checks}
        good = await self._good(there, "{name} in use is no good for this app. {why}")
        return [name for name in there if name not in good]

    async def by_itself(self, configuration: Configuration, scopes: list[str]) -> list[str]:
        """Which tokens are missing then, whatever became of it."""
        try:
            given = await configuration.settings.install(self.app_id, scopes, self.team)
        except (Declined, Unsure) as no:
            self.terminal.say(f"  Slack did not let it be installed from here. {no}")
            return await self.missing()
        values = {"SLACK_BOT_TOKEN": given.bot_token, "SLACK_APP_TOKEN": given.app_token}
        if good := await self._good(values, "  what Slack gave as {name} is no good. {why}"):
            self.known.put(**good)
            self.terminal.say("  installed")
        return [name for name in values if name not in good]

    @property
    def _checks(self) -> dict[str, Callable[[str], Awaitable[str]]]:
        return {
            "SLACK_BOT_TOKEN": partial(tokens.bot_token, self.known, self.app_id, self.team),
            "SLACK_APP_TOKEN": partial(tokens.app_token, self.known, self.app_id),
        }

    async def _good(self, values: dict[str, str], otherwise: str) -> dict[str, str]:
        good = {}
        for name, check in self._checks.items():
            try:
                if values[name]:
                    good[name] = await check(values[name])
            except Wrong as why:
                self.terminal.say(otherwise.format(name=name, why=why))
        return good

    async def by_hand(self, missing: Collection[str]) -> None:
        """What is there already is not asked for again."""
        if "SLACK_BOT_TOKEN" in missing:
            self.terminal.say(BY_HAND.format(app=self.app_id))
            check = self._checks["SLACK_BOT_TOKEN"]
            token = await self.terminal.ask("Bot User OAuth Token (xoxb-…): ", check, hidden=True)
            self.known.put(SLACK_BOT_TOKEN=token)
        if "SLACK_APP_TOKEN" in missing:
            self.terminal.say(APP_TOKEN.format(app=self.app_id))
            check = self._checks["SLACK_APP_TOKEN"]
            token = await self.terminal.ask("App-level token (xapp-…): ", check, hidden=True)
            self.known.put(SLACK_APP_TOKEN=token)
