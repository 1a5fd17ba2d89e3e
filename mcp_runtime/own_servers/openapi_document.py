"""An API's own description, OpenAPI 3 or Swagger 2, as operations that can be offered as tools."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import yaml

READING = ("get", "head")
METHODS = (*READING, "post", "put", "patch", "delete", "options")
MOST_OPERATIONS = 300
DEEPEST = 12
LARGEST = 48_000
"""Characters of one tool's schema; a body that is described at greater length is any object."""
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""A description of some megabytes takes the one that is written in Python minutes."""
MOST_PARTS = 4_000
"""Of one schema once its references are written out, which may be many times what the document holds."""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NoDescription(Exception):
    """What was fetched describes no API."""


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    """path, query or header"""
    argument: str
    """What the tool calls it: names may be there twice, in different places."""


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    summary: str
    schema: dict[str, Any]
    parameters: tuple[Parameter, ...]
    form: bool = False
    """Its body is a form's, and no JSON."""

    @property
    def reads(self) -> bool:
        return self.method in READING


class Document:
    def __init__(self, text: str) -> None:
        """Raises `NoDescription`."""
        try:
            self.tree: Any = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, LOADER)  # noqa: S506  both loaders are safe
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            raise NoDescription("neither JSON nor YAML") from error
        if not isinstance(self.tree, dict) or not isinstance(self.tree.get("paths"), dict):
            raise NoDescription("there are no paths in it")
        self.old = "swagger" in self.tree
        self._parts = 0

    @property
    def title(self) -> str:
        told = self.tree.get("info")
        return str(told.get("title") or "") if isinstance(told, dict) else ""

    def address(self, url: str) -> str:
        """Where the API is, as the description says it; relative to the description's own address."""
        if self.old:
            schemes = self.tree.get("schemes") or [url.partition(":")[0]]
            host = (
                f"{'https' if 'https' in schemes else schemes[0]}://{self.tree['host']}"
                if self.tree.get("host")
                else ""
            )
            return urljoin(url, host + str(self.tree.get("basePath") or "/"))
        servers = self.tree.get("servers")
        first = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], dict) else {}
        variables = first.get("variables") or {}
        told = re.sub(
            r"\{(\w+)\}", lambda hit: str(variables.get(hit[1], {}).get("default", "")), str(first.get("url") or "/")
        )
        return urljoin(url, told)

    def operations(self) -> list[Operation]:
        """All with a name of their own, in the document's order, at most `MOST_OPERATIONS`; raises `NoDescription`."""
        found: dict[str, Operation] = {}
        for path, item in self.tree["paths"].items():
            whole = self.resolved(item)
            for method in METHODS:
                if isinstance(whole.get(method), dict) and len(found) < MOST_OPERATIONS:
                    operation = self._operation(str(path), method, whole[method], whole.get("parameters") or [], found)
                    found[operation.name] = operation
        if not found:
            raise NoDescription("there are no operations in it")
        return list(found.values())

    def resolved(self, node: Any, depth: int = 0) -> dict[str, Any]:
        """What a reference inside this document leads to; what leads elsewhere is nothing."""
        if not isinstance(node, dict):
            return {}
        target = node.get("$ref")
        if not isinstance(target, str):
            return node
        found: Any = self.tree
        for word in target.removeprefix("#/").split("/"):
            found = found.get(word.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        return self.resolved(found, depth + 1) if target.startswith("#/") and depth < DEEPEST else {}

    def _operation(
        self, path: str, method: str, told: dict[str, Any], shared: Any, taken: Mapping[str, Operation]
    ) -> Operation:
        asked = {
            (each.get("name"), each.get("in")): each
            for each in map(self.resolved, [*shared, *(told.get("parameters") or [])])
        }
        parameters: list[Parameter] = []
        properties: dict[str, Any] = {}
        needed: list[str] = []
        for (name, place), each in asked.items():
            if isinstance(name, str) and place in ("path", "query", "header"):
                argument = name if name not in properties else f"{name}_in_{place}"
                parameters.append(Parameter(name, place, argument))
                properties[argument] = self._property(each)
                needed += [argument] if each.get("required") or place == "path" else []
        body, form, required = self._body(told, asked)
        if body is not None:
            properties["body"] = body
            needed += ["body"] if required else []
        schema = {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}
        summary = " ".join(str(told.get(key) or "") for key in ("summary", "description")).strip()
        name = _name(told.get("operationId") or f"{method}_{path}", taken)
        return Operation(
            name, method, path, f"{method.upper()} {path}: {summary}"[:2000], schema, tuple(parameters), form
        )

    def _property(self, parameter: dict[str, Any]) -> dict[str, Any]:
        schema = parameter.get("schema") or {
            key: parameter[key] for key in ("type", "items", "enum", "default") if key in parameter
        }
        told = self._bounded(schema)
        return {**told, "description": str(parameter["description"])[:500]} if parameter.get("description") else told

    def _body(
        self, told: dict[str, Any], asked: Mapping[Any, dict[str, Any]]
    ) -> tuple[dict[str, Any] | None, bool, bool]:
        """Its schema, whether it is a form's, and whether it has to be there."""
        if self.old:
            if whole := next((each for (_, place), each in asked.items() if place == "body"), None):
                return self._bounded(whole.get("schema")), False, bool(whole.get("required"))
            parts = {str(name): self._property(each) for (name, place), each in asked.items() if place == "formData"}
            return ({"type": "object", "properties": parts} if parts else None), True, bool(parts)
        body = self.resolved(told.get("requestBody"))
        kinds = body.get("content")
        if not isinstance(kinds, dict) or not kinds:
            return None, False, False
        kind = next((each for each in kinds if "json" in each), next(iter(kinds)))
        return self._bounded((kinds[kind] or {}).get("schema")), kind in FORMS, bool(body.get("required"))

    def _bounded(self, schema: Any) -> dict[str, Any]:
        self._parts = 0
        told = self._inlined(schema, 0)
        fits = self._parts <= MOST_PARTS and len(json.dumps(told, default=str)) <= LARGEST
        if fits and isinstance(told, dict):
            return told
        kind = self.resolved(schema).get("type")
        return {"type": kind} if isinstance(kind, str) else {}

    def _inlined(self, schema: Any, depth: int) -> Any:
        """Without references; what goes on for ever, or deeper than anybody fills in, is anything."""
        if isinstance(schema, list):
            return [self._inlined(each, depth) for each in schema]
        if not isinstance(schema, dict):
            return schema
        whole = self.resolved(schema)
        self._parts += 1
        if depth > DEEPEST // 2 or self._parts > MOST_PARTS:
            return {key: whole[key] for key in ("type", "description") if isinstance(whole.get(key), str)}
        return {
            key: self._inlined(value, depth + (key not in ("properties", "items")))
            for key, value in whole.items()
            if key not in ("example", "examples", "xml")
        }


def _name(wanted: str, taken: Mapping[str, Operation]) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "_", wanted).strip("_")[:60] or "operation"
    return next(each for each in _numbered(plain) if each not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in range(2, MOST_OPERATIONS + 2))
