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
        checks = {
            "SLACK_BOT_TOKEN": partial(tokens.bot_token, self.known, self.app_id, self.team),
            "SLACK_APP_TOKEN": partial(tokens.app_token, self.known, self.app_id),
        }
        return [name for name, check in checks.items() if not await self._is_good(name, check)]

    async def _is_good(self, name: str, check: Callable[[str], Awaitable[str]]) -> bool:
        try:
            return bool((there := self.known.value(name)) and await check(there))
        except Wrong as wrong:
            self.terminal.say(f"{name} in use is no good for the app {self.app_id}. {wrong}")
            return False

    async def by_itself(self, configuration: Configuration, scopes: list[str]) -> bool:
        """Whether it is: if not, whatever became of it, the tokens are asked for."""
        try:
            given = await configuration.settings.install(self.app_id, scopes, self.team)
            values = {
                "SLACK_BOT_TOKEN": await tokens.bot_token(self.known, self.app_id, self.team, given.bot_token),
                "SLACK_APP_TOKEN": await tokens.app_token(self.known, self.app_id, given.app_token),
            }
        except (Declined, Unsure, Wrong) as no:
            self.terminal.say(f"  Slack did not let it be installed from here. {no}")
            return False
        self.known.put(**values)
        self.terminal.say("  installed")
        return True

    async def by_hand(self, missing: Collection[str]) -> None:
        """What is there already is not asked for again."""
        if "SLACK_BOT_TOKEN" in missing:
            self.terminal.say(BY_HAND.format(app=self.app_id))
            taken = partial(tokens.bot_token, self.known, self.app_id, self.team)
            token = await self.terminal.ask("Bot User OAuth Token (xoxb-…): ", taken, hidden=True)
            self.known.put(SLACK_BOT_TOKEN=token)
        if "SLACK_APP_TOKEN" in missing:
            self.terminal.say(APP_TOKEN.format(app=self.app_id))
            given = partial(tokens.app_token, self.known, self.app_id)
            token = await self.terminal.ask("App-level token (xapp-…): ", given, hidden=True)
            self.known.put(SLACK_APP_TOKEN=token)
