"""Who looked at a link, people apart from machines: counted beside the answer, and nothing depends on it."""

import asyncio
import logging
import re

from aiohttp import web

from bot.services.links.results.outcomes import Outcomes
from storage.bus.bus import within

TOGETHER = 1.0
"""Seconds in which looks are gathered before they are written."""
MOST = 1_000
"""Links counted at a time; a flood of looks takes no more memory than that."""
_MACHINE = re.compile(r"bot\b|bot/|crawl|spider|preview|externalhit|slack|scan|monitor|headless|curl|python|http", re.I)

log = logging.getLogger(__name__)


class Looks:
    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes
        self._seen: dict[str, tuple[int, int]] = {}
        self._writing: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    def count(self, link_id: str, *, person: bool) -> None:
        if link_id not in self._seen and len(self._seen) >= MOST:
            return
        people, machines = self._seen.get(link_id, (0, 0))
        self._seen[link_id] = (people + person, machines + (not person))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._later())

    async def close(self) -> None:
        """Once all is written."""
        self._over.set()
        if self._writing:
            await asyncio.wait({self._writing})
        await self._write()

    async def _later(self) -> None:
        while self._seen:  # more may come while those before are written
            await within(TOGETHER, self._over)
            await self._write()

    async def _write(self) -> None:
        seen, self._seen = self._seen, {}
        if not seen:
            return
        try:
            await self._outcomes.looked(seen)
        except Exception:  # a count that is lost is no reason to trouble a guest
            log.warning("looks at %d links were not counted", len(seen), exc_info=True)


LOOKS = web.AppKey("looks", Looks)


def by_person(request: web.Request) -> bool:
    """As far as can be told: a browser that was led here, not one that loads ahead, nor a program that says so."""
    asked = request.headers
    ahead = asked.get("Sec-Purpose") or asked.get("Purpose") or asked.get("X-Moz")
    led = asked.get("Sec-Fetch-Mode", "navigate") == "navigate"
    agent = asked.get("User-Agent", "")
    names_itself = not agent.startswith("Mozilla/") or _MACHINE.search(agent) is not None
    return request.method == "GET" and led and not ahead and not names_itself
