"""A request as the demo model reads it: the question, what tools gave since, what may be called."""

import re
from dataclasses import dataclass

from playground.gemini.wire import Json, calling_mode, declarations, each, value

NAME = "offline demo model"


@dataclass(frozen=True)
class Result:
    """One call and what came of it."""

    name: str
    arguments: Json
    response: Json


@dataclass(frozen=True)
class Talk:
    question: str
    results: tuple[Result, ...]
    tools: tuple[Json, ...]
    """Declarations; empty when none may be called."""
    known: tuple[Json, ...]
    """Declarations, also when they may not be called."""
    introduced: bool
    """It has said what it is before."""
    task: str
    """The system instruction."""
    most_tokens: int | None


def read(body: Json) -> Talk:
    contents = body["contents"]
    asked = max((i for i, content in enumerate(contents) if _question(content)), default=0)
    known = tuple(declarations(body))
    config = value(body, "generationConfig") or {}
    return Talk(
        question=_question(contents[asked]),
        results=tuple(_results(contents[asked:])),
        tools=() if calling_mode(body) == "NONE" else known,
        known=known,
        introduced=any(NAME in _words(content) for content in contents if content.get("role") == "model"),
        task=_words(value(body, "systemInstruction") or {}),
        most_tokens=value(config, "maxOutputTokens"),
    )


def _words(content: Json) -> str:
    return "\n".join(part["text"] for part in content.get("parts") or [] if part.get("text"))


def _question(content: Json) -> str:
    """What a person said, without mentions; empty for results and for files beside them."""
    words = _words(content)
    if content.get("role", "user") != "user" or each(content, "functionResponse") or words.startswith("[file "):
        return ""
    return re.sub(r"<@[^>]*>", "", words).strip()


def _results(contents: list[Json]) -> list[Result]:
    found: list[Result] = []
    calls: list[Json] = []
    for content in contents:
        responses = each(content, "functionResponse")
        for call, response in zip(calls, responses, strict=False):
            found.append(Result(call["name"], call.get("args") or {}, response["response"]))
        calls = each(content, "functionCall")
    return found
