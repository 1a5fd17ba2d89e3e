"""Which words of JSON Schema Gemini takes, which it is told in its own language, and which mean nothing to it."""

from typing import Any

Schema = dict[str, Any]

KEPT = (
    "type",
    "title",
    "description",
    "format",
    "enum",
    "properties",
    "required",
    "propertyOrdering",
    "additionalProperties",
    "items",
    "prefixItems",
    "minItems",
    "minimum",
    "maximum",
    "anyOf",
    "oneOf",
)
"""As documented, less maxItems: large ones add up and are refused together. References are made anew."""

FORMATS = frozenset({"date-time", "date", "time", "int32", "int64", "float", "double"})

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
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
    "minContains",
    "maxContains",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "not",
    "disallow",
    "extends",
    "if",
    "then",
    "else",
    "divisibleBy",
    "contentEncoding",
    "contentMediaType",
    "enumNames",
    "enumDescriptions",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
)
"""Gemini cannot hold the model to these, but the model can read them."""

WORDS = frozenset({"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"})
"""They say something about a value and nothing about its shape."""

NOISE = frozenset(
    {
        "$schema",
        "$id",
        "id",
        "$anchor",
        "$dynamicAnchor",
        "$recursiveAnchor",
        "$vocabulary",
        "$comment",
        "$defs",
        "definitions",
    }
)

VALUES = frozenset({"enum", "const", "default", "example", "examples"})
"""What stands under these is no schema, whatever it looks like."""

TYPES = {
    **{name: name for name in ("string", "number", "integer", "boolean", "object", "array", "null")},
    **{"str": "string", "text": "string", "uuid": "string", "date": "string", "datetime": "string", "file": "string"},
    **{"int": "integer", "long": "integer", "float": "number", "double": "number", "decimal": "number"},
    **{"bool": "boolean", "dict": "object", "map": "object", "struct": "object", "hash": "object"},
    **{"list": "array", "tuple": "array", "set": "array", "none": "null", "nil": "null"},
}
"""As the standard and as hand-made servers write them."""

ANYTHING = frozenset({"any", "mixed", "unknown", "*", ""})
