"""The workspace: all its rules over one ground, and all that a person sees of it."""

import asyncio
from pathlib import Path

from playground.slack.core.changes import Feed, Json
from playground.slack.core.clock import Clock
from playground.slack.core.ids import APP, APP_USER
from playground.slack.core.installed_app import InstalledApp
from playground.slack.core.people import LOCAL, Team
from playground.slack.core.store import Store
from playground.slack.core.triggers import Triggers
from playground.slack.delivery.sockets import Sockets
from playground.slack.interactions.app_calls import AppCalls
from playground.slack.interactions.pressing import Pressing
from playground.slack.interactions.saying import Saying
from playground.slack.shared_state import SharedState
from playground.slack.surfaces.agent_surface import AgentSurface
from playground.slack.surfaces.files import Files
from playground.slack.surfaces.messages import Messages
from playground.slack.surfaces.response_urls import ResponseUrls
from playground.slack.surfaces.sent_files import SentFiles
from playground.slack.surfaces.streams import Streams
from playground.slack.surfaces.views import Views, home_for_page

EXPIRY_CHECK_SECONDS = 2.0


class Workspace:
    def __init__(
        self,
        folder: Path,
        clock: Clock,
        app: InstalledApp,
        ack_seconds: float,
        team: Team = LOCAL,
        sockets: Sockets | None = None,
    ) -> None:
        """``sockets`` are the app's, of whatever workspace it hears."""
        self.clock, self.feed, self.store = clock, Feed(), Store(folder)
        self.sockets = sockets or Sockets(ack_seconds)
        self.sockets.changed.append(self._connections_changed)
        self.shared = shared = SharedState(clock, self.store, self.feed, self.sockets, app, team)
        self.outbox, self.directory, self.app = shared.outbox, shared.directory, app
        self.triggers = triggers = Triggers(clock, ack_seconds)
        self.app_calls = app_calls = AppCalls(shared, triggers)
        self.surface = AgentSurface(shared)
        self.messages = messages = Messages(shared, self.surface.replied)
        self.streams = Streams(shared, messages)
        self.files, self.sent_files = Files(shared, messages), SentFiles(shared)
        self.views = views = Views(shared, triggers)
        self.responses = ResponseUrls(shared, messages)
        self.saying = Saying(
            *(shared, messages, self.sent_files, self.streams, views, triggers, app_calls, self.responses)
        )
        self.pressing = Pressing(shared, messages, views, triggers, app_calls)
        self._was_online = False
        self.neighbours: list[Workspace] = []
        self.install_url = ""
        """Where the app is installed from; where it has only a token of its own, nowhere."""

    @property
    def path(self) -> str:
        """Of its page."""
        return "/" if self.shared.team is LOCAL else f"/{self.shared.team.id}/"

    def join_enterprise(self, enterprise: str) -> None:
        """From now on this workspace is one of an Enterprise Grid."""
        self.directory.enterprise = self.outbox.enterprise = enterprise

    def installed(self, *, org_wide: bool = False) -> None:
        """The app is in it, by itself or with the whole enterprise."""
        self.outbox.installed, self.outbox.taken = True, False
        self.shared.tell_everyone({"type": "installed"})
        self.directory.org_wide = self.outbox.org_wide = org_wide

    def install(self, app: InstalledApp) -> None:
        """Anew, with what its manifest says by now and the scopes that are granted."""
        self.app = app
        self.shared.install(app)

    async def keep_house(self) -> None:
        """See to it that what has expired is drawn so, even when nobody calls."""
        while True:
            self.expire()
            await asyncio.sleep(EXPIRY_CHECK_SECONDS)

    def expire(self) -> None:
        self.streams.expire()
        self.surface.expire()
        self.outbox.wake()

    def hint(self, text: str) -> None:
        """A word of welcome by the workspace itself, once in each person's DM with the app."""
        told = self.store.of("hint")
        for person in self.directory.persons:
            if person not in told:
                self.messages.remark(self.directory.dm_of(person), text)
                self.store.put("hint", person, {"text": text})

    def open_connection(self, args: Json) -> Json:
        address = self.app_calls.address.replace("http://", "ws://")
        return {"url": f"{address}/link?ticket={self.sockets.ticket()}&app_id={APP}"}

    def snapshot(self, person: str) -> Json:
        channels = [channel for channel in self.directory.channels.values() if person in channel.people]
        ids = [channel.id for channel in channels]
        return {
            "workspace": self._itself_for_page(),
            "me": person,
            "people": [each.for_page() for each in self.directory.people.values()],
            "app": self._app_for_page(),
            "channels": [channel.for_page(person) for channel in channels],
            "messages": {channel: self._messages_for_page(person, channel) for channel in ids},
            "home": home_for_page(self.views.homes.get(person)),
            "modals": self.views.for_page(person),
            "statuses": self.surface.live_statuses(ids),
            "prompts": [prompts for channel, prompts in self.surface.prompts.items() if channel in ids],
        }

    def _itself_for_page(self) -> Json:
        team = self.shared.team
        others = [{"name": each.shared.team.name, "path": each.path} for each in self.neighbours]
        return {
            "id": team.id,
            "name": team.name,
            "others": others,
            "install": "" if self.outbox.installed else self.install_url,
        }

    def _messages_for_page(self, person: str, channel: str) -> list[Json]:
        return [m.for_page(person) for m in self.messages.of(channel) if person in self.messages.readers(m)]

    def _app_for_page(self) -> Json:
        shown = ("command", "description", "usage_hint")
        commands = [{name: command.get(name, "") for name in shown} for command in self.app.commands]
        who = {"id": APP, "user": APP_USER, "name": self.app.name, "about": self.app.about}
        tabs = {"online": self.sockets.online, "home": self.app.home, "messages": self.app.messages}
        return {**who, **tabs, "commands": commands, "shortcuts": list(self.app.shortcuts)}

    def _connections_changed(self) -> None:
        if self.sockets.online != self._was_online:
            self._was_online = self.sockets.online
            self.shared.tell_everyone({"type": "app", "online": self._was_online})
        self.outbox.wake()
        self.feed.pulse()
