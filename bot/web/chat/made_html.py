"""HTML that was made of answers, kept for the next look at the same page; nothing of it outlives its chat."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable

from aiohttp import web
from markupsafe import Markup

from bot.services.links.ending.ending import FORGET
from bot.web.edge.context import SERVICES
from storage.bus.bus import Bus

MOST = 512
UNUSED_SECONDS = 600.0
"""The net under the word that a chat is gone, which may get lost, or come before a page that is being made."""
LOOK_SECONDS = 60.0
Key = tuple[str, str, str]
"""Conversation, text, the reader's word for an image."""


class MadeHtml:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._made: OrderedDict[Key, tuple[Markup, float]] = OrderedDict()
        self._clock = clock

    def __len__(self) -> int:
        return len(self._made)

    def of(self, conversation_id: str, text: str, image: str) -> Markup:
        key = (conversation_id, text, image)
        held = self._made.pop(key, None)
        made = held[0] if held else _html(text, image)
        self._keep(key, made)
        return made

    async def make_ready(self, conversation_id: str, text: str, image: str) -> None:
        """Beside the event loop: a long answer takes 50 ms, a page has fifty of them, and everybody would wait."""
        key = (conversation_id, text, image)
        if key not in self._made:
            made = await asyncio.to_thread(_html, text, image)
            self._keep(key, made)

    def _keep(self, key: Key, made: Markup) -> None:
        self._made[key] = (made, self._clock())
        if len(self._made) > MOST:
            self._made.popitem(last=False)

    def forget(self, conversation_id: str) -> None:
        for key in [key for key in self._made if key[0] == conversation_id]:
            del self._made[key]

    def forget_unused(self) -> None:
        since = self._clock() - UNUSED_SECONDS
        while self._made and next(iter(self._made.values()))[1] <= since:
            self._made.popitem(last=False)

    def forget_all(self) -> None:
        self._made.clear()


def _html(text: str, image: str) -> Markup:
    """The two libraries behind it wait for the first page without scripts."""
    from bot.web.chat.markdown import html

    return html(text, image)


MADE = MadeHtml()
"""Of this process."""


async def forgetting(app: web.Application) -> AsyncIterator[None]:
    """For aiohttp's ``cleanup_ctx``."""
    task = asyncio.create_task(_forget_on(app[SERVICES].bus), name="made html")
    yield
    task.cancel()
    await asyncio.wait({task})


async def _forget_on(bus: Bus) -> None:
    with bus.follow(FORGET) as bell:
        while True:
            await bell.wait(LOOK_SECONDS)
            if bell.news:  # words were lost, and with them which chats are gone
                MADE.forget_all()
            for conversation_id in bell.take():
                MADE.forget(conversation_id)
            MADE.forget_unused()
