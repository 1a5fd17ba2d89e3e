"""The line beside Usher's name while an answer is on its way: best effort, and gone before the words come."""

import asyncio
from contextlib import suppress

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.slack.edge.errors import TROUBLE

THINKING = "is thinking…"
WAITING = "is waiting. {why}"


class StatusLine:
    def __init__(self, client: AsyncWebClient, place: Place) -> None:
        self._client = client
        self._here = {"channel_id": place.channel, "thread_ts": place.thread_ts}
        self._waits = False
        """It says why it takes longer: what comes next takes it away."""
        self.task: asyncio.Task[None] | None = None

    def show(self, why: str = "") -> None:
        """Shown meanwhile; ``why`` tells what it is that takes longer."""
        status = WAITING.format(why=why) if why else THINKING
        self.task = asyncio.create_task(self._set(status, self.task))
        self._waits = bool(why)

    async def settled(self) -> None:
        """A status that came after the words would stay for minutes."""
        if self.task:
            shown, self.task = self.task, None
            await shown
        if self._waits:
            self._waits = False
            await self._set("")

    async def at_rest(self) -> None:
        """Slack would show the agent at work for an hour; where there are no agent sessions, nothing is lost."""
        with suppress(*TROUBLE):
            channel, thread = self._here["channel_id"], self._here["thread_ts"]
            await self._client.agents_sessions_setStatus(channel_id=channel, thread_ts=thread, status="active")

    async def _set(self, status: str, before: asyncio.Task[None] | None = None) -> None:
        if before:
            await before
        with suppress(*TROUBLE):
            channel, thread = self._here["channel_id"], self._here["thread_ts"]
            await self._client.assistant_threads_setStatus(channel_id=channel, thread_ts=thread, status=status)
