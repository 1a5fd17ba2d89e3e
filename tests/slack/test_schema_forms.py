"""A form is made from any schema, and what is filled in comes back as the arguments that the schema asks for."""

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.slack.screens import schema_forms
from bot.slack.screens.blocks.elements import modal
from bot.slack.screens.schema_forms.answers import NEEDED
from bot.slack.screens.schema_forms.checks import quick
from playground.slack.block_kit.checking import check
from playground.slack.interactions.field_rules import complaints
from playground.slack.surfaces.state_values import filled_in, seeded
from tests.slack import made_up_schemas

PUBLIC = Path(__file__).parents[1] / "agent" / "public_tools" / "schemas.json.gz"
Json = dict[str, Any]


def shown(form: schema_forms.Form) -> list[str]:
    return check(modal("Try it", form.blocks, callback_id="x", submit="Run"), "modal")


def one(schema: Json, *, required: bool = False) -> Json:
    return {"type": "object", "properties": {"x": schema}, "required": ["x"] if required else []}


def filled(schema: Json, value: Any, *, required: bool = False) -> schema_forms.Filled:
    """What comes of it when a person types or chooses this."""
    whole = one(schema, required=required)
    form = schema_forms.blocks(whole)
    element = form.blocks[0]["element"]
    state = filled_in(form.blocks, {form.blocks[0]["block_id"]: {element["action_id"]: value}})
    return schema_forms.read(whole, state)


def element(schema: Json, **more: Any) -> Json:
    made: Json = schema_forms.blocks(one(schema), **more).blocks[0]["element"]
    return made


@pytest.mark.parametrize("seed", range(40))
def test_arguments_that_fit_come_back_from_their_form_as_they_were(seed: int) -> None:
    chance = Random(seed)  # noqa: S311
    for _ in range(5):
        schema, arguments = made_up_schemas.schema(chance)
        form = schema_forms.blocks(schema, arguments)
        state = seeded(form.blocks)
        assert shown(form) == []
        assert complaints(form.blocks, state) == {}, "Slack would not send it"
        found = schema_forms.read(schema, state)
        assert found.complaints == {}
        assert {name: value for name, value in found.arguments.items() if name in arguments} == arguments
        defaults = {name: value for name, value in found.arguments.items() if name not in arguments}
        assert all(value is plain_default(schema["properties"][name]) for name, value in defaults.items())


def plain_default(member: Json) -> Any:
    return next(iter(member.get("anyOf", [member]))).get("default", "nothing")


@pytest.mark.parametrize("seed", range(30))
def test_a_form_is_made_from_rubbish_too(seed: int) -> None:
    chance = Random(seed)  # noqa: S311
    for _ in range(10):
        inside = {name: made_up_schemas.rubbish(chance) for name in "ab"}
        for given in ({"type": "object", "properties": inside}, {"properties": made_up_schemas.rubbish(chance)}):
            form = schema_forms.blocks(given)
            assert shown(form) == []
            schema_forms.read(given, seeded(form.blocks))
            schema_forms.summary(given)


def test_every_public_tool_has_a_form_that_slack_takes() -> None:
    tools = [each for its in json.loads(gzip.decompress(PUBLIC.read_bytes())).values() for each in its]
    assert len(tools) > 2000
    for schema in tools:
        form = schema_forms.blocks(schema)
        assert shown(form) == [], schema
        state = seeded(form.blocks)
        asked = complaints(form.blocks, state)
        missed = {block for block, told in schema_forms.read(schema, state).complaints.items() if told == NEEDED}
        assert missed <= asked.keys(), "what is needed is asked for by Slack itself"


KINDS = [
    ({"type": "string"}, "plain_text_input"),
    ({"type": "string", "format": "email"}, "email_text_input"),
    ({"type": "string", "format": "date"}, "datepicker"),
    ({"type": "string", "format": "date-time"}, "datetimepicker"),
    ({"type": "integer"}, "number_input"),
    ({"type": "boolean"}, "static_select"),
    ({"enum": ["a", "b"]}, "static_select"),
    ({"type": "array", "items": {"enum": ["a", "b"]}}, "multi_static_select"),
    ({"type": "object", "properties": {"a": {}}}, "plain_text_input"),
    ({"$ref": "#/$defs/elsewhere"}, "plain_text_input"),
    ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "number_input"),
]


@pytest.mark.parametrize(("schema", "kind"), KINDS)
def test_each_kind_has_the_field_that_people_expect(schema: Json, kind: str) -> None:
    assert element(schema)["type"] == kind


ANSWERS = [
    ({"type": "integer"}, "7", 7),
    ({"type": "integer"}, "7.0", 7),
    ({"type": "number"}, "0.5", 0.5),
    ({"type": "array", "items": {"type": "string"}}, "a\n\n  b \n", ["a", "b"]),
    ({"type": "array", "items": {"type": "integer"}}, "1\n2", [1, 2]),
    ({"type": "object"}, '{"a": [1]}', {"a": [1]}),
    ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "12", 12),
    ({"anyOf": [{"type": "string"}, {"type": "boolean"}]}, "12", "12"),
    ({}, "[1, 2", "[1, 2"),
    ({"type": "string", "format": "date-time"}, "1769851800", "2026-01-31T09:30:00Z"),
    ({"type": "string", "pattern": "^[a-z]+$"}, "abc", "abc"),
    ({"type": "string", "pattern": "(a+)+$"}, "a" * 40 + "!", "a" * 40 + "!"),
]


@pytest.mark.parametrize(("schema", "typed", "value"), ANSWERS)
def test_what_is_typed_is_read_as_what_the_schema_asks_for(schema: Json, typed: str, value: Any) -> None:
    found = filled(schema, typed)
    assert (found.arguments, found.complaints) == ({"x": value}, {})


COMPLAINTS = [
    ({"type": "integer"}, "seven", "This is no number."),
    ({"type": "integer"}, "1e400", "This is no number."),
    ({"type": "integer"}, "1.5", "This has to be a whole number."),
    ({"type": "number", "minimum": 3}, "2", "This has to be 3 or more."),
    ({"type": "number", "exclusiveMaximum": 3}, "3", "This has to be less than 3."),
    ({"type": "string", "format": "uri"}, "not an address", "This is no address"),
    ({"type": "string", "minLength": 3}, "ab", "This needs at least 3 characters."),
    ({"type": "string", "pattern": "^[a-z]+$"}, "ABC", "This does not match the pattern"),
    ({"type": "string", "enum": [str(n) for n in range(200)]}, "x", "This has to be one of: 0, 1,"),
    ({"type": "array", "items": {"type": "string"}, "maxItems": 1}, "a\nb", "This may be 1 at most."),
    ({"type": "array", "items": {"type": "integer"}}, "1\ntwo", "This is no number."),
    ({"type": "object"}, "{", "This is no JSON yet: look at line 1"),
    ({"type": "object"}, "[1]", "This does not fit: the whole should be of the type object."),
    ({"type": "object"}, "null", "This does not fit: the whole should be of the type object."),
    ({"type": "object"}, "[" * 100_000, "This JSON is nested too deeply."),
    ({"type": "object"}, '{"a": NaN}', "JSON has no NaN."),
    ({"type": "object", "properties": {"a": {"type": "integer"}}}, '{"a": "1"}', "should be of the type integer."),
]


@pytest.mark.parametrize(("schema", "typed", "sentence"), COMPLAINTS)
def test_what_does_not_fit_is_told_under_its_field(schema: Json, typed: str, sentence: str) -> None:
    complaint = filled(schema, typed).complaints["argument:x"]
    assert sentence in complaint


def test_nothing_is_an_empty_list_or_null_where_something_is_needed_and_else_left_out() -> None:
    listed = {"type": "array", "items": {"type": "string"}}
    assert filled(listed, None, required=True).arguments == {"x": []}
    assert filled({"type": ["string", "null"]}, None, required=True).arguments == {"x": None}
    assert filled(listed, None).arguments == {}
    assert filled({"enum": ["a"]}, "leave out").arguments == {}
    assert filled({"type": "object"}, None, required=True).complaints == {"argument:x": "This is needed."}


def test_what_has_no_field_of_its_own_is_written_into_the_last_one() -> None:
    schema = {"properties": {f"n{each}": {"type": "integer"} for each in range(30)}, "required": ["n25", "n3"]}
    form = schema_forms.blocks(schema, {"n29": 1, "n3": 2})
    assert len(form.blocks) == 21 and form.blocks[0]["block_id"] == "argument:n3"
    assert "n29" in form.too_much and "n25" not in form.too_much
    state = seeded(form.blocks)
    state["argument:n25"]["value"]["value"] = "5"
    assert schema_forms.read(schema, state).arguments == {"n3": 2, "n25": 5, "n29": 1}


def test_a_tool_that_takes_anything_takes_json_and_one_that_takes_nothing_asks_nothing() -> None:
    free = {"type": "object", "additionalProperties": {"type": "string"}}
    form = schema_forms.blocks(free, {"a": "b"})
    assert schema_forms.read(free, seeded(form.blocks)).arguments == {"a": "b"}
    assert schema_forms.blocks({"type": "object"}).blocks[0]["type"] == "context"


LONG = [f"value {number}" for number in range(5_000)]
LEADS = {"$ref": "#/$defs/x"}
COSTLY: dict[str, Json] = {
    "members": {"properties": {f"a{number}": {} for number in range(5_500)}},
    "values": {"properties": {"a": {"enum": LONG}, "b": {"type": "array", "items": {"enum": LONG}}}},
    "many lists": {"properties": {f"a{n}": {"enum": list(range(n * 100, n * 100 + 99))} for n in range(100)}},
    "one list that all lead to": {
        "properties": dict.fromkeys(map(str, range(1_000)), LEADS),
        "$defs": {"x": {"oneOf": [{"const": number} for number in range(2_000)]}},
    },
    "one text that all lead to": {
        "properties": dict.fromkeys(map(str, range(1_500)), LEADS),
        "$defs": {"x": {"description": "x" * 20_000, "type": "string"}},
    },
}


@pytest.mark.parametrize("kind", COSTLY)
def test_the_form_of_one_large_tool_costs_few_steps(kind: str) -> None:
    """All wait while it is made; each of these has some 60 kB, and the list of tools shows twenty of them."""
    schema = COSTLY[kind]
    assert steps(lambda: schema_forms.blocks(schema)) < 200_000
    assert steps(lambda: schema_forms.summary(schema)) < 60_000
    assert shown(schema_forms.blocks(schema)) == []


def steps(work: Callable[[], object]) -> int:
    """Functions that are called for it: unlike time, the same on every machine."""
    called = 0

    def count(frame: object, event: str, about: object) -> None:
        nonlocal called
        called += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return called


def test_choices_that_read_alike_say_what_they_stand_for() -> None:
    said = [{"const": "yes", "title": "N\u043e"}, {"const": "no", "title": "No"}, {"const": "later", "title": "Later"}]
    (asked,) = schema_forms.blocks({"properties": {"a": {"oneOf": said}}, "required": ["a"]}).blocks
    labels = [each["text"]["text"] for each in asked["element"]["options"]]
    assert labels == ['N\u043e ("yes")', 'No ("no")', "Later"]


def test_choices_are_known_again_when_their_order_has_changed() -> None:
    form = schema_forms.blocks(one({"enum": ["a", "b" * 200]}), {"x": "b" * 200})
    found = schema_forms.read(one({"enum": ["c", "b" * 200, "a"]}), seeded(form.blocks))
    assert found.arguments == {"x": "b" * 200}


@pytest.mark.parametrize("pattern", ["^[a-z0-9-]+$", r"^\d{4}-\d{2}$", "^[^@]+@[^@]+$", "a+b"])
def test_a_pattern_that_cannot_take_long_is_run(pattern: str) -> None:
    assert quick(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "^a*a*a*a*b$", "a{1,999}b{1,999}", "(?=a)", "[", "a" * 300])
def test_any_other_pattern_is_told_and_left_to_the_server(pattern: str) -> None:
    assert not quick(pattern)
    assert pattern[:50] in schema_forms.blocks(one({"type": "string", "pattern": pattern})).blocks[0]["hint"]["text"]


def test_a_strangers_words_are_neither_hidden_nor_endless() -> None:
    schema = {"properties": {"x": {"title": "safe\u202egnitsiver", "description": "long " * 1000}}}
    block = schema_forms.blocks(schema).blocks[0]
    assert block["label"]["text"] == "safegnitsiver"
    assert len(block["hint"]["text"]) < 400 and block["label"]["emoji"] is False


def test_a_schema_is_told_in_plain_words() -> None:
    schema = {
        "properties": {
            "page": {"type": "integer"},
            "repo": {"type": "string"},
            "state": {"enum": ["open", "closed"]},
            "labels": {"type": "array", "items": {"type": "string"}},
            "draft": {"type": "boolean"},
        },
        "required": ["repo"],
    }
    told = schema_forms.summary(schema)
    assert told.needs == ["repo (text)"]
    assert told.may_have == [
        "page (whole number)",
        "state (one of: open, closed)",
        "labels (list of texts)",
        "draft (yes or no)",
    ]
