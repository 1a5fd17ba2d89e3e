"""Files that people send: each message comes with what is known of them, and what is in them has an address of its own.

As in Slack, only a token that may read files is given one there; anybody else is led to the sign-in.
"""

import base64
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from mimetypes import guess_type
from urllib.parse import quote

from aiohttp import web

from playground.slack.core.changes import Json
from playground.slack.core.ids import new_id
from playground.slack.core.refusal import Refused, Unable
from playground.slack.shared_state import SharedState
from playground.slack.surfaces.files import LARGEST_DRAWN, LARGEST_READ, PICTURES

LARGEST_SENT, MOST_SENT = 20 << 20, 10
SCOPE = "files:read"
KEPT = "sent_file"


@dataclass(frozen=True)
class Sending:
    """A file as a person hands it over."""

    name: str
    content: bytes


class SentFiles:
    def __init__(self, shared: SharedState) -> None:
        self._shared = shared
        self._kept: dict[str, tuple[Json, bytes]] = {
            file_id: (doc["shown"], base64.b64decode(doc["content"])) for file_id, doc in shared.store.of(KEPT).items()
        }
        self.address, self.token = "", ""
        self.also: Callable[[str], bool] = lambda token: False
        """Other tokens that open them here: those that OAuth gave."""
        self.instead: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
        """What a test lets Slack answer."""

    def taken(self, person: str, files: Sequence[Sending]) -> list[Json]:
        """As a message shows them from now on."""
        if len(files) > MOST_SENT:
            raise Unable(f"A message takes {MOST_SENT} files.")
        if any(not each.content or len(each.content) > LARGEST_SENT for each in files):
            raise Unable(f"A file has from 1 byte to {LARGEST_SENT >> 20} MB.")
        return [self._take(person, each) for each in files]

    def _take(self, person: str, file: Sending) -> Json:
        file_id = new_id("F")
        kind = guess_type(file.name)[0] or "application/octet-stream"
        here = f"{self.address}/files-pri/{self._shared.team.id}-{file_id}"
        shown = {
            "id": file_id,
            "user": person,
            "name": file.name,
            "title": file.name,
            "mimetype": kind,
            "filetype": file.name.rpartition(".")[2].lower() or "binary",
            "mode": "hosted",
            "is_external": False,
            "file_access": "visible",
            "size": len(file.content),
            "url_private": f"{here}/{quote(file.name)}",
            "url_private_download": f"{here}/download/{quote(file.name)}",
        }
        self._kept[file_id] = shown, file.content
        packed = base64.b64encode(file.content).decode()
        self._shared.store.put(KEPT, file_id, {"shown": shown, "content": packed})
        return shown | _drawn(file)

    def info(self, args: Json) -> Json:
        """``files.info``."""
        if (found := self._kept.get(args["file"])) is None:
            raise Refused("file_not_found")
        return {"file": found[0]}

    def gone(self, files: Sequence[Json]) -> None:
        """With the message that they came with."""
        for each in files:
            if self._kept.pop(each["id"], None):
                self._shared.store.drop(KEPT, each["id"])

    async def give(self, request: web.Request) -> web.StreamResponse:
        if self.instead:
            return await self.instead(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        own = bool(self.token) and hmac.compare_digest(token.encode(errors="replace"), self.token.encode())
        known = own or self.also(token)
        if not known or self._shared.app.lacks(SCOPE):
            raise web.HTTPFound(f"{self.address}/?redir={quote(request.path)}")
        found = re.fullmatch(rf"{self._shared.team.id}-(F\w+)", request.match_info["key"])
        if found is None or (kept := self._kept.get(found[1])) is None:
            raise web.HTTPNotFound
        shown, content = kept
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(shown['name'])}"}
        return web.Response(body=content, content_type=shown["mimetype"], headers=headers)


def _drawn(file: Sending) -> Json:
    """For the page alone."""
    kind = PICTURES.get(file.name.rpartition(".")[2].lower())
    if kind and len(file.content) <= LARGEST_DRAWN:
        return {"picture": f"data:{kind};base64,{base64.b64encode(file.content).decode()}"}
    if file.name.endswith((".txt", ".md", ".csv")):
        return {"text": file.content.decode(errors="replace")[:LARGEST_READ]}
    return {}
