"""The configuration token: asked for, renewed where it is a refresh token, and whose it is."""

from dataclasses import dataclass

from aiohttp import ClientSession

from bot.maintenance.slack_app.app_settings import SETTINGS, AppSettings, Declined, Person, Unsure
from bot.maintenance.slack_app.asking import Stopped, Terminal, Wrong

ACCESS, REFRESH = "xoxe.xoxp-", "xoxe-"
WHERE = f"""\
Usher needs a configuration token of yours, by which Slack lets it make and change apps:

  1. open {SETTINGS} and find “Your App Configuration Tokens”
  2. “Generate Token”, choose the workspace, “Generate”
  3. “Copy” at the Access Token

It is good for twelve hours, and for all your apps there. It is used now and kept nowhere; what you enter is not shown.
"""


@dataclass(frozen=True)
class Configuration:
    settings: AppSettings
    person: Person


async def entered(terminal: Terminal, session: ClientSession, api_url: str) -> Configuration:
    """Raises `Stopped`."""

    async def taken(answer: str) -> Configuration:
        try:
            return await _opened(answer)
        except Declined as no:
            raise Wrong(str(no)) from no
        except Unsure as lost:
            raise Stopped(f"{lost} Nothing was made or changed: run it again.", 3) from lost

    async def _opened(token: str) -> Configuration:
        if token.startswith(REFRESH):
            token = await AppSettings(session, api_url, "").rotated(token)
            terminal.say("  It was exchanged for a new pair, which is what stands on that page from now on.")
        if not token.startswith(ACCESS):
            raise Wrong(f"A configuration token begins with {ACCESS}, and a refresh token with {REFRESH}1-.")
        settings = AppSettings(session, api_url, token)
        return Configuration(settings, await settings.holder())

    terminal.say(WHERE)
    return await terminal.ask("Configuration token: ", taken, hidden=True)
