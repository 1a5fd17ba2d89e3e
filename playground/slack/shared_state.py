"""What all rules of the workspace stand on: time, storage, the page's feed, events to the app, people and channels."""

from dataclasses import dataclass, field

from playground.slack.core.changes import Feed, Json
from playground.slack.core.clock import Clock
from playground.slack.core.ids import APP_USER, Stamps
from playground.slack.core.installed_app import InstalledApp
from playground.slack.core.people import LOCAL, PEOPLE, Channel, Directory, Team
from playground.slack.core.refusal import Refused
from playground.slack.core.store import Store
from playground.slack.delivery.outbox import Outbox
from playground.slack.delivery.sockets import Sockets


@dataclass
class SharedState:
    clock: Clock
    store: Store
    feed: Feed
    sockets: Sockets
    app: InstalledApp
    team: Team = LOCAL
    refusals: list[tuple[str, str, list[str]]] = field(default_factory=list)
    outbox: Outbox = field(init=False)
    stamps: Stamps = field(init=False)
    directory: Directory = field(init=False)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.clock, self.store, self.feed, self.sockets, self.app, self.team.id)
        self.stamps = Stamps(self.clock)
        self.directory = Directory(self.app.name, self.team)

    def install(self, app: InstalledApp) -> None:
        self.app = self.outbox.app = app
        self.directory.people[APP_USER].name = app.name

    def refused(self, what: str, refusal: Refused) -> None:
        """Remember what Slack would not have accepted, for whoever looks into it."""
        self.refusals.append((what, refusal.error, refusal.messages))

    def tell(self, channel: Channel, change: Json) -> None:
        self.feed.tell(channel.people, change)

    def tell_everyone(self, change: Json) -> None:
        self.feed.tell(list(PEOPLE), change)
