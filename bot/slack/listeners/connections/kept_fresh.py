"""The window that lists what a server offers: drawn anew while it stands open, whenever the server says so."""

import asyncio
import logging

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UserError
from bot.slack.edge.background import BackgroundTasks
from bot.slack.edge.calls.modals import GONE
from bot.slack.edge.errors import code_of
from bot.slack.edge.interaction import Interaction
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.connections import offerings as screens
from bot.slack.services import Services
from mcp_runtime.offerings.values import Offerings
from storage.members import Member

log = logging.getLogger(__name__)

FOLLOWED = 600.0
"""Seconds; who leaves a window open for longer sees what is new with the next press."""
BETWEEN = 2.0
"""Seconds from one drawing to the next, however often a server says that it has changed."""


class KeptFresh:
    def __init__(self, services: Services, tasks: BackgroundTasks) -> None:
        self._services = services
        self._tasks = tasks
        self._following: dict[str, asyncio.Task[None]] = {}

    async def show(self, interaction: Interaction, view_id: str, connection_id: str, page: int = 0) -> None:
        """Raises `UserError`."""
        window = _Window(self._services, interaction.client, interaction.member, view_id, connection_id, page)
        changed = await window.draw()
        if before := self._following.pop(view_id, None):
            before.cancel()  # it would draw another page
        if changed is not None:
            task = self._following[view_id] = self._tasks.watch(window.follow(changed), "keep a window fresh")
            task.add_done_callback(lambda done: self._forget(view_id, done))

    def _forget(self, view_id: str, done: "asyncio.Task[None]") -> None:
        if self._following.get(view_id) is done:
            del self._following[view_id]


class _Window:
    def __init__(
        self,
        services: Services,
        client: AsyncWebClient,
        member: Member,
        view_id: str,
        connection_id: str,
        page: int,
    ) -> None:
        self._services = services
        self._client = client
        self._member = member
        self._view_id = view_id
        self._connection_id = connection_id
        self._page = page
        self._shown: Offerings | None = None
        self._hash = ""

    async def draw(self) -> asyncio.Event | None:
        """What is set with the next change; None when it was closed, or shows something else by now."""
        connection = await self._services.connections.own(self._member, self._connection_id)
        offers, changed = await self._services.connections.offered.with_news(connection)
        if offers != self._shown and not await self._put(screens.listed(connection, offers, self._page)):
            return None
        self._shown = offers
        return changed

    async def follow(self, changed: asyncio.Event | None) -> None:
        try:
            async with asyncio.timeout(FOLLOWED):
                while changed is not None:
                    await changed.wait()
                    changed = await self.draw()
                    await asyncio.sleep(BETWEEN)
        except TimeoutError:
            pass
        except UserError as error:  # told with the next press, which meets it too
            log.info("a window is kept fresh no more: %s", type(error).__name__)

    async def _put(self, view: View) -> bool:
        """With the hash of what we drew, so that a form that stands in its place by now is left alone."""
        seen = {"hash": self._hash} if self._hash else {}
        try:
            answer = await self._client.views_update(view_id=self._view_id, view=view, **seen)
        except SlackApiError as error:
            if code_of(error) in GONE:
                return False
            raise
        self._hash = str(answer["view"]["hash"])
        return True
