"""A local Slack on a loopback port: Web API, Socket Mode, response URLs, and the acts of two people."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from playground.slack.core.changes import Json
from playground.slack.core.clock import Clock
from playground.slack.core.installed_app import installed
from playground.slack.core.people import SECOND
from playground.slack.core.refusal import Refused
from playground.slack.delivery.sockets import ACK_SECONDS
from playground.slack.inhabited import Inhabited
from playground.slack.surfaces.messages import FEW_ROWS
from playground.slack.web_api.configuration import Configuration
from playground.slack.web_api.installing import Installing
from playground.slack.web_api.loopback import HERE, only_from_here
from playground.slack.web_api.openid import OpenId
from playground.slack.web_api.routes import Broken, Call, Limited, WebApi, arguments, tokens
from playground.slack.web_api.tiers import Tiers
from playground.slack.workspace import Workspace

GENEROSITY = 1.0
LARGEST_BODY = 32 << 20


class LocalSlack(Inhabited):
    """Start it, point an app's ``SLACK_API_URL`` at ``api_url``, and act as the two people.

    ``manifest`` is the app's parsed manifest: its commands, scopes and events hold, as in a real workspace;
    without one all is allowed. With ``app_is_made`` false there is no app yet: a person makes it from a manifest, by
    ``configuration``. ``granted`` are the scopes of an installation older than it. ``hint`` is said once to
    each person in the DM with the app. ``secret`` goes into the app's tokens, which others on this machine must not
    know. ``generosity`` multiplies Slack's published rate limits, None switches them off. ``ack_seconds`` is how long
    the app may take to acknowledge, and to use a trigger. ``second``: there is another workspace, and both hear
    of the app once somebody has installed it there by OAuth.
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
        second: bool = False,
    ) -> None:
        if host not in HERE:
            raise ValueError("a local Slack answers on a loopback address only")
        self._host, self._port, self._hint = host, port, hint
        self.clock = clock or Clock()
        folder, declared = Path(state_dir), installed(manifest, granted)
        super().__init__(Workspace(folder, self.clock, declared, ack_seconds))
        sockets = self.workspace.sockets
        others = [Workspace(folder / "second", self.clock, declared, ack_seconds, SECOND, sockets)] if second else []
        self.workspaces = [self.workspace, *others]
        self.places: list[Inhabited] = [self, *(Inhabited(each) for each in others)]
        self.second = self.places[1] if others else None
        for each in self.workspaces:
            each.neighbours = [other for other in self.workspaces if other is not each]
            each.outbox.installed = not others
        self.bot_token, self.app_token = issued = tokens(secret)
        self.openid = OpenId(self.workspace, secret, others)
        self.installing = Installing(self.openid, self.workspaces)
        self.installing.take_up()
        lenient = app_is_made and manifest is None
        self.configuration = Configuration(self.workspace, *issued, secret, lenient)
        if manifest and app_is_made:
            self.configuration.is_there(manifest, self.workspace.app.scopes or frozenset())
        doors = (self.installing, self.configuration)
        self._apis = [WebApi(self.workspace, Tiers(self.clock, generosity), issued, *doors)]
        for other in others:
            self._apis.append(WebApi(other, Tiers(self.clock, generosity), issued._replace(bot=""), *doors))
        self._api = self._apis[0]
        self._open_doors()
        self._tasks: list[asyncio.Task[None]] = []

    def _open_doors(self) -> None:
        self.app = web.Application(client_max_size=LARGEST_BODY, middlewares=[only_from_here])
        self.app.router.add_route("*", "/api/{method}", self._answer)
        self.app.router.add_get("/link", self.workspace.sockets.link)
        self.app.router.add_get("/files-pri/{key}/{rest:.+}", self._give)
        self.workspace.sent_files.token = self.bot_token
        for each in self.workspaces:
            each.sent_files.also = partial(self._opens, each)
        for place, api in zip(self._places, self._apis, strict=True):
            self.app.router.add_post(f"{place}/respond/{{key}}", api.respond)
            self.app.router.add_post(f"{place}/upload/{{key}}", api.upload)
        self.app.add_routes([*self.openid.routes(), *self.installing.routes()])

    def visited(self) -> None:
        """People from outside are there too, and another app, to try who of them may ask."""
        self.workspace.directory.visited()

    # --- life
    async def start(self) -> None:
        self._runner = web.AppRunner(self.app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]
        self.openid.issuer = self.url
        for place, workspace in zip(self._places, self.workspaces, strict=True):
            workspace.app_calls.address = workspace.files.address = self.url + place
            workspace.sent_files.address = self.url
            if self._hint:
                workspace.hint(self._hint)
            running = (workspace.outbox.run(), workspace.keep_house())
            self._tasks += [asyncio.create_task(each) for each in running]
            self.clock.on_turn.append(workspace.expire)

    async def stop(self) -> None:
        for workspace in self.workspaces:
            self.clock.on_turn.remove(workspace.expire)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for workspace in self.workspaces:
            await workspace.outbox.close()
        await self.workspace.sockets.close()
        for workspace in self.workspaces:
            workspace.feed.close()
        await self._runner.cleanup()
        for workspace in self.workspaces:
            workspace.store.close()

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

    @property
    def _places(self) -> list[str]:
        """Where each workspace's own addresses are."""
        return ["", *(f"/{each.shared.team.id}" for each in self.workspaces[1:])]

    async def _answer(self, request: web.Request) -> web.Response:
        """By the workspace that the token is of; whatever else comes is refused by the first."""
        try:
            _, token = await arguments(request)
            here = self.installing.opened(token)
        except Refused:
            here = None
        api = next((each for each, there in zip(self._apis, self.workspaces, strict=True) if there is here), self._api)
        return await api.answer(request)

    def _opens(self, workspace: Workspace, token: str) -> bool:
        try:
            return self.installing.opened(token) is workspace
        except Refused:
            return False

    async def _give(self, request: web.Request) -> web.StreamResponse:
        """A file, which carries the id of its workspace."""
        team = request.match_info["key"].partition("-")[0]
        here = next((each for each in self.workspaces if each.shared.team.id == team), self.workspace)
        return await here.sent_files.give(request)

    async def app_is_removed(self) -> None:
        await self.remove_app(self)

    async def remove_app(self, place: Inhabited) -> None:
        """What OAuth gave is worth nothing from then on."""
        self.installing.removed_from(place.workspace)
        await Inhabited.app_is_removed(place)

    # --- what tests look at
    @property
    def calls(self) -> deque[Call]:
        """All Web API calls, as (method, args), the newest last."""
        return self._api.calls

    def calls_of(self, place: Inhabited) -> deque[Call]:
        """Those that were made for one workspace."""
        return self._apis[self.workspaces.index(place.workspace)].calls

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
