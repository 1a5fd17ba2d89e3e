"""Fit a tool's JSON Schema to Gemini, changing only what it refuses and only towards looser."""

import json
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

# What Gemini documents for JSON Schema, less maxItems: large ones add up and are refused together.
KEPT = frozenset(
    (
        "$id",
        "$defs",
        "$ref",
        "$anchor",
        "type",
        "format",
        "title",
        "description",
        "enum",
        "items",
        "prefixItems",
        "minItems",
        "minimum",
        "maximum",
        "anyOf",
        "oneOf",
        "properties",
        "additionalProperties",
        "required",
        "propertyOrdering",
    )
)
# Gemini cannot hold the model to these, but the model can read them.
TOLD = (
    "pattern",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "multipleOf",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minProperties",
    "maxProperties",
    "default",
    "examples",
)
DEEPEST = 10
LARGEST = 5_000  # nodes, references written out included: a hostile server can make few lines grow without end


class Unfit(ValueError):
    """No loosening makes this an object of arguments."""


def fitted(schema: Any) -> Schema:
    """The schema as Gemini accepts it; one that already fits comes back equal."""
    try:
        root = _opened(schema)
        if root.get("type", "object") != "object":
            raise Unfit("the tool does not take an object")
        return {"type": "object"} | _Fit(root).node(root, 0)
    except (AttributeError, TypeError, RecursionError) as error:
        raise Unfit(f"not a JSON Schema: {error}") from error


def _opened(schema: Schema) -> Schema:
    """A root that is only a reference becomes what it refers to."""
    if "$ref" not in schema:
        return schema
    rest = {key: schema[key] for key in schema if key != "$ref"}
    return rest | (_resolve(schema, schema["$ref"]) or {})


class _Fit:
    def __init__(self, root: Schema) -> None:
        self.root = root
        self.definitions = _definitions(root)
        self.looping = frozenset(name for name in self.definitions if name in _reached(self.definitions, name))
        self.left = LARGEST

    def node(self, schema: Any, depth: int, loops: bool = False) -> Schema:
        self.left -= 1
        if self.left < 0:
            raise Unfit("the schema is too large")
        if not isinstance(schema, dict):
            return {}  # `true`, `false` or nonsense: the tool itself decides
        if depth > DEEPEST:
            return {key: schema[key] for key in ("type", "description") if key in schema}
        if "$ref" in schema:
            return self.reference(schema, depth)
        schema = self.folded(schema)
        out = {key: self.value(key, schema[key], depth, loops) for key in schema if key in KEPT}
        if "definitions" in schema:
            out["$defs"] = self.value("$defs", _definitions(schema), depth, loops)
        required = [name for name in out.pop("required", []) if self.certain(name, schema, loops)]
        if required:
            out["required"] = required
        if isinstance(out.get("items"), bool):
            del out["items"]
        return _with_choices(schema, out)

    def value(self, key: str, value: Any, depth: int, loops: bool) -> Any:
        if key in ("properties", "$defs"):
            inside = {name: loops or (key == "$defs" and name in self.looping) for name in value}
            return {name: self.node(child, depth + 1, inside[name]) for name, child in value.items()}
        if key in ("anyOf", "oneOf", "prefixItems"):
            return [self.node(child, depth + 1, loops) for child in value]
        if key in ("items", "additionalProperties") and isinstance(value, dict):
            return self.node(value, depth + 1, loops)
        return value

    def reference(self, schema: Schema, depth: int) -> Schema:
        """A `$ref` stands alone and points into `$defs`; any other is written out, or let go when it dangles."""
        target = _resolve(self.root, schema["$ref"])
        if target is None:
            return {key: schema[key] for key in ("description",) if key in schema}
        name = schema["$ref"].rpartition("/")[2]
        if self.definitions.get(name) is target:
            return {"$ref": f"#/$defs/{name}"}
        return self.node(target, depth + 1)

    def folded(self, schema: Schema) -> Schema:
        """`allOf` merged into its parent: properties and requirements add up, else the first word counts."""
        out = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema.get("allOf", []):
            part = _resolve(self.root, part["$ref"]) or {} if "$ref" in part else part
            for key, value in part.items():
                if key == "properties":
                    out[key] = value | out.get(key, {})
                elif key == "required":
                    out[key] = list(dict.fromkeys([*out.get(key, []), *value]))
                else:
                    out.setdefault(key, value)
        return out

    def certain(self, name: str, schema: Schema, loops: bool) -> bool:
        """Required names must be defined, and a loop of references must have a place to stop."""
        properties = schema.get("properties", {})
        return name in properties and not (loops and self.looping & set(_names(properties[name])))


def _with_choices(schema: Schema, out: Schema) -> Schema:
    """Choices are strings and numbers; other kinds, and all the rest Gemini ignores, are told in words."""
    told = {key: schema[key] for key in TOLD if key in schema}
    choices = [schema["const"]] if "const" in schema else schema.get("enum", [])
    out.pop("enum", None)
    if all(isinstance(choice, str | int | float) and not isinstance(choice, bool) for choice in choices):
        out |= {"enum": choices} if choices else {}
    else:
        told["one of"] = choices
    if told:
        words = "; ".join(f"{key}: {json.dumps(value)}" for key, value in told.items())
        out["description"] = f"{schema.get('description', '')} ({words})".strip()
    return out


def _definitions(schema: Schema) -> Schema:
    return {**schema.get("definitions", {}), **schema.get("$defs", {})}


def _resolve(root: Schema, ref: Any) -> Any:
    if not isinstance(ref, str) or not ref.startswith("#/"):
        return None
    node: Any = root
    for step in ref[2:].split("/"):
        node = node.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    return node


def _names(node: Any) -> Iterator[str]:
    """Every definition a schema refers to, at any depth."""
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"].rpartition("/")[2]
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _names(child)


def _reached(definitions: Schema, name: str) -> set[str]:
    reached, ahead = set[str](), list(_names(definitions[name]))
    while ahead:
        if (found := ahead.pop()) not in reached:
            reached.add(found)
            ahead += _names(definitions.get(found))
    return reached
