"""From a turn that is over to the pieces that its member may find again; pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.agent.model import Model
from bot.services.memory.chunks import chunks
from bot.services.memory.worth import remembered, without_secrets
from mcp_runtime.tools.tools import ToolCall
from mcp_runtime.tools.untrusted_text import one_line
from storage.repositories.memories.memories import Piece
from storage.tables import Event, Message, Turn

MOST_ABOUT = 200
BY_US = ("go_on:", "start_over:")
"""Sources of turns whose words no member wrote, or wrote before."""


def pieces(
    model: Model, turn: Turn, messages: Sequence[Message], events: Sequence[Event], titles: Mapping[str, str]
) -> list[Piece]:
    """``messages`` are the turn's and the one before them; ``titles`` says what people call a tool, by its name.

    A tool that is not in ``titles`` is not remembered: it is gone, its card wants it so, or it is Usher's own, whose
    results would echo what is remembered already.
    """
    found: list[Piece] = []
    if turn.kind == "say" and not turn.source.startswith(BY_US):
        found += _cut(turn.text, "said")
    asked: tuple[ToolCall, ...] = ()
    for message in messages:
        given = model.given(message.content) if message.turn_id == turn.id else []
        for place, (name, response) in enumerate(given):
            arguments = asked[place].arguments if place < len(asked) and asked[place].name == name else {}
            found += _of_tool(name, arguments, response.get("output"), titles)
        asked = model.calls(message.content) or (() if given else asked)
    said = (each.body for each in events if each.kind == "message" and each.body.get("author") == "agent")
    for body in said:
        if not body.get("partial"):
            found += _cut(str(body.get("text", "")), "answer")
    return found


def _of_tool(name: str, arguments: Mapping[str, Any], output: Any, titles: Mapping[str, str]) -> list[Piece]:
    if output is None or name not in titles:
        return []
    result = output.get("result", output) if isinstance(output, dict) else output
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    return _cut(text, "tool", titles[name], _about(arguments))


def _about(arguments: Mapping[str, Any]) -> str:
    told = (f"{name}: {value}" for name, value in arguments.items() if isinstance(value, str | int | float) and value)
    return without_secrets(one_line(", ".join(told), MOST_ABOUT))[:MOST_ABOUT]


def _cut(text: str, kind: str, source: str = "", about: str = "") -> list[Piece]:
    return [Piece(each, kind, source, about) for each in chunks(remembered(text))]
