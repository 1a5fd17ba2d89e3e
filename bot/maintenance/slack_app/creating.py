"""From a clone to an Usher in Slack, step by step. What is reached is kept, so that the next run goes on from there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.maintenance.slack_app import manifest, tokens
from bot.maintenance.slack_app.app_settings import SETTINGS, Declined, Unsure
from bot.maintenance.slack_app.asking import Stopped, Terminal, Wrong
from bot.maintenance.slack_app.configuration import Configuration
from bot.maintenance.slack_app.hello import hello
from bot.maintenance.slack_app.installing import Installing
from bot.maintenance.slack_app.known import APP_ID, BEING_MADE, Known
from bot.maintenance.slack_app.manifest import Json
from bot.maintenance.slack_app.updating import Updating

PERHAPS = f"""\
The last time Slack was asked for an app, and its answer was lost: there may be one. Look at {SETTINGS}.
"""
GEMINI = """
The model's key: https://aistudio.google.com/apikey, “Create API key”, “Copy”.
"""
OPENS = "https://slack.com/app_redirect"
TAKE = "Its id (A…) or address to go on with it, or nothing to make a new one: "


@dataclass(frozen=True)
class Doctor:
    consult: Callable[[], Awaitable[int]]
    """Its exit code."""
    key_refused: Callable[[str], Awaitable[str]]
    """Why the model takes no such key, and the cure; empty when it does, or cannot say."""


@dataclass
class Creating:
    terminal: Terminal
    known: Known
    ours: Json
    enter: Callable[[], Awaitable[Configuration]]
    doctor: Doctor
    by_hand: bool = False
    agreed: bool = False

    async def all_the_way(self, team: str) -> int:
        """The exit code; raises `Stopped`."""
        configuration: Configuration | None = None
        app_id = await self._there_already()
        fresh = not app_id
        if not app_id:
            configuration = await self.enter()
            app_id = await self._made(configuration, team)
        team = team or (configuration.person.workspace if configuration else "")
        installing = Installing(self.terminal, self.known, app_id, team)
        missing = await installing.missing()
        if not fresh and not missing:
            configuration = await self._brought_up(app_id)
        elif missing:
            if not fresh:
                self.terminal.say(f"There is a Slack app already, {app_id}. It goes on from there.")
            configuration = configuration or await self.enter()
            await self._installed(installing, configuration, missing)
        await self._key()
        return await self._finished(app_id, configuration)

    async def _there_already(self) -> str:
        app_id = await self.known.app_id()
        if app_id != BEING_MADE:
            if app_id and not self.known.value("SLACK_APP_ID"):
                self.known.put(SLACK_APP_ID=app_id)
            return app_id
        self.terminal.say(PERHAPS)
        if found := await self.terminal.ask(TAKE, _an_app, may_be_empty=True):
            self.known.put(SLACK_APP_ID=found)
        return found

    async def _made(self, configuration: Configuration, team: str) -> str:
        name = self.ours["display_information"]["name"]
        self.terminal.say(f"\nMaking the Slack app “{name}” in “{configuration.person.team_name}” …")
        self.known.being_made(so=True)
        try:
            made = await configuration.settings.create(self.ours, team or configuration.person.workspace)
        except Declined as no:
            self.known.being_made(so=False)
            raise Stopped(f"{no}\nNo app was made.", 3) from no
        except Unsure as lost:
            raise Stopped(f"{lost} There may be an app by now: run it again, which asks about that.", 3) from lost
        values = {"SLACK_APP_ID": made.app_id}
        if self.known.public_base_url and made.client_id and made.client_secret:
            values |= {"SLACK_CLIENT_ID": made.client_id, "SLACK_CLIENT_SECRET": made.client_secret}
        self.known.put(**values)
        self.terminal.say(f"  made: {SETTINGS}/{made.app_id}")
        return made.app_id

    async def _brought_up(self, app_id: str) -> Configuration | None:
        self.terminal.say(f"The Slack app {app_id} is made and installed: nothing of it is made twice.")
        if not self.agreed and not await self.terminal.agree("Bring it up to its manifest?"):
            return None
        configuration = await self.enter()
        updating = Updating(self.terminal, self.known, self.ours)
        await updating.bring_up(configuration.settings, app_id, asked=self.agreed, dry_run=False)
        return configuration

    async def _installed(self, installing: Installing, configuration: Configuration, missing: list[str]) -> None:
        if not self.by_hand:
            self.terminal.say("Installing it …")
            missing = await installing.by_itself(configuration, manifest.scopes(self.ours))
        await installing.by_hand(missing)

    async def _key(self) -> None:
        if self.known.value("GEMINI_API_KEY"):
            return
        self.terminal.say(GEMINI)
        key = await self.terminal.ask("GEMINI_API_KEY: ", self._taken, hidden=True)
        self.known.put(GEMINI_API_KEY=key)

    async def _taken(self, answer: str) -> str:
        key = tokens.gemini_key(answer)
        if refused := await self.doctor.key_refused(key):
            raise Wrong(f"{refused}.")
        return key

    async def _finished(self, app_id: str, configuration: Configuration | None) -> int:
        self.terminal.say("\nThe doctor looks at all of it:")
        code = await self.doctor.consult()
        token = self.known.value("SLACK_BOT_TOKEN")
        person = configuration.person.user if configuration else ""
        greeted = person and await hello(self.known.client(token), person)
        where = "Usher has said hello to you in Slack" if greeted else f"In Slack, Usher is at {OPENS}?app={app_id}"
        first = "Mend what the doctor names, then start it" if code else "Start it"
        self.terminal.say(f"\n{first}: {self.known.command}\n{where}: open it, and ask something there.")
        return code


async def _an_app(answer: str) -> str:
    """The id in what was entered; empty for nothing."""
    found = next((each for each in reversed(answer.strip("/ ").split("/")) if APP_ID.fullmatch(each)), "")
    if answer and not found:
        raise Wrong("The id of an app begins with A, as in its address.")
    return found
