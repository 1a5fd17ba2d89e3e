"""Whatever a server sends, mending it raises nothing, and gives what the SDK takes."""

import json
import random
from typing import Any

import pytest
from mcp import types
from mcp_types import methods

from mcp_runtime.tools.output_schemas import misfit
from mcp_runtime.tools.repetition import Repeated
from mcp_runtime.tools.results import for_model
from mcp_runtime.transports.mending.handshakes import mended_handshake
from mcp_runtime.transports.mending.listings import mended_listing
from mcp_runtime.transports.mending.messages import encoded, mended, sound
from mcp_runtime.transports.mending.results import KNOWN, mended_result, notes_of

WORDS = [
    *("name", "title", "type", "text", "data", "mimeType", "content", "structuredContent", "isError", "_meta", "tools"),
    *("inputSchema", "outputSchema", "properties", "required", "annotations", "resource", "uri", "blob", "resultType"),
    *("object", "image", "resource_link", "audio", "$ref", "items", "enum", "nextCursor", "usher/bare", "execution"),
    *(
        "protocolVersion",
        "capabilities",
        "serverInfo",
        "2025-06-18",
        "2026-07-28",
        "complete",
        "#/$defs/x",
        "",
        "\ud83d",
    ),
    *(
        "jsonrpc",
        "id",
        "result",
        "error",
        "method",
        "params",
        "code",
        "message",
        "2.0",
        "icons",
        "ttlMs",
        "x-mcp-header",
    ),
]
CALL = {
    "content": [
        {"type": "text", "text": "seen"},
        {"type": "image", "data": "cG5n", "mimeType": "image/png"},
        {"type": "resource", "resource": {"uri": "x://y", "text": "a", "mimeType": "text/plain"}},
        {"type": "resource_link", "uri": "x://y", "name": "n"},
    ],
    "structuredContent": {"a": [1, {"b": None}]},
    "isError": False,
    "_meta": {},
}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
TOOL = {"name": "look", "title": "Look", "description": "Looks.", "inputSchema": SCHEMA, "outputSchema": SCHEMA}
LISTING = {"tools": [TOOL, TOOL | {"annotations": {"readOnlyHint": True}, "icons": [], "_meta": {}}], "nextCursor": "1"}
HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"tools": {"listChanged": True}},
    "serverInfo": {"name": "odd", "version": "1"},
    "instructions": "Ask.",
}


def diced(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  the same each time


def anything(dice: random.Random, depth: int = 3) -> Any:
    kinds = [None, True, False, 0, -1, 1.5, float("nan"), 10**40, "", "x", [], {}]
    if depth == 0 or dice.random() < 0.5:
        return dice.choice([*kinds, dice.choice(WORDS)])
    if dice.random() < 0.5:
        return [anything(dice, depth - 1) for _ in range(dice.randrange(4))]
    return {dice.choice(WORDS): anything(dice, depth - 1) for _ in range(dice.randrange(5))}


def spoiled(dice: random.Random, value: Any) -> Any:
    """The same with some of its parts taken away, exchanged or added."""
    if dice.random() < 0.12:
        return anything(dice)
    if isinstance(value, list):
        return [spoiled(dice, each) for each in value if dice.random() > 0.1]
    if isinstance(value, dict):
        kept = {name: spoiled(dice, each) for name, each in value.items() if dice.random() > 0.1}
        return kept | ({dice.choice(WORDS): anything(dice)} if dice.random() < 0.3 else {})
    return value


def objects(dice: random.Random, like: Any, number: int = 400) -> list[dict[str, Any]]:
    """As they come out of the envelope."""
    sent = (json.dumps({"id": 1, "result": spoiled(dice, like)}).encode() for _ in range(number))
    return [json.loads(encoded(message))["result"] for each in sent for message in mended(each)]


@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18", "2025-11-25", "2026-07-28"])
@pytest.mark.parametrize("seed", range(3))
async def test_a_listing_that_is_mended_is_taken(version: str, seed: int) -> None:
    for page in objects(diced(seed), LISTING):
        left_out = await mended_listing(page, version)
        methods.validate_server_result("tools/list", version, page)
        assert all(isinstance(each.name, str) for each in left_out)
        for tool in types.ListToolsResult.model_validate(page, by_name=False).tools:
            misfit({"outputSchema": tool.output_schema}, {"a": 1})


@pytest.mark.parametrize("version", ["2024-11-05", "2025-11-25", "2026-07-28"])
@pytest.mark.parametrize("seed", range(3))
def test_a_result_that_is_mended_is_taken_and_told(version: str, seed: int) -> None:
    dice = diced(seed)
    for result in objects(dice, CALL):
        if version == "2026-07-28" and result.get("resultType") not in KNOWN:
            continue  # another kind of answer, which asks for something, or that nobody knows
        mended_result(result, version)
        methods.validate_server_result("tools/call", version, result)
        taken = types.CallToolResult.model_validate(result, by_name=False)
        told = for_model("Odd", taken, {"outputSchema": anything(dice)}, notes_of(taken))
        assert told.failed or "result" in told.output
        Repeated(result.get("structuredContent")).says("seen")


@pytest.mark.parametrize("seed", range(3))
def test_a_handshake_that_is_mended_is_taken(seed: int) -> None:
    for result in objects(diced(seed), HELLO):
        mended_handshake(result)
        methods.validate_server_result("initialize", "2025-11-25", result)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"tools": {}, "resources": {"subscribe": "yes"}, "prompts": []}, {"tools", "resources", "prompts"}),
        ({"prompts": True, "resources": False, "tools": None}, {"prompts"}),
        (["tools", "resources", "logging"], {"tools", "resources"}),
        ("tools", set()),
        (None, set()),
    ],
)
def test_what_a_server_declares_in_any_form_is_kept(told: Any, kept: set[str]) -> None:
    result = {**HELLO, "capabilities": told}
    mended_handshake(result)
    assert set(result["capabilities"]) == kept


@pytest.mark.parametrize("seed", range(3))
def test_a_message_that_is_mended_is_one(seed: int) -> None:
    dice, found = diced(seed), 0
    whole = {"jsonrpc": "2.0", "id": 7, "result": CALL}
    failed = {"jsonrpc": "2.0", "id": 7, "error": {"code": -32000, "message": "no"}}
    for _ in range(600):
        sent = json.dumps(spoiled(dice, dice.choice([whole, failed, [whole, failed]]))).encode()
        for message in mended(sent, 7):
            found += 1
            assert sound(encoded(message)) is not None
    assert found > 300
