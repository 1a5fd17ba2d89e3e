"""A conversation's log as one page: what was said, which steps were taken, how it stands."""

from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from bot.services.links.values import Guest
from bot.web.chat import wire
from bot.web.chat.markdown import html
from bot.web.chat.streams import PAGE
from bot.web.edge.context import WebServices
from storage.tables import Event

BUSY = frozenset({"queued", "working", "waiting"})
_WORDS = {
    "queued": "An answer is on its way",
    "working": "Writing an answer",
    "waiting": "Waiting for the host to approve",
    "stopped": "Stopped",
    "failed": "Something went wrong. Please try again.",
    "interrupted": "The answer was interrupted. Please ask again.",
}
WHO = {"": "AI assistant", "host": "{name} answers you", "asked": "AI assistant · {name} was asked to join"}


@dataclass
class Item:
    """A message, a step that a tool took, or that somebody else answers from there on."""

    kind: str
    body: dict[str, Any]

    @property
    def html(self) -> Markup:
        return html(self.body["text"])


@dataclass
class Shown:
    items: list[Item] = field(default_factory=list)
    last: int = 0
    state: str = ""
    text: str = ""
    """How the conversation stands, in words; empty when there is nothing to say."""
    unanswered: set[str] = field(default_factory=set)
    """Turns of questions that nobody has taken up yet."""

    who: str = ""
    """Who answers, as the log has it: host, agent, asked, unanswered; empty while it was always the agent."""
    host: str = ""
    """What that person is called."""

    @property
    def who_in_words(self) -> str:
        return WHO.get(self.who, WHO[""]).format(name=self.host)

    @property
    def busy(self) -> bool:
        return self.state in BUSY

    def add(self, event: Event) -> None:
        self.last = event.seq
        if (told := wire.public(event)) is None:
            return
        kind, body = told
        if kind == "message":
            self.items.append(Item("message", body))
            if body["author"] == "guest" and not event.body.get("to_host"):
                self.unanswered.add(body["turn"])
            elif body["author"] == "host" or self.state == "paused":
                self.state = self.text = ""
        elif kind == "host":
            self.items.append(Item("host", body))
            self.who, self.host = body["state"], body["name"]
            if self.who == "host":  # nothing that the agent was at is waited for any more
                self.state = self.text = ""
        elif kind == "tool":
            self._step(body)
        elif kind == "status":
            self.unanswered.discard(body["turn"])
            self.state, self.text = body["state"], body.get("text") or _WORDS.get(body["state"], "")
        elif kind == "limit":
            self.state, self.text = "limited", body["text"]
        if self.unanswered and self.state != "working":
            self.state, self.text = "queued", _WORDS["queued"]

    def _step(self, body: dict[str, Any]) -> None:
        for item in self.items:
            if item.kind == "tool" and item.body["call"] == body["call"]:
                item.body = body
                return
        self.items.append(Item("tool", body))


async def shown(services: WebServices, guest: Guest) -> Shown:
    page = Shown()
    while events := await services.links.log(guest, page.last, PAGE):
        for event in events:
            page.add(event)
        if len(events) < PAGE:
            break
    return page
