"""A local Slack on a loopback port: Web API, Socket Mode, response URLs, and the acts of two people."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from playground.slack.core.changes import Json
from playground.slack.core.clock import Clock
from playground.slack.core.installed_app import installed
from playground.slack.core.people import PEOPLE
from playground.slack.core.refusal import Refused
from playground.slack.delivery.sockets import ACK_SECONDS
from playground.slack.interactions import page_requests
from playground.slack.surfaces.messages import FEW_ROWS
from playground.slack.surfaces.sent_files import Sending
from playground.slack.web_api.configuration import Configuration
from playground.slack.web_api.loopback import HERE, only_from_here
from playground.slack.web_api.openid import OpenId
from playground.slack.web_api.routes import Broken, Call, Limited, WebApi, tokens
from playground.slack.web_api.tiers import Tiers
from playground.slack.workspace import Workspace

GENEROSITY = 1.0
LARGEST_BODY = 32 << 20


class LocalSlack:
    """Start it, point an app's ``SLACK_API_URL`` at ``api_url``, and act as the two people.

    ``manifest`` is the app's parsed manifest: its commands, scopes and events hold, as in a real workspace;
    without one all is allowed. With ``app_is_made`` false there is no app yet: a person makes it from a manifest, by
    ``configuration``. ``granted`` are the scopes of an installation older than it. ``hint`` is said once to
    each person in the DM with the app. ``secret`` goes into the app's tokens, which others on this machine must not
    know. ``generosity`` multiplies Slack's published rate limits, None switches them off. ``ack_seconds`` is how long
    the app may take to acknowledge, and to use a trigger.
    """

    def __init__(
        self,
        state_dir: Path | str,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        hint: str = "",
        secret: str = "",
        manifest: dict[str, Any] | None = None,
        granted: Collection[str] | None = None,
        clock: Clock | None = None,
        generosity: float | None = GENEROSITY,
        ack_seconds: float = ACK_SECONDS,
        app_is_made: bool = True,
    ) -> None:
        if host not in HERE:
            raise ValueError("a local Slack answers on a loopback address only")
        self._host, self._port, self._hint = host, port, hint
        self.clock = clock or Clock()
        self.workspace = Workspace(Path(state_dir), self.clock, installed(manifest, granted), ack_seconds)
        self.bot_token, self.app_token = issued = tokens(secret)
        self.openid = OpenId(self.workspace, secret)
        lenient = app_is_made and manifest is None
        self.configuration = Configuration(self.workspace, *issued, secret, lenient)
        if manifest and app_is_made:
            self.configuration.is_there(manifest, self.workspace.app.scopes or frozenset())
        self._api = WebApi(self.workspace, Tiers(self.clock, generosity), issued, self.openid, self.configuration)
        self.app = web.Application(client_max_size=LARGEST_BODY, middlewares=[only_from_here])
        self.app.router.add_route("*", "/api/{method}", self._api.answer)
        self.app.router.add_get("/link", self.workspace.sockets.link)
        self.app.router.add_post("/respond/{key}", self._api.respond)
        self.app.router.add_post("/upload/{key}", self._api.upload)
        self.app.router.add_get("/files-pri/{key}/{rest:.+}", self.workspace.sent_files.give)
        self.workspace.sent_files.token = self.bot_token
        self.app.add_routes(self.openid.routes())
        self._tasks: list[asyncio.Task[None]] = []

    # --- life
    async def start(self) -> None:
        self._runner = web.AppRunner(self.app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]
        self.workspace.app_calls.address = self.workspace.files.address = self.workspace.sent_files.address = self.url
        self.openid.issuer = self.url
        if self._hint:
            self.workspace.hint(self._hint)
        running = (self.workspace.outbox.run(), self.workspace.keep_house())
        self._tasks = [asyncio.create_task(each) for each in running]
        self.clock.on_turn.append(self.workspace.expire)

    async def stop(self) -> None:
        self.clock.on_turn.remove(self.workspace.expire)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.workspace.outbox.close()
        await self.workspace.sockets.close()
        self.workspace.feed.close()
        await self._runner.cleanup()
        self.workspace.store.close()

    async def __aenter__(self) -> "LocalSlack":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def online(self) -> bool:
        return self.workspace.sockets.online

    # --- what tests look at
    @property
    def calls(self) -> deque[Call]:
        """All Web API calls, as (method, args), the newest last."""
        return self._api.calls

    @property
    def refusals(self) -> list[tuple[str, str, list[str]]]:
        """All that Slack would not have accepted: (method, error, messages)."""
        return self.workspace.shared.refusals

    @property
    def unheard(self) -> int:
        """How many events the app has not yet acknowledged."""
        return len(self.workspace.outbox.pending)

    def of(self, method: str) -> list[Json]:
        """The arguments of all calls of a method."""
        return [call.args for call in self.calls if call.method == method]

    async def when(self, predicate: Callable[[], Any], within: float = 60.0) -> Any:
        """Wait until the predicate holds; returns what it gave. It is asked again after each call, change and ack."""
        return await self.workspace.feed.when(predicate, within)

    def messages(self, channel: str, person: str = PEOPLE[0]) -> list[Json]:
        """What this person sees in a channel, oldest first, as `changes` describes messages."""
        return list(self.snapshot(person)["messages"][channel])

    def will_refuse(self, method: str, error: str, times: int = 1) -> None:
        self._api.make_up(method, Refused(error), times)

    def read_seldom(self) -> None:
        """As for an app outside Slack's Marketplace: threads and channels once a minute, 15 messages at a time."""
        self._api.reads_seldom, self.workspace.messages.most_rows = True, FEW_ROWS

    def will_limit(self, method: str, times: int = 1, retry_after: int = 1) -> None:
        self._api.make_up(method, Limited(retry_after), times)

    def will_break(self, method: str, times: int = 1, *, cut: bool = False, done: bool = False) -> None:
        """A 500, or a lost connection; ``done``: only the answer is lost."""
        self._api.make_up(method, Broken(cut=cut, done=done), times)

    # --- what people do
    def snapshot(self, person: str) -> Json:
        return self.workspace.snapshot(person)

    def changes(self, person: str) -> AsyncIterator[Json]:
        """The snapshot, then every change that this person sees."""
        return self.workspace.feed.follow(person, lambda: self.snapshot(person))

    async def act(self, body: Any) -> Json:
        """What a page asks: one of the acts below, as JSON."""
        return await page_requests.act(self, body)

    async def person_says(
        self,
        person: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        *,
        broadcast: bool = False,
        forward: tuple[str, str] | None = None,
        files: Sequence[Sending] = (),
    ) -> str:
        saying = self.workspace.saying
        return saying.say(person, channel, text, thread_ts, broadcast=broadcast, forward=forward, files=files)

    async def person_edits(self, person: str, channel: str, ts: str, text: str) -> None:
        self.workspace.saying.edit(person, channel, ts, text)

    async def person_deletes(self, person: str, channel: str, ts: str) -> None:
        self.workspace.saying.delete(person, channel, ts)

    async def command(self, person: str, channel: str, line: str, thread_ts: str | None = None) -> Json:
        return await self.workspace.saying.command(person, channel, line, thread_ts)

    async def press(self, person: str, pressed: Json) -> Json:
        return await self.workspace.pressing.press(person, pressed)

    async def submit_view(self, person: str, view_id: str, values: Json | None = None) -> Json:
        return await self.workspace.pressing.submit(person, view_id, values or {})

    async def close_view(self, person: str, view_id: str, everything: bool = False) -> Json:
        return await self.workspace.pressing.close(person, view_id, everything)

    async def shortcut(self, person: str, callback_id: str, channel: str | None = None, ts: str | None = None) -> Json:
        return await self.workspace.pressing.shortcut(person, callback_id, channel, ts)

    async def account_ends(self, person: str) -> None:
        """An admin has deactivated it."""
        who = self.workspace.directory.people[person]
        who.flags["deleted"] = True
        self.workspace.outbox.add("user_change", {"type": "user_change", "user": who.as_slack()})

    async def profile_changes(self, person: str) -> None:
        who = self.workspace.directory.people[person].as_slack()
        self.workspace.outbox.add("user_change", {"type": "user_change", "user": who})

    async def app_is_removed(self) -> None:
        """First its tokens are revoked, then it is told that it was removed."""
        self.workspace.outbox.add("tokens_revoked", {"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}})
        self.workspace.outbox.add("app_uninstalled", {"type": "app_uninstalled"})

    async def channel_is_archived(self, channel: str) -> None:
        self.workspace.directory.channels[channel].archived = True
        self.workspace.outbox.add("channel_archive", {"type": "channel_archive", "channel": channel, "user": "U0OWNER"})

    async def open_home(self, person: str) -> None:
        self.workspace.saying.open_home(person)

    async def open_dm(self, person: str) -> None:
        self.workspace.saying.open_dm(person)

    async def stop_stream(self, person: str, channel: str, ts: str) -> None:
        self.workspace.saying.stop(person, channel, ts)
