"""Events on their way to the app: kept until acknowledged, sent again when lost, never while it is offline."""

import asyncio
from dataclasses import asdict, dataclass

from playground.slack.core.changes import Feed, Json
from playground.slack.core.clock import Clock
from playground.slack.core.ids import APP, APP_USER, TEAM, new_id
from playground.slack.core.installed_app import InstalledApp
from playground.slack.core.store import Store
from playground.slack.delivery.sockets import NotAcknowledged, NotDelivered, Sockets

RETRY_SECONDS = (0.0, 60.0, 300.0)  # after the first failure, the second, the third; then Slack gives up


@dataclass
class Pending:
    payload: Json
    attempt: int = 0
    reason: str = ""
    due: float = 0.0


class Outbox:
    def __init__(
        self, clock: Clock, store: Store, feed: Feed, sockets: Sockets, app: InstalledApp, team: str = TEAM
    ) -> None:
        self._clock, self._store, self._feed, self._sockets, self.app = clock, store, feed, sockets, app
        self._team = team
        self.pending = {key: Pending(**doc) for key, doc in store.of("event").items()}
        self.given_up: list[str] = []
        self.enterprise: str | None = None
        self.org_wide = False
        self.taken = False
        self.installed = True  # nothing is sent to an app that is not there
        self._under_way: set[str] = set()
        self._bell = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        self._bell.set()

    def add(self, subscription: str, event: Json, *, shared: bool = False) -> str | None:
        """Queue it, if the app subscribes to it; returns its ``event_id``. ``shared`` with other organisations."""
        if not self.installed or not self.app.hears(subscription):
            return None
        event_id = new_id("Ev")
        self.pending[event_id] = item = Pending(self._envelope(event_id, event, shared=shared))
        if not self._sockets.online:  # the first try has failed already
            item.attempt, item.reason = 1, "connection_failed"
        self._keep(event_id, item)
        self.wake()
        return event_id

    async def run(self) -> None:
        while True:
            self._bell.clear()
            for event_id, item in list(self.pending.items()):
                if self._sockets.online and event_id not in self._under_way and item.due <= self._clock():
                    await self._send(event_id, item)
            await self._rest()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _rest(self) -> None:
        waiting = [item.due for event_id, item in self.pending.items() if event_id not in self._under_way]
        # Offline there is nothing to do until a connection rings the bell.
        pause = max(0.0, min(waiting) - self._clock()) if waiting and self._sockets.online else None
        try:
            async with asyncio.timeout(pause):
                await self._bell.wait()
        except TimeoutError:
            return

    async def _send(self, event_id: str, item: Pending) -> None:
        self._under_way.add(event_id)
        try:
            envelope_id = await self._sockets.send(
                "events_api", item.payload, retry_attempt=item.attempt, retry_reason=item.reason
            )
        except NotDelivered:
            self._failed(event_id, item, "connection_failed")
            return
        task = asyncio.create_task(self._settle(event_id, item, envelope_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, event_id: str, item: Pending, envelope_id: str) -> None:
        try:
            await self._sockets.acknowledged(envelope_id)
        except NotAcknowledged:
            self._failed(event_id, item, "timeout")
        except NotDelivered:
            self._failed(event_id, item, "connection_failed")
        else:
            self._forget(event_id)

    def _failed(self, event_id: str, item: Pending, reason: str) -> None:
        self._under_way.discard(event_id)
        if reason == "timeout" and item.attempt >= len(RETRY_SECONDS):
            self.given_up.append(event_id)
            self._forget(event_id)
            return
        pause = RETRY_SECONDS[item.attempt] if reason == "timeout" else 0.0
        item.attempt, item.reason = min(item.attempt + 1, len(RETRY_SECONDS)), reason
        item.due = self._clock() + pause
        self._keep(event_id, item)
        self.wake()

    def _keep(self, event_id: str, item: Pending) -> None:
        self._store.put("event", event_id, asdict(item))
        self._feed.pulse()

    def _forget(self, event_id: str) -> None:
        self._under_way.discard(event_id)
        del self.pending[event_id]
        self._store.drop("event", event_id)
        self._feed.pulse()

    def _envelope(self, event_id: str, event: Json, *, shared: bool) -> Json:
        team = None if self.org_wide else self._team
        authorization = {"enterprise_id": self.enterprise, "team_id": team, "user_id": APP_USER, "is_bot": True}
        return {
            "token": "local",
            "type": "event_callback",
            "team_id": self._team,
            "context_team_id": self._team,
            "api_app_id": APP,
            "event_id": event_id,
            "event_time": int(self._clock()),
            "event": event,
            "authorizations": [{**authorization, "is_enterprise_install": self.org_wide}],
            "is_ext_shared_channel": shared,
        }
