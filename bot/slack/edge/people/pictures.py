"""Members' pictures: fetched by us, so that a guest's browser asks nobody else, and looked into first."""

import logging
import time
from collections import OrderedDict
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.links.hosting.values import Picture
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.errors import TROUBLE
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.edge.people.profiles import Profiles
from storage.members import Member

FOR_SECONDS = 3_600.0
MOST = 500
LARGEST = 256 * 1024
WITHIN = aiohttp.ClientTimeout(total=5)
_HOSTS = (".slack-edge.com", ".gravatar.com")
_LOOKS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))

log = logging.getLogger(__name__)


class Pictures:
    def __init__(self, client: AsyncWebClient, profiles: Profiles) -> None:
        self._profiles = profiles
        # A workspace that runs elsewhere, such as the playground, keeps its pictures itself.
        self._own = urlsplit(client.base_url)
        self._known: OrderedDict[str, tuple[float, Picture | None]] = OrderedDict()
        self._lanes = KeyedLocks()

    async def of(self, member: Member) -> Picture | None:
        """None without one, or when it cannot be had: then nobody asks again for an hour."""
        try:
            with acting_for(member.workspace):
                address = (await self._profiles.of(member.id)).picture
        except TROUBLE:
            return None
        if not self._may_ask(address):
            return None
        async with self._lanes.turn(address):
            at, known = self._known.get(address, (0.0, None))
            if at and time.monotonic() - at < FOR_SECONDS:
                return known
            found = await _fetched(address)
            self._known[address] = (time.monotonic(), found)
            self._known.move_to_end(address)
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        return found

    def _may_ask(self, address: str) -> bool:
        """What stands in a profile must not lead us to a host of our own network."""
        parts = urlsplit(address)
        if (parts.scheme, parts.netloc) == (self._own.scheme, self._own.netloc):
            return True
        host = parts.hostname or ""
        return parts.scheme == "https" and parts.netloc == host and host.endswith(_HOSTS)


def looked_into(content: bytes) -> Picture | None:
    """By its first bytes: a name or a header may say anything, and a drawing (SVG) may hold scripts."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Picture(content, "image/webp")
    return next((Picture(content, kind) for start, kind in _LOOKS if content.startswith(start)), None)


async def _fetched(address: str) -> Picture | None:
    try:
        async with (
            aiohttp.ClientSession(timeout=WITHIN, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(address, allow_redirects=False) as response,
        ):
            content = await response.content.read(LARGEST + 1) if response.status == 200 else b""
            while content and len(content) <= LARGEST and (more := await response.content.read(LARGEST)):
                content += more
    except (TimeoutError, aiohttp.ClientError) as error:
        log.info("a member's picture could not be fetched (%s)", type(error).__name__)
        return None
    return looked_into(content) if len(content) <= LARGEST else None
