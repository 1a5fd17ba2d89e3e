"""Schemas come out acceptable, changed as little as possible and never tighter."""

import json
from typing import Any

import pytest

from bot.agent.gemini.schemas import Unfit, fitted
from bot.agent.gemini.schemas.keywords import KEPT, NOISE, TOLD
from mcp_runtime.tools.tools import Tool
from playground.gemini.rules.schemas import schema as strict
from tests.support.gemini import Scripted

ODD = [None, [], {}, "", "odd", True, False, 7, -1.5, [None], [7, "a"], {"a": None}, [[]], {"$ref": None}]


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
        ({"const": "a"}, {"type": "string", "enum": ["a"]}),
        ({"const": True}, {"description": "(one of: [true])"}),
        ({"enum": ["a", None]}, {"description": '(one of: ["a", null])'}),
        ({"enum": ["a", ""]}, {"description": '(one of: ["a", ""])'}),
        ({"enum": [1, 2.5]}, {"type": "number", "enum": [1, 2.5]}),
        ({"type": "array", "prefixItems": [True]}, {"type": "array", "prefixItems": [{}], "items": {}}),
        ({"type": "object", "patternProperties": {"^x": {}}, "additionalProperties": False}, "object"),
        (
            {"type": "object", "properties": {"a": {}}, "anyOf": [{"required": ["a"]}, {"required": ["a", "b"]}]},
            "object",
        ),
        (
            {"allOf": [of(a={"type": "string"}) | {"required": ["a"]}, of(b={"type": "number"})]},
            of(a={"type": "string"}, b={"type": "number"}) | {"required": ["a"]},
        ),
        (
            {"allOf": [of(a={"type": "string"}), of(a={"description": "both say it"})]},
            of(a={"type": "string", "description": "both say it"}),
        ),
    ],
)
def test_what_does_not_fit_is_loosened(given: Any, expected: Any) -> None:
    out = fit(given)
    assert (out["type"] if isinstance(expected, str) else out) == expected
    assert "additionalProperties" not in out and "anyOf" not in out


@pytest.mark.parametrize(
    "told",
    [
        {"pattern": "^a"},
        {"maxLength": 7},
        {"exclusiveMinimum": 0},
        {"maxItems": 900},
        {"uniqueItems": True},
        {"minProperties": 1},
        {"patternProperties": {"^x-": {"type": "string"}}},
        {"propertyNames": {"pattern": "^x-"}},
        {"contains": {"type": "integer"}},
        {"not": {"required": ["b"]}},
        {"if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}, "else": {"required": ["c"]}},
        {"dependentRequired": {"a": ["b"]}},
        {"format": "email"},
        {"default": "x"},
        {"examples": ["x", "y"]},
        {"contentEncoding": "base64"},
    ],
)
def test_what_the_api_cannot_say_reaches_the_model_in_words(told: dict[str, Any]) -> None:
    description = fit({"description": "What it is.", **told})["description"]
    assert description.startswith("What it is. (")
    for key, value in told.items():
        assert f"{key}: {json.dumps(value)}" in description


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"required": ["ghost"], "type": "object"}, 'required: ["ghost"]'),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b", "c"]}]}, 'needs at least one of: ["a", ["b", "c"]]'),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, 'needs exactly one of: ["a", "b"]'),
        ({"type": "array", "prefixItems": [{}], "items": False}, 'further items: "none"'),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, "exclusiveMinimum: 3"),
        ({"allOf": [{"if": {"const": 1}}, {"if": {"const": 2}}]}, 'if: {"const": 1}; if: {"const": 2}'),
    ],
)
def test_what_is_told_is_told_in_the_schemas_own_terms(given: Any, words: str) -> None:
    assert words in fit(given)["description"]


@pytest.mark.parametrize("key", sorted({*KEPT, *TOLD, *NOISE, "const", "allOf", "$ref", "nullable", "additionalItems"}))
def test_no_value_of_any_keyword_costs_a_tool_or_its_parameters(key: str) -> None:
    for value in ODD:
        for schema in (
            {"type": "string", "description": "d", key: value},
            of(p={"type": "string"}) | {key: value},
            {"type": "array", "items": {key: value}},
            {"anyOf": [{key: value}, {"type": "string"}]},
        ):
            out = fitted(of(x=schema, y={"type": "integer"}))
            assert not list(strict(out, "tool")), (schema, out)
            assert "x" in out["properties"] and out["properties"]["y"] == {"type": "integer"}
        assert not list(strict(fitted(of(y={}) | {key: value} | {"type": "object"}), "tool"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": "int"}, {"type": "integer"}),
        ({"type": ["string"]}, {"type": "string"}),
        ({"type": ["string", "null", None]}, {}),
        ({"type": "any"}, {}),
        ({"type": "email"}, {"description": '(format: "email")'}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"properties": {"a": {}}}, of(a={})),
        ({"type": "object", "properties": ["a", {"name": "b", "type": "string"}]}, of(a={}, b={"type": "string"})),
        ({"type": "object", "properties": {"a": "string", "b": "The city"}}, None),
        ({"type": "array", "items": "string"}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "array", "items": []}, {"type": "array", "items": {}}),
        ({"items": [{"type": "string"}], "additionalItems": {"type": "integer"}}, None),
        ({"type": "object", "additionalProperties": []}, {"type": "object", "additionalProperties": {}}),
        ({"type": "number", "minimum": "3", "maximum": float("nan")}, {"type": "number", "minimum": 3}),
        ({"enum": {"0": "a", "1": "b"}}, {"type": "string", "enum": ["a", "b"]}),
        (of(a={"required": True}, b={"required": False}), of(a={}, b={}) | {"required": ["a"]}),
    ],
)
def test_older_drafts_and_hand_made_schemas_mean_what_they_meant(given: Any, expected: Any) -> None:
    out = fit(given)
    if expected is not None:
        assert out == expected
    elif "items" in given:
        assert (out["prefixItems"], out["items"]) == ([{"type": "string"}], {"type": "integer"})
    else:
        assert out["properties"] == {"a": {"type": "string"}, "b": {"description": "The city"}}


def test_what_lies_too_deep_is_told_instead_of_sent() -> None:
    deep: dict[str, Any] = {"type": "string", "title": "the end"}
    for _ in range(14):
        deep = of(x=deep)
    innermost, levels = fitted(deep), 0
    while innermost.get("properties"):
        innermost, levels = innermost["properties"]["x"], levels + 1
    assert levels == 11
    assert "inside" in innermost["description"] and "the end" in innermost["description"]


def test_a_schema_without_end_is_cut() -> None:
    wide = of(**{f"p{i}": of(**{f"q{j}": {"type": "string"} for j in range(60)}) for i in range(100)})
    out = fitted(wide)
    assert len(out["properties"]) == 100
    assert len(json.dumps(out)) < len(json.dumps(wide)) * 2


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["array", "null"]}, "array"),
        (of(**{f"p{i}": {} for i in range(12_001)}), "too large"),
    ],
)
def test_beyond_repair_is_told_why(schema: Any, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        fitted(schema)


@pytest.mark.parametrize("schema", [True, False, None, [], "object", 7, {}, {"type": None}, {"properties": []}])
def test_a_tool_that_declares_nothing_takes_an_object(schema: Any) -> None:
    assert fitted(schema)["type"] == "object"


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


@pytest.mark.parametrize(
    "definitions",
    [
        {f"D{i}": {"allOf": [{"$ref": f"#/$defs/D{i + 1}"}] * 2, "title": "d"} for i in range(40)},
        {f"D{i}": {"allOf": [{"$ref": f"#/$defs/D{i + 1}"}, {"anyOf": [{"$ref": "#"}]}]} for i in range(40)},
        {f"D{i}": of(n={"$ref": f"#/$defs/D{(i + 1) % 400}"}) | {"required": ["n"]} for i in range(400)},
        {f"D{i}": of(**{f"n{j}": {"$ref": f"#/$defs/D{j}"} for j in range(60)}) for i in range(60)},
        {f"D{i}": {"$ref": f"#/$defs/D{i + 1}"} for i in range(2_000)} | {"D2000": {"type": "string"}},
    ],
)
def test_a_hostile_schema_is_soon_done_with(definitions: dict[str, Any]) -> None:
    """Each of these took minutes or gigabytes if its few lines were followed without a bound."""
    out = fitted(of(**{f"n{i}": {"$ref": "#/$defs/D0"} for i in range(300)}) | {"$defs": definitions})
    assert not list(strict(out, "tool"))
    assert len(json.dumps(out)) < 200_000


def test_what_would_grow_without_end_is_left_out_with_its_reason() -> None:
    refers = {f"D{i}": {f"p{j}": {"$ref": f"#/$defs/D{i + 1}", "minLength": 1} for j in range(9)} for i in range(40)}
    with pytest.raises(Unfit, match="too large"):
        fitted(of(x={"$ref": "#/$defs/D0"}) | {"$defs": {name: of(**each) for name, each in refers.items()}})
