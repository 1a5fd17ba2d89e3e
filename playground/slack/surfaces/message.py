"""One message: as it is kept, as Slack's API shows it, and as the page draws it."""

from dataclasses import dataclass, field

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP, APP_BOT, TEAM, new_id


@dataclass
class Message:
    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] | None = None
    thread_ts: str | None = None
    by_app: bool = False
    local: bool = False  # a remark of the workspace itself: the app knows nothing of it
    ephemeral_for: str | None = None
    edited: bool = False
    attachments: list[Json] = field(default_factory=list)  # messages that were passed on with it
    files: list[Json] = field(default_factory=list)
    broadcast: bool = False  # a reply that stands in the channel as well
    reactions: dict[str, list[str]] = field(default_factory=dict)
    reply_count: int = 0
    replied_at: str | None = None
    # A stream that was started, and what has become of it
    chunks: list[Json] | None = None
    mode: str = ""  # markdown_text or chunks, whichever came first
    display: str = "timeline"
    at_first: int = 0  # how many chunks it started with: all that others see until it is done
    recipient: str | None = None
    streaming_since: float | None = None
    can_stop: bool = False
    stopped_by_user: bool = False
    broken: bool = False
    session_status: str | None = None
    team: str = TEAM
    metadata: Json | None = None  # given back to who asks for it, and drawn nowhere

    @property
    def root_ts(self) -> str:
        return self.thread_ts or self.ts

    def all_blocks(self) -> list[Json]:
        inside = [block for chunk in self.chunks or () if chunk["type"] == "blocks" for block in chunk["blocks"]]
        return inside + (self.blocks or [])

    def as_slack(self) -> Json:
        shown: Json = {"type": "message", "user": self.user, "ts": self.ts, "team": self.team, "text": self.all_text()}
        if self.by_app:
            profile = {"id": APP_BOT, "app_id": APP, "team_id": self.team}
            shown |= {"bot_id": APP_BOT, "app_id": APP, "bot_profile": profile}
        if self.broadcast:
            shown["subtype"] = "thread_broadcast"
        if self.attachments:
            shown["attachments"] = self.attachments
        if self.files:
            shown["files"] = [
                {name: each[name] for name in each if name not in ("picture", "text")} for each in self.files
            ]
        if self.blocks is not None:
            shown["blocks"] = self.blocks
        if self.thread_ts or self.reply_count:
            shown["thread_ts"] = self.root_ts
        if self.reply_count:
            shown |= {"reply_count": self.reply_count, "latest_reply": self.replied_at}
        if self.edited:
            shown["edited"] = {"user": self.user, "ts": self.ts}
        if self.reactions:
            shown["reactions"] = [reaction | {"count": len(reaction["users"])} for reaction in self._reactions()]
        return shown

    def all_text(self) -> str:
        if self.chunks is None:
            return self.text
        return "".join(chunk["text"] for chunk in self.chunks if chunk["type"] == "markdown_text")

    def _with_shared(self) -> str:
        quoted = [f"&gt; *{each['author_name']}*: {each['text']}".replace("\n", "\n&gt; ") for each in self.attachments]
        return "\n".join(filter(None, (self.all_text(), *quoted)))

    def for_page(self, person: str) -> Json:
        streaming = self.streaming_since is not None
        watching = not streaming or self.recipient in (None, person)
        chunks = self.chunks if self.chunks is None or watching else self.chunks[: self.at_first]
        return {
            "channel": self.channel,
            "ts": self.ts,
            "thread_ts": self.thread_ts,
            "user": self.user,
            "by_app": self.by_app,
            "time": float(self.ts),
            "text": self._with_shared() if watching else "",
            "blocks": self.blocks,
            "files": self.files,
            "parts": None if chunks is None else parts(chunks),
            "display": self.display,
            "streaming": streaming,
            "stoppable": streaming and watching and self.can_stop,
            "stopped": self.stopped_by_user,
            "broken": self.broken,
            "ephemeral": self.ephemeral_for is not None,
            "edited": self.edited,
            "reactions": self._reactions(),
            "reply_count": self.reply_count,
            "replied_at": self.replied_at,
        }

    def _reactions(self) -> list[Json]:
        return [{"name": name, "users": users} for name, users in self.reactions.items()]


def parts(chunks: list[Json]) -> list[Json]:
    """A stream as it is drawn: text joined, each task and the plan's title in the place where they first came."""
    found: list[Json] = []
    tasks: dict[str, Json] = {}
    for chunk in chunks:
        kind = chunk["type"]
        if kind == "task_update":
            _update_task(found, tasks, chunk)
        elif kind == "plan_update":
            plan = next((part for part in found if part["type"] == "plan"), None)
            if plan is None:
                found.insert(0, plan := {"type": "plan"})
            plan["title"] = chunk["title"]
        elif kind == "blocks":
            found.append({"type": "blocks", "blocks": chunk["blocks"]})
        elif found and found[-1]["type"] == "markdown":
            found[-1]["text"] += chunk["text"]
        else:
            found.append({"type": "markdown", "text": chunk["text"]})
    return found


def _update_task(found: list[Json], tasks: dict[str, Json], chunk: Json) -> None:
    if (task := tasks.get(chunk["id"])) is None:
        task = tasks[chunk["id"]] = {"type": "task", "id": chunk["id"], "details": "", "output": "", "sources": []}
        found.append(task)
    # Details and output are appended to what was there, title and status replaced.
    task |= {name: chunk[name] for name in ("title", "status", "sources") if name in chunk}
    task["status"] = task.get("status", "pending")
    for name in ("details", "output"):
        task[name] += chunk.get(name) or ""


def identified(blocks: list[Json] | None) -> list[Json] | None:
    """Blocks as Slack hands them back: each with a ``block_id``, each element with an ``action_id``."""
    return None if blocks is None else [_with_ids(block) for block in blocks]


def _with_ids(block: Json) -> Json:
    named = {"block_id": new_id("b"), **block}
    for key in ("element", "accessory"):
        if isinstance(block.get(key), dict) and _acts(block[key]):
            named[key] = {"action_id": new_id("a"), **block[key]}
    if block["type"] in ("actions", "context_actions"):
        named["elements"] = [{"action_id": new_id("a"), **element} for element in block["elements"]]
    return named


def _acts(element: Json) -> bool:
    return element.get("type") != "image"
