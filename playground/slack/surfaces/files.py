"""Files that the app uploads: an address for each, its bytes there, and then a message that shares them."""

import base64
import re
import secrets
from dataclasses import dataclass

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP_USER, new_id
from playground.slack.core.refusal import Refused
from playground.slack.shared_state import SharedState
from playground.slack.surfaces.messages import Messages

LARGEST = 8 << 20
LARGEST_DRAWN = 2 << 20
LARGEST_READ = 100_000
PICTURES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


@dataclass
class Upload:
    id: str
    name: str
    length: int
    about: str = ""
    content: bytes | None = None


class Files:
    def __init__(self, shared: SharedState, messages: Messages) -> None:
        self._shared, self._messages = shared, messages
        self._by_key: dict[str, Upload] = {}
        self.address = ""

    def begin(self, args: Json) -> Json:
        length = str(args["length"])
        if not re.fullmatch(r"[1-9]\d*", length):
            raise Refused("invalid_arguments", "[ERROR] length must be a number greater than 0")
        if int(length) > LARGEST:
            raise Refused("file_upload_size_restricted")
        key, upload = secrets.token_urlsafe(16), Upload(new_id("F"), args["filename"], int(length))
        upload.about = args.get("alt_txt") or ""
        self._by_key[key] = upload
        return {"upload_url": f"{self.address}/upload/{key}", "file_id": upload.id}

    def receive(self, key: str, content: bytes) -> str | None:
        """Slack's words for it; None when nothing is expected here, or something else."""
        upload = self._by_key.get(key)
        if upload is None or upload.content is not None or len(content) != upload.length:
            return None
        upload.content = content
        return f"OK - {len(content)}"

    def complete(self, args: Json) -> Json:
        """Once, and only what has arrived; without a channel a file stays private, and is not kept here."""
        wanted = args["files"] if isinstance(args["files"], list) else []
        there = {upload.id: (key, upload) for key, upload in self._by_key.items()}
        if not wanted or any(not isinstance(each, dict) or each.get("id") not in there for each in wanted):
            raise Refused("file_not_found")
        found = [there[each["id"]] for each in wanted]
        if any(upload.content is None for _, upload in found):
            raise Refused("file_not_found")
        channel_id = args.get("channel_id")
        shown = [_shown(upload, each.get("title")) for (_, upload), each in zip(found, wanted, strict=True)]
        if channel_id:
            channel = self._shared.directory.channel(channel_id)
            message = self._messages.new(
                channel, APP_USER, {"text": args.get("initial_comment") or "", "thread_ts": args.get("thread_ts")}
            )
            message.files = shown
            self._messages.add(message)
        for key, _ in found:
            del self._by_key[key]
        return {"files": [{name: each[name] for name in ("id", "name", "title", "mimetype", "size")} for each in shown]}

    def delete(self, args: Json) -> Json:
        """Of the app's own; a message that says nothing beside its files goes with the last of them."""
        wanted = args["file"]
        if key := next((key for key, upload in self._by_key.items() if upload.id == wanted), None):
            del self._by_key[key]
            return {}
        if (message := self._messages.with_file(wanted)) is None:
            raise Refused("file_not_found")
        message.files = [each for each in message.files if each["id"] != wanted]
        if message.files or message.text:
            self._messages.show(message)
        else:
            self._messages.remove(message)
        return {}


def _shown(upload: Upload, title: str | None) -> Json:
    content = upload.content or b""
    kind = PICTURES.get(upload.name.rpartition(".")[2].lower(), "application/octet-stream")
    shown: Json = {
        "id": upload.id,
        "name": upload.name,
        "title": title or upload.name,
        "mimetype": kind,
        "size": len(content),
        "alt_txt": upload.about,
    }
    if kind.startswith("image/") and len(content) <= LARGEST_DRAWN:
        shown["picture"] = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    if upload.name.endswith((".txt", ".md")):
        shown["mimetype"] = "text/plain"
        shown["text"] = content.decode(errors="replace")[:LARGEST_READ]
    return shown
