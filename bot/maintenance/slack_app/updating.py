"""An app that is there, brought up to its manifest: what changes is told first, and what takes a reinstallation."""

from dataclasses import dataclass

from bot.maintenance.slack_app import manifest
from bot.maintenance.slack_app.app_settings import GONE, SETTINGS, AppSettings, Declined, Unsure
from bot.maintenance.slack_app.asking import Stopped, Terminal
from bot.maintenance.slack_app.known import Known
from bot.maintenance.slack_app.manifest import Json
from bot.slack.edge.errors import SlackRefused
from bot.slack.edge.token_check import check_bot_token

REINSTALL = f"""\
Until the app is installed again, its installation lacks: {{scopes}}.
  Open {SETTINGS}/{{app}}/install-on-team, “Reinstall to …”, “Allow”. Its tokens stay as they are."""


@dataclass(frozen=True)
class Updating:
    terminal: Terminal
    known: Known
    ours: Json

    async def bring_up(self, settings: AppSettings, app_id: str, *, asked: bool, dry_run: bool) -> None:
        """``asked``: somebody has agreed already. Raises `Stopped`."""
        theirs = await self._theirs(settings, app_id)
        merged = manifest.brought_up(theirs, self.ours)
        found = manifest.difference(theirs, merged, self.ours)
        self._tell(found, app_id)
        if dry_run:
            self.terminal.say("Nothing was changed.")
            return
        if found.lines:
            if not asked and not await self.terminal.agree("Change it so?"):
                raise Stopped("Nothing was changed.")
            await self._change(settings, app_id, merged)
        await self._tell_of_reinstalling(app_id, merged, found.new_scopes)

    async def _theirs(self, settings: AppSettings, app_id: str) -> Json:
        try:
            return await settings.export(app_id)
        except Declined as no:
            if no.code not in GONE:
                raise Stopped(str(no), 3) from no
            raise Stopped(
                f"This token opens no app {app_id}: it was deleted, or is another person's or workspace's. "
                f"See {SETTINGS}; where it is gone, take SLACK_APP_ID and both tokens out of .env, and run "
                "`usher slack create`.",
                3,
            ) from no
        except Unsure as lost:
            raise Stopped(f"{lost} Nothing was changed: run it again.", 3) from lost

    def tell_of_a_new_one(self) -> None:
        """Where there is none yet."""
        self.terminal.say("There is no app yet. The one that would be made:")
        found = manifest.difference({}, manifest.brought_up({}, self.ours), self.ours)
        self.terminal.say("\n".join(f"  + it {each}" for each in found.lines))
        self.terminal.say("Nothing was made or changed.")

    def _tell(self, found: manifest.Difference, app_id: str) -> None:
        if not found.lines:
            self.terminal.say(f"The app {app_id} is as its manifest says.")
        else:
            self.terminal.say(f"What the manifest changes in the app {app_id}:")
            self.terminal.say("\n".join(f"  + it {each}" for each in found.lines))
        if found.beyond:
            self.terminal.say(f"It keeps what it has beyond that: {', '.join(found.beyond)}.")

    async def _change(self, settings: AppSettings, app_id: str, merged: Json) -> None:
        try:
            await settings.update(app_id, merged)
        except Declined as no:
            raise Stopped(f"{no}\nNothing was changed.", 3) from no
        except Unsure as lost:
            raise Stopped(f"{lost} It may be changed: run it again, which tells what is still missing.", 3) from lost
        self.terminal.say("It is changed.")

    async def _tell_of_reinstalling(self, app_id: str, merged: Json, new: tuple[str, ...]) -> None:
        lacking = await self._not_granted(merged)
        if (missing := list(new) if lacking is None else lacking) and self._is_installed:
            self.terminal.say(REINSTALL.format(scopes=", ".join(missing), app=app_id))

    @property
    def _is_installed(self) -> bool:
        return bool(self.known.value("SLACK_BOT_TOKEN"))

    async def _not_granted(self, merged: Json) -> list[str] | None:
        """By its installation; None when Slack does not say."""
        try:
            who = await check_bot_token(self.known.client(self.known.value("SLACK_BOT_TOKEN")))
        except SlackRefused:
            return None
        granted = {each.strip() for each in who.headers.get("x-oauth-scopes", "").split(",")} - {""}
        return [each for each in manifest.scopes(merged) if each not in granted] if granted else None
