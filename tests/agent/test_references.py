"""References keep their shape and their own words, wherever they point and however they are written."""

from typing import Any

import pytest

from bot.agent.gemini.schemas import fitted
from playground.gemini.rules.schemas import schema as strict

TEXT = {"type": "string"}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def resolved(schema: dict[str, Any], name: str = "b") -> Any:
    """A property as the model understands it; everything that is sent passes the strict rules."""
    out = fitted(schema)
    assert not list(strict(out, "tool")), out
    node = out["properties"][name]
    return out["$defs"][node["$ref"].removeprefix("#/$defs/")] if "$ref" in node else node


@pytest.mark.parametrize(
    "schema",
    [
        of(b={"$ref": "#/$defs/T"}) | {"$defs": {"T": TEXT}},
        of(b={"$ref": "#/definitions/T"}) | {"definitions": {"T": TEXT}},
        of(b={"$ref": "#/definitions/T"}) | {"definitions": {"T": TEXT}, "$defs": {"U": {"type": "integer"}}},
        of(b={"$ref": "#/$defs/T"}) | {"definitions": {"T": TEXT}},
        of(b={"$ref": "#/$defs/List%3Cstring%3E"}) | {"$defs": {"List<string>": TEXT}},
        of(b={"$ref": "#/$defs/List<string>"}) | {"$defs": {"List<string>": TEXT}},
        of(b={"$ref": "#/$defs/a~1b~0c"}) | {"$defs": {"a/b~c": TEXT}},
        of(b={"$ref": "#/$defs/a%7E1b"}) | {"$defs": {"a/b": TEXT}},
        of(a=TEXT, b={"$ref": "#/properties/a"}),
        of(a={"anyOf": [{"type": "integer"}, TEXT]}, b={"$ref": "#/properties/a/anyOf/1"}),
        of(a={"type": "array", "items": [{"type": "integer"}, TEXT]}, b={"$ref": "#/properties/a/items/1"}),
        of(b={"$ref": "#T"}) | {"$defs": {"T": {"$anchor": "T", **TEXT}}},
        of(b={"$ref": "#T"}) | {"definitions": {"T": {"$id": "#T", **TEXT}}},
        of(b={"$dynamicRef": "#T"}) | {"$defs": {"T": {"$dynamicAnchor": "T", **TEXT}}},
        of(b={"$ref": "https://s.test/t.json"}) | {"$defs": {"X": {"$id": "https://s.test/t.json", **TEXT}}},
        of(b={"$ref": "t.json"}) | {"$id": "https://s.test/r.json", "$defs": {"X": {"$id": "t.json", **TEXT}}},
        of(b={"$ref": "T"}) | {"$defs": {"T": TEXT}},
        of(b={"$ref": "#/components/schemas/T"}) | {"$defs": {"T": TEXT}},
        of(b={"$ref": "#/$defs/A"}) | {"$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/T"}, "T": TEXT}},
        of(b={"allOf": [{"$ref": "#/$defs/A"}]}) | {"$defs": {"A": {"allOf": [{"$ref": "#/$defs/T"}]}, "T": TEXT}},
        of(b={"$ref": "#/$defs/T", "$comment": "nothing"}) | {"$defs": {"T": TEXT}},
        {"$ref": "#/$defs/R", "$defs": {"R": of(b={"$ref": "#/$defs/T"}), "T": TEXT}},
        {"allOf": [{"$ref": "#/$defs/R"}], "$defs": {"R": of(b=TEXT)}},
        of(**{"default": {"$defs": {"T": TEXT}, "properties": {"b": {"$ref": "#/$defs/T"}}}, "b": TEXT}),
    ],
)
def test_wherever_a_reference_points_the_shape_arrives(schema: dict[str, Any]) -> None:
    assert resolved(schema)["type"] == "string"


def test_definitions_of_a_subschema_are_found_from_inside_it() -> None:
    inner = {"type": "object", "$defs": {"X": TEXT}, "properties": {"p": {"$ref": "#/$defs/X"}}}
    out = fitted(of(a=inner, b={"$defs": {"X": {"type": "integer"}}, **of(p={"$ref": "#/$defs/X"})}))
    kinds = [out["$defs"][out["properties"][x]["properties"]["p"]["$ref"][8:]]["type"] for x in "ab"]
    assert kinds == ["string", "integer"], "two definitions of one name stay two"


@pytest.mark.parametrize("target", [TEXT, of(deep={"$ref": "#/$defs/U"}), of(**{f"p{i}": TEXT for i in range(50)})])
@pytest.mark.parametrize("beside", ["$ref", "allOf"])
def test_words_beside_a_reference_reach_the_model_and_its_shape_too(target: Any, beside: str) -> None:
    refers: Any = {"$ref": "#/$defs/T"} if beside == "$ref" else {"allOf": [{"$ref": "#/$defs/T"}]}
    definitions = {"T": target | {"description": "A kind."}, "U": TEXT}
    schema = of(b=refers | {"description": "Which kind.", "default": "all"}) | {"$defs": definitions}
    node = resolved(schema)
    assert "Which kind." in node["description"] and 'default: "all"' in node["description"]
    shape = fitted(schema)["$defs"]["T"] if "anyOf" in node else node
    assert shape["type"] == target["type"] and shape.get("properties", {}).keys() == target.get("properties", {}).keys()


def test_a_shape_beside_a_reference_is_merged_with_it() -> None:
    schema = of(b={"$ref": "#/$defs/Base", **of(more=TEXT), "required": ["more"]})
    schema["$defs"] = {"Base": of(id=TEXT, up={"$ref": "#/$defs/Base"}) | {"required": ["id"]}}
    node = resolved(schema)
    assert (node["properties"].keys(), sorted(node["required"])) == ({"id", "up", "more"}, ["id", "more"])


def test_what_a_reference_that_dangles_means_is_told() -> None:
    node = resolved(of(b={"$ref": "#/components/schemas/Pet", "type": "object", "description": "d"}))
    assert node == {"type": "object", "description": 'd (undefined here: "Pet")'}


def test_a_loop_of_references_may_stop() -> None:
    node = of(value=TEXT, next={"$ref": "#/$defs/Node"}) | {"required": ["value", "next"]}
    out = fitted(of(head={"$ref": "#/$defs/Node"}) | {"required": ["head"], "$defs": {"Node": node}})
    assert out["$defs"]["Node"]["required"] == ["value"] and "next" in out["$defs"]["Node"]["description"]
    assert out["required"] == ["head"]


def test_a_schema_may_refer_to_itself_as_a_whole() -> None:
    out = fitted(of(value=TEXT, children={"type": "array", "items": {"$ref": "#"}}) | {"required": ["children"]})
    again = out["properties"]["children"]["items"]["$ref"].removeprefix("#/$defs/")
    assert out["$defs"][again]["properties"].keys() == {"value", "children"}
    assert not list(strict(out, "tool"))


@pytest.mark.parametrize(
    "definitions",
    [
        {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}},
        {"A": {"allOf": [{"$ref": "#/$defs/A"}]}},
        {"A": {"allOf": [{"$ref": "#/$defs/B"}, TEXT]}, "B": {"allOf": [{"$ref": "#/$defs/A"}]}},
        {"A": {"$ref": "#/$defs/A", "description": "d"}},
        {"A": of(a={"$ref": "#/$defs/A", "description": "again"}, b={"$ref": "#/$defs/A", "title": "t"})},
        {"A": of(a={"$ref": "#/$defs/A", **of(more=TEXT)}, b={"$ref": "#/$defs/A", **of(more=TEXT)})},
        {"A": None},
        {"A": True},
        {"A": []},
    ],
)
def test_no_loop_goes_round_for_ever(definitions: dict[str, Any]) -> None:
    out = fitted(of(b={"$ref": "#/$defs/A"}, c=TEXT) | {"$defs": definitions})
    assert not list(strict(out, "tool")) and out["properties"]["c"] == TEXT


def test_definitions_that_nobody_refers_to_are_left_out() -> None:
    assert fitted(of(b=TEXT) | {"$defs": {"Unused": {"type": "odd"}}}) == of(b=TEXT)
