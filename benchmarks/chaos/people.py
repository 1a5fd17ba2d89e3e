"""Members who ask in Slack and guests who ask on their pages, all the time, whatever fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from benchmarks.chaos.pages import Page
from benchmarks.chaos.town import PEOPLE, TEAM, WITH_TOOL, Town
from benchmarks.parts.guests import Chat, seated
from storage.engines.engine import TROUBLE
from storage.members import Member
from storage.schema import now

CHANNEL, USHER = "C0GENERAL", "U0USHER"
QUESTIONS_EACH = 20
"""Of one guest; then another opens a page."""
TOOL_EVERY = 3
LAST_ANSWERS = 90.0
SEATED_AGAIN = 0.3


@dataclass
class Asked:
    """``place`` of the message in Slack, or the ``page`` that it was asked on."""

    number: int
    at: datetime
    channel: str = ""
    place: str = ""
    page: Page | None = None


@dataclass
class People:
    """``every``: seconds between two questions of all members, and from an answer to a guest's next one."""

    town: Town
    guests: int
    every: float
    pause: float
    asked: list[Asked] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    late: bool = False
    """Not all was over when the patience was."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _chats: list[Chat] = field(default_factory=list)

    def _next(self) -> Asked:
        new = Asked(len(self.asked), now())
        self.asked.append(new)
        return new

    async def ask_in_slack(self) -> None:
        """A mention, in a thread of its own; every third needs a tool, whose results are for a direct message."""
        new, slack = self._next(), self.town.slack
        person = PEOPLE[new.number % len(PEOPLE)]
        if new.number % TOOL_EVERY:
            new.channel, text = CHANNEL, f"<@{USHER}> ask-{new.number} Just answer."
        else:
            new.channel, text = f"D{person[1:]}", f"ask-{new.number} {WITH_TOOL}"
        new.place = await slack.person_says(person, new.channel, text)

    async def ask_on(self, page: Page) -> None:
        new = self._next()
        text = f"ask-{new.number} Just answer."
        new.page = page
        await page.ask(text)
        await page.answered(text)

    async def _members(self) -> None:
        while await self._goes_on(self.every):
            await self.ask_in_slack()

    async def _guest(self) -> None:
        while not self.stopping.is_set():
            page = await self._opened()
            for _ in range(QUESTIONS_EACH):
                if not await self._goes_on(self.pause):
                    return
                await self.ask_on(page)
            if not await self._goes_on(self.pause):
                return
            self.town.pages.remove(page)
            await page.leave()

    async def _goes_on(self, seconds: float) -> bool:
        """After about so long, unless everybody goes home meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.town.dice.uniform(0.5, 1.5) * seconds):
                await self.stopping.wait()
        return not self.stopping.is_set()

    async def _opened(self) -> Page:
        while not self._chats:
            whose = Member(TEAM, PEOPLE[len(self.pages) % len(PEOPLE)])
            try:
                self._chats += await seated(
                    self.town.database_url, self.town.ushers[0].url, 1, each_link=1, creator=whose
                )
            except TROUBLE:  # the database is what fails at this moment
                await asyncio.sleep(SEATED_AGAIN)
        page = Page(self.town.ushers, self._chats.pop(), at=len(self.pages))
        await self._stack.enter_async_context(page)
        self.pages.append(page)
        self.town.pages.append(page)
        return page

    async def __aenter__(self) -> "People":
        self._stack = AsyncExitStack()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Pages are open until then."""
        await self._stack.aclose()

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """They ask until the block ends; what is asked then may still be without an answer."""
        tasks = [asyncio.create_task(each) for each in (self._members(), *(self._guest() for _ in range(self.guests)))]
        try:
            yield
            self.stopping.set()
            await asyncio.wait(tasks, timeout=LAST_ANSWERS)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()
