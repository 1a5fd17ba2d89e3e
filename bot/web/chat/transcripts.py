"""A conversation's log as one page: what was said, which steps were taken, how it stands."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from bot.web.chat import wire
from bot.web.chat.made_html import MADE
from bot.words import Words
from storage.tables import Event

BUSY = frozenset({"queued", "working", "waiting"})


@dataclass
class Item:
    """A message, a step that a tool took, or that somebody else answers from there on."""

    kind: str
    body: dict[str, Any]
    image: str = "image"
    """The reader's word for one."""
    verdict: str = ""
    """What the guest thinks of it: up, down, or nothing."""
    seq: int = 0
    """Where in the log it begins."""
    conversation: str = ""

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.body["at"] / 1000, UTC)

    @property
    def files(self) -> list[dict[str, Any]]:
        """That came with it."""
        return list(self.body.get("files", ()))

    @property
    def says_only_files(self) -> bool:
        """Its words are the names of these."""
        return bool(self.files) and self.body["text"] == ", ".join(each["name"] for each in self.files)

    @property
    def html(self) -> Markup:
        return MADE.of(self.conversation, self.body["text"], self.image)

    async def make_ready(self) -> None:
        """So that a page with its `html` is put together at once."""
        if self.kind == "message" and self.body["author"] == "agent":
            await MADE.make_ready(self.conversation, self.body["text"], self.image)


@dataclass
class Shown:
    words: Words
    items: list[Item] = field(default_factory=list)
    last: int = 0
    state: str = ""
    text: str = ""
    """How the conversation stands, in words; empty when there is nothing to say."""
    unanswered: set[str] = field(default_factory=set)
    """Turns of questions that nobody has taken up yet."""

    who: str = ""
    """Who answers, as the log has it: host, agent, asked, unanswered; empty while it was always the agent."""
    line: str = ""
    """The same in words."""

    earlier: str = ""
    """The position before which more was said; empty when these are the first words."""
    newest: bool = True

    def __post_init__(self) -> None:
        self.line = self.words("host.line_agent")

    @property
    def busy(self) -> bool:
        return self.state in BUSY

    @property
    def may_edit(self) -> bool:
        """The last message is open, or its answer was cut."""
        return self.newest and self.state in ("queued", "stopped", "failed", "interrupted") and bool(self.last_question)

    @property
    def last_question(self) -> str:
        asked = (str(item.body["text"]) for item in reversed(self.items) if item.body.get("author") == "guest")
        return next(asked, "")

    def add(self, event: Event) -> None:
        self.last = event.seq
        if (told := wire.public(event, self.words)) is None:
            return
        kind, body = told
        if kind == "message":
            image = self.words("script.image")
            self.items.append(Item("message", body, image, seq=event.seq, conversation=event.conversation_id))
            if body["author"] == "guest" and not event.body.get("to_host"):
                self.unanswered.add(body["turn"])
            elif body["author"] == "host" or self.state == "paused":
                self.state = self.text = ""
        elif kind == "host":
            self.items.append(Item("host", body, seq=event.seq))
            self.who, self.line = body["state"], body["line"]
            if self.who == "host":  # nothing that the agent was at is waited for any more
                self.state = self.text = ""
        elif kind == "tool":
            self._step(body, event.seq)
        elif kind == "status":
            self.unanswered.discard(body["turn"])
            self.state, self.text = body["state"], body["text"]
        elif kind == "rating":
            self._rate(body)
        elif kind == "limit":
            self.state, self.text = "limited", body["text"]
        if self.unanswered and self.state != "working":
            self.state, self.text = "queued", self.words("status.queued")

    def amend(self, event: Event) -> None:
        """What was told later of something that stands here already, and nothing else of it."""
        if (told := wire.public(event, self.words)) is None:
            return
        kind, body = told
        if kind == "rating":
            self._rate(body)
        elif any(item.body.get("call") == body["call"] for item in self.items):
            self._step(body, event.seq)

    def _rate(self, body: dict[str, Any]) -> None:
        for item in self.items:
            if item.body.get("author") == "agent" and item.body["turn"] == body["turn"]:
                item.verdict = body["verdict"]

    def _step(self, body: dict[str, Any], seq: int) -> None:
        for item in self.items:
            if item.kind == "tool" and item.body["call"] == body["call"]:
                item.body = body
                return
        self.items.append(Item("tool", body, seq=seq))
