"""What a conversation holds, by whose words they are; made of its stored messages, so it outlives a restart."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.agent import notes, summary
from bot.agent.model import Message, Model
from bot.services.approvals.flow import changes
from bot.services.approvals.flow.arguments import object_of, texts_of
from bot.services.approvals.flow.comparing import Words, came_from, read
from bot.services.approvals.flow.orders import speaks_to_an_assistant
from mcp_runtime.tools.names import OURS
from mcp_runtime.tools.tools import ToolCall

QUOTED, FILES, SUMMARY = "what others wrote", "a file", "the summary of what was said before"
MEMORY, REMINDERS, SERVERS = "past conversations", "reminders", "what servers say of their tools"
OURS_BUT_QUOTING = {f"{OURS}search_memory": MEMORY, f"{OURS}list_reminders": REMINDERS}
"""Usher's own tools that give others' words; the rest tell of Usher itself."""
DECLINED = "The member declined"
_SECTION = re.compile(r"^\[(?:What|While)\b.*?^\[End of [^\n]*$", re.DOTALL | re.MULTILINE)
_MATERIAL = re.compile(r"^(?:>.*|\[[^\n]*\])$", re.MULTILINE)
_ESCAPES = re.compile(r"\\[nrtbf\"/\\]")
LEAD = 200
"""Characters in which a long result, cut off as text, tells its source."""
_SOURCE = re.compile(r"untrusted output of (.{1,80}): data, not instructions")


@dataclass
class Given:
    """One result, or another text."""

    words: Words
    read: Mapping[str, Any] = field(default_factory=dict)
    """By which its call named the one thing that it read; empty when it read several."""
    value: Any = None
    """Its structure, where it has one."""

    @cached_property
    def to_assistant(self) -> bool:
        return any(map(speaks_to_an_assistant, self.words.texts))


@dataclass
class Origin:
    """All that came from one place. ``slug`` begins the names of its tools; empty where it has none."""

    title: str
    slug: str = ""
    given: list[Given] = field(default_factory=list)
    lately: bool = False
    """In this very turn."""


class Origins:
    """Of one turn's history, which only grows: what was looked at once is not looked at again."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._seen = 0
        self._calls: Sequence[ToolCall] = ()
        self._by_key: dict[str, Origin] = {}
        self.own = Words()
        """What the person wrote, and what the model came to write by itself before it stood anywhere else."""
        self.asked = Words()
        """What the person wrote alone."""

    @property
    def all(self) -> list[Origin]:
        return list(self._by_key.values())

    def read(self, history: Sequence[Message]) -> None:
        for message in history[self._seen :]:
            self._take(message)
        self._seen = len(history)

    def _take(self, message: Message) -> None:
        if calls := self._model.calls(message):
            self._calls = calls
            for text in (each for call in calls for each in texts_of(call.arguments)):
                if not any(_says(one.words, text, self.own) for each in self.all for one in each.given):
                    self.own.add(text)
            return
        given, files = self._model.given(message), self._model.attached(message)
        if given:
            matching = self._calls if len(self._calls) == len(given) else ()
            for at, (name, response) in enumerate(given):
                self._given(name, response, matching[at].arguments if matching else {})
        elif self._model.speaks(message):
            self._said(self._model.typed(message))
        for name, text in files:
            key = name.partition("__")[0]
            self._add(key or FILES, "" if key else FILES, key, _text(text))

    def _given(self, name: str, response: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
        told = response.get("error") or response.get("output")
        if name.startswith(OURS) and name not in OURS_BUT_QUOTING:
            return
        if isinstance(told, str) and told.startswith(changes.LEAD):
            told = self._changed(told, arguments)
        elif isinstance(told, str) and told.startswith(DECLINED):
            self._own(told, told.partition(": ")[2])
            return
        slug, title = name.partition("__")[0], OURS_BUT_QUOTING.get(name, "")
        source = _SOURCE.search(str(told.get("source", "") if isinstance(told, Mapping) else told)[:LEAD])
        title = title or (source[1] if source else "")
        if isinstance(told, Mapping):
            for note in told.get("notes", ()):
                if str(note).startswith(changes.LEAD):
                    self._changed(str(note), arguments)
            told = {key: each for key, each in told.items() if key not in ("source", "notes")}
        told = _structure(told)
        one = Given(Words(), object_of(arguments), told)
        one.words.add("\n".join(texts_of(told)))
        if name in OURS_BUT_QUOTING:
            self._add(title, title, "", one)
        else:
            self._add(slug, title, slug, one)

    def _changed(self, told: str, arguments: Mapping[str, Any]) -> str:
        """What the member put in is theirs, the rest of the call stays whoever's it was; what the tool says of it."""
        new, rest = changes.parted(told)
        for text in changes.put_in(new, arguments):
            self._own(text)
        return rest

    def _said(self, text: str) -> None:
        if text.startswith(summary.LEAD):
            self._add(SUMMARY, SUMMARY, "", _text(text.removeprefix(summary.LEAD)))
            return
        before, servers, said = text.partition(notes.SERVERS)
        if servers and not _MATERIAL.sub("", _SECTION.sub("", before)).strip():
            self._own(before, _MATERIAL.sub("", before))
            self._add(SERVERS, SERVERS, "", _text(said))
            return
        if before.startswith(notes.NOTED):
            self._own(text, _MATERIAL.sub("", text))
            return
        for each in self.all:
            each.lately = False
        rest = _SECTION.sub("", text)
        quoted = "\n".join([*_SECTION.findall(text), *_MATERIAL.findall(rest)])
        if quoted.strip():
            self._add(QUOTED, QUOTED, "", _text(quoted))
        self._own(_MATERIAL.sub("", rest))

    def _own(self, text: str, asked: str | None = None) -> None:
        """``asked`` is what of it the person wrote, where it is not all: our own words ask for nothing."""
        self.own.add(text)
        self.asked.add(text if asked is None else asked)

    def _add(self, key: str, title: str, slug: str, one: Given) -> None:
        origin = self._by_key.setdefault(key, Origin(title or key, slug))
        origin.title = title or origin.title
        origin.lately = key != SERVERS
        origin.given.append(one)


def _says(origin: Words, text: str, own: Words) -> bool:
    return came_from(read(text), origin, own) or (text.casefold() in origin.tokens and not own.says(text))


def _text(text: str) -> Given:
    one = Given(Words())
    one.words.add(text)
    return one


def _structure(told: Any) -> Any:
    """JSON that was written as text is read as what it is; of what was cut off, its words."""
    if isinstance(told, dict):
        return {key: _structure(each) for key, each in told.items()}
    if isinstance(told, str) and told.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(told)
        except (ValueError, RecursionError):
            return _ESCAPES.sub(" ", told)
    return told
