"""Files that came with a message: which they are, and what is in them, fetched from Slack alone."""

import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.services.admin_notes import tell_admins
from bot.services.chats.members.sent_files import NotFetched
from bot.services.files.declining import AT_ONCE
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.calls.client import PacedClient
from bot.slack.edge.errors import AWAY, TROUBLE, code_of
from storage.database import Database

Json = dict[str, Any]
MOST_NAMED = AT_ONCE + 10
LONGEST_NAME, LONGEST_ADDRESS = 255, 1_000
WITHIN = aiohttp.ClientTimeout(total=30, sock_connect=5)
MOST_REDIRECTS = 2
PIECE = 1 << 16
ASK = "ask"
FILES = ("/files-pri/", "/files-tmb/", "/files/")
"""Where Slack keeps files. What leads away from there is its sign-in: the token may not read them."""
COPIES = (".slack-files.com", ".slack-edge.com")
"""They need no token, and get none."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PAGE = re.compile(rb"\s*<(?:!doctype html|html)\b", re.IGNORECASE)
NO_SCOPE = (
    "A member sent me files that I could not read: the app lacks the scope files:read."
    " `usher slack update` adds it, or “OAuth & Permissions”; then reinstall the app."
)

log = logging.getLogger(__name__)


def files_of(message: Mapping[str, Any]) -> tuple[Json, ...]:
    """What is kept of each until it is fetched; of one that Slack tells nothing of, such as a deleted one, its id."""
    found = [each for each in message.get("files") or [] if isinstance(each, Mapping)]
    return tuple(_named(each) for each in found[:MOST_NAMED])


def _named(file: Mapping[str, Any]) -> Json:
    size = file.get("size")
    return {
        "id": str(file.get("id") or "")[:64],
        "name": str(file.get("name") or file.get("title") or "a file")[:LONGEST_NAME],
        "size": size if isinstance(size, int) and size > 0 else 0,
        "address": str(file.get("url_private_download") or file.get("url_private") or "")[:LONGEST_ADDRESS],
        "state": _state(file),
    }


def _state(file: Mapping[str, Any]) -> str:
    """``outside``: a link to another service; ``gone``: deleted or hidden; ``ask``: of a shared channel."""
    if file.get("is_external") or file.get("mode") == "external":
        return "outside"
    if file.get("mode") in ("tombstone", "hidden_by_limit") or file.get("file_access") in (
        "file_not_found",
        "access_denied",
    ):
        return "gone"
    return ASK if file.get("file_access") == "check_file_info" else ""


class SlackFiles:
    """``db`` takes the note for administrators when the scope is missing."""

    def __init__(self, client: PacedClient, db: Database) -> None:
        self._client = client
        self._db = db
        self._own = urlsplit(client.base_url)

    async def content(self, workspace: str, file: Mapping[str, Any], most: int) -> bytes:
        """Raises `NotFetched`."""
        with acting_for(workspace):
            return await self._content(workspace, file, most)

    async def _content(self, workspace: str, file: Mapping[str, Any], most: int) -> bytes:
        if file.get("state") == ASK:
            file = await self._asked(workspace, str(file["id"]))
        if file.get("state") in ("gone", "outside"):
            raise NotFetched(str(file["state"]))
        address = str(file.get("address") or "")
        if not self.takes_token(address):
            log.warning("a file is not fetched, since its address is none of Slack's")
            raise NotFetched("outside")
        try:
            return await self._downloaded(address, most)
        except _SignIn:
            # Slack does not say why there; when asked about the file it does.
            await self._asked(workspace, str(file["id"]))
            raise NotFetched("gone") from None
        except AWAY as error:
            log.warning("a file could not be fetched: %s", type(error).__name__)
            raise NotFetched("away") from None

    def takes_token(self, address: str) -> bool | None:
        """The token goes to the host of the Web API, over TLS to those below it, and to files alone.

        False: it is fetched without, from where Slack keeps copies. None: not at all.
        """
        try:
            parts = urlsplit(address)
        except ValueError:  # such as brackets that hold no address
            return None
        host, own = parts.hostname or "", (self._own.hostname or "").removeprefix("www.")
        if (parts.scheme, parts.netloc) == (self._own.scheme, self._own.netloc):
            return True if parts.path.startswith(FILES) else None
        if not (parts.scheme == self._own.scheme == "https" and parts.netloc == host):
            return None
        if host.endswith(f".{own}"):
            return True if parts.path.startswith(FILES) else None
        return False if f".{host}".endswith(COPIES) else None

    async def _downloaded(self, address: str, most: int) -> bytes:
        async with aiohttp.ClientSession(timeout=WITHIN, cookie_jar=aiohttp.DummyCookieJar()) as session:
            for _ in range(MOST_REDIRECTS + 1):
                if (token := self.takes_token(address)) is None:
                    break
                headers = {"Authorization": f"Bearer {await self._client.bearer()}"} if token else {}
                asked = session.get(address, allow_redirects=False, proxy=self._client.proxy, headers=headers)
                async with asked as response:
                    if response.status not in REDIRECTS:
                        return await _body(response, most)
                    address = urljoin(address, response.headers.get("Location", ""))
        raise _SignIn

    async def _asked(self, workspace: str, file_id: str) -> Json:
        """What Slack tells of a file. Raises `NotFetched`."""
        try:
            return _named((await self._client.files_info(file=file_id))["file"])
        except TROUBLE as error:
            code = code_of(error)
            log.warning("Slack does not tell of a file: %s", code)
            if code == "missing_scope":
                async with self._db.begin() as tables:
                    await tell_admins(tables, workspace, "files_scope", NO_SCOPE, doctor=True)
                raise NotFetched("scope") from None
            known = isinstance(error, SlackApiError) and code not in ("ratelimited", "rate_limited")
            raise NotFetched("gone" if known else "away") from None


class _SignIn(Exception):
    """Slack leads to its sign-in instead of to the file."""


async def _body(response: aiohttp.ClientResponse, most: int) -> bytes:
    """In pieces, so that no more is taken than is kept, whatever was said of its size."""
    if response.status in (401, 403):
        raise _SignIn
    if response.status == 404:
        raise NotFetched("gone")
    if response.status != 200:
        raise NotFetched("away")
    content = bytearray()
    async for piece in response.content.iter_chunked(PIECE):
        content += piece
        if len(content) > most:
            raise NotFetched("file_size", most=most // 1_000_000)
    given = "attachment" in response.headers.get("Content-Disposition", "")
    if not given and (response.content_type == "text/html" or PAGE.match(content)):
        raise _SignIn  # the page itself, where it is not led to
    return bytes(content)
