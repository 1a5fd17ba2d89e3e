"""Schemas come out acceptable, changed as little as possible and never tighter."""

from typing import Any

import pytest

from bot.agent.gemini.schemas import Unfit, fitted
from mcp_runtime.tools.tools import Tool
from tests.support.gemini import Scripted


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def fit(schema: Any) -> Any:
    """One property's schema, after fitting."""
    return fitted(of(x=schema))["properties"]["x"]


def test_what_fits_is_left_alone() -> None:
    schema = {
        "type": "object",
        "description": "d",
        "$defs": {"City": {"type": "string", "title": "City"}},
        "properties": {
            "city": {"$ref": "#/$defs/City"},
            "unit": {"type": ["string", "null"], "enum": ["c", "f"]},
            "days": {"type": "integer", "minimum": 0, "maximum": 7},
            "tags": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}, "minItems": 0},
        },
        "required": ["city"],
        "additionalProperties": False,
    }
    assert fitted(schema) == schema


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (True, {}),
        ({"$schema": "s", "type": "string"}, {"type": "string"}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"const": True}, {"description": "(one of: [true])"}),
        ({"enum": ["a", None]}, {"description": '(one of: ["a", null])'}),
        ({"type": "string", "pattern": "^a"}, {"type": "string", "description": '(pattern: "^a")'}),
        (
            {"type": "integer", "description": "Count", "exclusiveMinimum": 0, "default": 1},
            {"type": "integer", "description": "Count (exclusiveMinimum: 0; default: 1)"},
        ),
        ({"type": "array", "prefixItems": [True], "items": False}, {"type": "array", "prefixItems": [{}]}),
        ({"type": "array", "maxItems": 900}, {"type": "array", "description": "(maxItems: 900)"}),
        ({"$ref": "#/$defs/Gone", "description": "d"}, {"description": "d"}),
        ({"type": "object", "required": ["ghost"]}, {"type": "object"}),
        ({"type": "object", "patternProperties": {"^x": {}}}, {"type": "object"}),
        (
            {"allOf": [of(a={"type": "string"}) | {"required": ["a"]}, of(b={"type": "number"})]},
            of(a={"type": "string"}, b={"type": "number"}) | {"required": ["a"]},
        ),
    ],
)
def test_what_does_not_fit_is_loosened(given: Any, expected: Any) -> None:
    assert fit(given) == expected


def test_definitions_move_and_siblings_of_a_reference_go() -> None:
    schema = of(a={"$ref": "#/definitions/A", "description": "d"}) | {"definitions": {"A": {"type": "string"}}}
    assert fitted(schema) == of(a={"$ref": "#/$defs/A"}) | {"$defs": {"A": {"type": "string"}}}


def test_references_elsewhere_are_written_out() -> None:
    assert fitted(of(a={"type": "string"}, b={"$ref": "#/properties/a"}))["properties"]["b"] == {"type": "string"}


def test_a_root_that_is_a_reference() -> None:
    schema = {"$ref": "#/$defs/Args", "$defs": {"Args": of(a={"type": "string"})}}
    assert fitted(schema) == of(a={"type": "string"}) | {"$defs": schema["$defs"]}


def test_a_loop_of_references_may_stop() -> None:
    node = of(value={"type": "string"}, next={"$ref": "#/$defs/Node"}) | {"required": ["value", "next"]}
    schema = of(head={"$ref": "#/$defs/Node"}) | {"required": ["head"], "$defs": {"Node": node}}
    out = fitted(schema)
    assert out["$defs"]["Node"]["required"] == ["value"]
    assert out["required"] == ["head"]


def test_depth_is_cut() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(40):
        deep = of(x=deep)
    innermost, levels = fitted(deep), 0
    while innermost.get("properties"):
        innermost, levels = innermost["properties"]["x"], levels + 1
    assert (innermost, levels) == ({"type": "object"}, 11)


@pytest.mark.parametrize(
    "schema",
    [
        True,
        None,
        {"type": "string"},
        {"type": "object", "properties": ["a"]},
        {"type": "object", "allOf": [1]},
        of(box=of(**{f"x{i}": {"$ref": "#/properties/box"} for i in range(10)})),
    ],
)
def test_beyond_repair(schema: Any) -> None:
    with pytest.raises(Unfit):
        fitted(schema)


async def test_the_server_takes_what_it_would_have_refused(gemini: Scripted) -> None:
    schema = {"properties": {"x": {"$ref": "#/definitions/X"}, "y": {"$ref": "#/$defs/Gone"}}}
    gemini.will_say("fine")
    tools = [Tool("a", "A", "does a", schema)]
    heard = [event async for event in gemini.model.reply([gemini.model.user("hi")], tools, instructions="")]
    assert heard[-1].text == "fine"  # type: ignore[union-attr]


async def test_a_schema_that_fits_arrives_verbatim(gemini: Scripted) -> None:
    schema = of(unit={"type": ["string", "null"], "enum": ["c", "f"]}, snake_case={"type": "integer", "minimum": 0})
    schema |= {"required": ["unit"], "additionalProperties": False}
    gemini.will_say("fine")
    tools = [Tool("a", "A", "does a", schema)]
    async for _ in gemini.model.reply([gemini.model.user("hi")], tools, instructions=""):
        pass
    sent = gemini.asked[0].body["tools"][0]["functionDeclarations"][0]
    assert sent["parameters_json_schema"] == schema
