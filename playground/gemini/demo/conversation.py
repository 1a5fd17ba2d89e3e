"""A request as the demo model reads it: what was asked in each turn, what tools gave, what may be called."""

import html
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass, replace

from playground.gemini.demo.tools.tool import Tool
from playground.gemini.wire import Json, calling_mode, declarations, each, value

NAME = "offline demo model"
LONGEST = 8_000
"""Characters of a question that are read: more than any tool here would take."""
SUMMARY = "[Summary of the conversation so far"
NOTE, END = "[A note by Usher; nobody typed it]", "[End of the note]"
SENT = re.compile(r"\s*\[A file that [^\[\]“]{1,100}, called “([^”]*)”[^\]]*\]")
"""Before a file that came with somebody's words."""
BESIDE = re.compile(r"\s*\[A file came with this message [^\]]*\]|^\(The member typed nothing with it\.\)")
LEADS = (
    "[What the member's connected servers say about their own tools.",
    "[What the member has asked you to remember,",
)
"""Before the conversation, in a message of their own."""


@dataclass(frozen=True)
class Call:
    name: str
    arguments: Json


@dataclass(frozen=True)
class Result:
    """One call and what came of it."""

    name: str
    arguments: Json
    response: Json

    @property
    def failed(self) -> bool:
        return "error" in self.response

    @property
    def call(self) -> Call:
        return Call(self.name, self.arguments)


@dataclass(frozen=True)
class SentFile:
    name: str
    text: str = ""
    """What is written in it; empty where it is no text."""


@dataclass(frozen=True)
class Turn:
    question: str
    results: tuple[Result, ...] = ()
    said: str = ""
    files: tuple[SentFile, ...] = ()
    """Those that came with the question."""


@dataclass(frozen=True)
class Conversation:
    turns: tuple[Turn, ...]
    """At least one; the last is being answered."""
    tools: tuple[Tool, ...]
    may_call: bool
    task: str
    """The system instruction, and the newest note beside somebody's words."""
    summary: str = ""
    """What stands for turns that were folded away."""
    most_tokens: int | None = None

    @property
    def now(self) -> Turn:
        return self.turns[-1]

    @property
    def earlier(self) -> tuple[Turn, ...]:
        return self.turns[:-1]

    @property
    def introduced(self) -> bool:
        return NAME in self.summary or any(NAME in turn.said for turn in self.turns)

    @property
    def by_guest(self) -> bool:
        return "You talk with a guest" in self.task

    def before(self) -> "Conversation | None":
        """As it stood when the answer before this one was given."""
        return replace(self, turns=self.earlier) if self.earlier else None

    def tool(self, name: str) -> Tool | None:
        return next((tool for tool in self.tools if tool.name == name), None)


def read(body: Json) -> Conversation:
    contents, note = _without_notes(body["contents"])
    config = value(body, "generationConfig") or {}
    summary = _words(contents[0]) if contents and _words(contents[0]).startswith(SUMMARY) else ""
    return Conversation(
        turns=tuple(_turns(contents[1:] if summary else contents)) or (Turn(""),),
        tools=tuple(Tool.declared(each) for each in declarations(body)),
        may_call=calling_mode(body) != "NONE",
        task="\n\n".join(filter(None, [_words(value(body, "systemInstruction") or {}), note])),
        summary=summary,
        most_tokens=value(config, "maxOutputTokens"),
    )


def _without_notes(contents: list[Json]) -> tuple[list[Json], str]:
    """What people, tools and the model said; and the newest of the notes that stand before somebody's words.

    What servers say about their tools, and what is to be remembered, is left aside: it is nobody's question.
    """
    kept: list[Json] = []
    note = ""
    for content in contents:
        parts = content.get("parts") or []
        first = str(parts[0].get("text") or "") if parts and content.get("role", "user") == "user" else ""
        if first.startswith(NOTE) and first.endswith(END):
            note, content = first, {**content, "parts": parts[1:]}
        if content.get("parts") and not first.startswith(LEADS):
            kept.append(content)
    return kept, note


def _turns(contents: list[Json]) -> list[Turn]:
    turns: list[Turn] = []
    calls: list[Json] = []
    for content in contents:
        responses = each(content, "functionResponse")
        if question := _question(content):
            turns.append(Turn(question, files=tuple(_files(content))))
        elif turns:
            pairs = zip(calls, responses, strict=False)
            found = [Result(call["name"], call.get("args") or {}, answer["response"]) for call, answer in pairs]
            said = _words(content) if content.get("role") == "model" else ""
            last = turns[-1]
            turns[-1] = replace(last, results=(*last.results, *found), said=f"{last.said}\n{said}".strip())
        calls = each(content, "functionCall")
    return turns


def _words(content: Json) -> str:
    return "\n".join(
        part["text"] for part in content.get("parts") or [] if part.get("text") and not part.get("thought")
    )


def _question(content: Json) -> str:
    """What a person said, without mentions; empty for results and for files beside them."""
    words = BESIDE.sub("", SENT.sub("", _words(content)))
    if content.get("role", "user") != "user" or each(content, "functionResponse") or words.startswith("[file "):
        return ""
    unlinked = re.sub(r"<(https?:[^|>]+)(?:\|[^>]*)?>", r"\1", re.sub(r"<@[^>]*>", "", words))
    return html.unescape(unlinked).strip()[:LONGEST] or "…"


def _files(content: Json) -> Iterator[SentFile]:
    """Each stands behind the line that names it; one that is not shown any more has its line alone."""
    parts = content.get("parts") or []
    for place, part in enumerate(parts):
        if found := SENT.match(part.get("text") or ""):
            follows = value(parts[place + 1], "inlineData") if place + 1 < len(parts) else None
            yield SentFile(found[1], _text(follows) if follows else "")


def _text(inline: Json) -> str:
    if value(inline, "mimeType") != "text/plain":
        return ""
    return urlsafe_b64decode(str(inline["data"]).replace("+", "-").replace("/", "_")).decode(errors="replace")
