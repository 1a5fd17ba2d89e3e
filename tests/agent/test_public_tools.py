"""What public servers really declare: all of it is offered, nothing of it is lost, and the strict API takes it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from bot.agent.gemini.declarations import Declared
from bot.agent.gemini.schemas import fitted
from bot.agent.model import Reply
from mcp_runtime.tools.tools import Tool
from playground.gemini.rules.schemas import schema as strict
from tests.agent.public_tools.collect import stored
from tests.support.gemini import Scripted

SERVERS = stored()
DEEP = 8  # levels that are compared


def there(root: Any, node: Any) -> Any:
    """A schema behind its references, and behind an `anyOf` or `allOf` of one."""
    for _ in range(20):
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            target = root
            for step in node["$ref"].removeprefix("#").split("/")[1:]:
                target = target[unquote(step).replace("~1", "/").replace("~0", "~")]
            node = target
        elif "type" not in node and len(one := node.get("anyOf") or node.get("allOf") or []) == 1:
            node = {"description": "d"} | there(root, one[0])
        else:
            return node
    return node


def lost(given: Any, sent: Any, one: Any, other: Any, at: str = "", depth: int = 0) -> Iterator[str]:
    """What a parameter had and has no more: a name, a type, its members, or any word about it."""
    one, other = there(given, one), there(sent, other)
    if depth > DEEP or not isinstance(one, dict):
        return
    if not isinstance(other, dict):
        yield at
        return
    words = other.get("description", "")
    kind = one.get("type")
    if kind and not words and other.get("type") != (kind[0] if isinstance(kind, list) and len(kind) == 1 else kind):
        yield f"{at}: type {kind} became {other.get('type')}"
    for key in ("enum", "anyOf", "oneOf"):
        if one.get(key) and key not in other and not words:
            yield f"{at}: {key}"
    for name, child in (one.get("properties") or {}).items():
        if name not in other.get("properties", {}):
            yield f"{at}.{name}"
        else:
            yield from lost(given, sent, child, other["properties"][name], f"{at}.{name}", depth + 1)
    needed = set(one.get("required") or []) - set(other.get("required", []))
    if any(f'"{name}"' not in words for name in needed):
        yield f"{at}: required {needed}"
    if isinstance(one.get("items"), dict):
        yield from lost(given, sent, one["items"], other.get("items"), f"{at}[]", depth + 1)


def test_there_are_enough_to_learn_from() -> None:
    assert len(SERVERS) >= 20 and sum(map(len, SERVERS.values())) >= 1_000


@pytest.mark.parametrize("server", sorted(SERVERS))
def test_no_tool_of_a_public_server_loses_anything(server: str) -> None:
    for given in SERVERS[server]:
        sent = fitted(given)
        assert list(strict(sent, "tool")) == [], given
        assert list(lost(given, sent, given, sent)) == [], given
        assert fitted(sent) == sent, "what fits is left alone"


async def test_the_strict_server_takes_the_tools_of_all_at_once(gemini: Scripted) -> None:
    tools = [
        Tool(f"s{number}__{place}", "T", "d", schema)
        for number, schemas in enumerate(SERVERS.values())
        for place, schema in enumerate(schemas)
    ]
    assert len({len(Declared(tools[start : start + 500]).aside) for start in range(0, len(tools), 500)} | {0}) == 1
    some = tools[::5]
    gemini.will_say("fine")
    heard = [e async for e in gemini.model.reply([gemini.model.user("hi")], some, instructions="")]
    assert isinstance(heard[-1], Reply)
    assert len(gemini.asked[-1].body["tools"][0]["functionDeclarations"]) == len(some)


def test_a_loss_would_be_noticed() -> None:
    given = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}, "required": ["a"]}
    for sent in (
        {"type": "object"},
        {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}},
        {"type": "object", "properties": {"a": {}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"type": "array", "items": {}}}, "required": ["a"]},
    ):
        assert list(lost(given, sent, given, sent))
