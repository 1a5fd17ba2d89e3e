"""An API's own description, OpenAPI 3 or Swagger 2, as operations that can be offered as tools."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import yaml

from mcp_runtime.own_servers import yaml_text
from mcp_runtime.own_servers.openapi_parameters import Parameter, told
from mcp_runtime.own_servers.openapi_schemas import Schemas, listed, mapping
from mcp_runtime.own_servers.request_bodies import FORM, JSON, PARTS, best

READING = ("get", "head")
METHODS = (*READING, "post", "put", "patch", "delete", "options")
MOST_OPERATIONS = 1001
"""One more than is taken of any server: so whoever connects it is told that there are more."""


class NoDescription(Exception):
    """What was fetched describes no API."""


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    summary: str
    schema: dict[str, Any]
    parameters: tuple[Parameter, ...]
    body: str = ""
    """The argument that is its body; empty: it has none."""
    kind: str = JSON
    """The media type of its body."""
    servers: Any = None
    """Where it is, when that is not where the others are."""

    @property
    def reads(self) -> bool:
        return self.method in READING


class Document:
    def __init__(self, text: str) -> None:
        """Raises `NoDescription`."""
        try:
            self.tree: Any = json.loads(text) if text.lstrip().startswith("{") else yaml_text.read(text)
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            raise NoDescription("neither JSON nor YAML") from error
        if not isinstance(self.tree, dict) or not isinstance(self.tree.get("paths"), dict):
            raise NoDescription("there are no paths in it")
        self.old = "swagger" in self.tree
        self._schemas = Schemas(self.tree)

    @property
    def title(self) -> str:
        told = self.tree.get("info")
        return str(told.get("title") or "") if isinstance(told, dict) else ""

    def address(self, url: str, servers: Any = None) -> str:
        """Where the API is, as the description says it, relative to its own address; raises `NoDescription`."""
        try:
            told = urljoin(url, self._of_old() if self.old else self._of_first(servers or self.tree.get("servers")))
            urlsplit(told).port  # noqa: B018  it is read to be refused now
        except ValueError as error:
            raise NoDescription("the address of the API is none") from error
        return told

    def _of_old(self) -> str:
        schemes = [str(each) for each in listed(self.tree.get("schemes"))]
        scheme = "https:" if "https" in schemes else f"{schemes[0]}:" if schemes else ""
        host = f"{scheme}//{self.tree['host']}" if self.tree.get("host") else ""
        return host + str(self.tree.get("basePath") or "/")

    def _of_first(self, servers: Any) -> str:
        first = mapping(next(iter(listed(servers)), None))
        variables = mapping(first.get("variables"))

        def default(hit: re.Match[str]) -> str:
            return str(mapping(variables.get(hit[1])).get("default", ""))

        return re.sub(r"\{(\w+)\}", default, str(first.get("url") or "/"))

    def operations(self, *, writing: bool = True) -> list[Operation]:
        """All with a name of their own, in the document's order, at most `MOST_OPERATIONS`; raises `NoDescription`.

        Without ``writing``, those that read: what is not offered takes no place.
        """
        found: dict[str, Operation] = {}
        some = False
        for path, item in self.tree["paths"].items():
            whole = self._schemas.resolved(item)
            for method in METHODS:
                if not isinstance(operation := whole.get(method), dict):
                    continue
                some = True
                if (writing or method in READING) and len(found) < MOST_OPERATIONS:
                    made = self._operation(str(path), method, operation, whole, found)
                    found[made.name] = made
        if not some:
            raise NoDescription("there are no operations in it")
        return list(found.values())

    def _operation(
        self, path: str, method: str, said: dict[str, Any], item: dict[str, Any], taken: Mapping[str, Operation]
    ) -> Operation:
        asked = {
            (str(each.get("name") or ""), str(each.get("in"))): each
            for each in map(self._schemas.resolved, [*listed(item.get("parameters")), *listed(said.get("parameters"))])
        }
        parameters: list[Parameter] = []
        properties: dict[str, Any] = {}
        needed: list[str] = []
        for parameter, each in told(asked, old=self.old):
            parameters.append(parameter)
            properties[parameter.argument] = self._property(each)
            needed += [parameter.argument] if each.get("required") or parameter.place == "path" else []
        body, kind, required = self._body(said, asked)
        argument = next(each for each in _numbered("body") if each not in properties) if body is not None else ""
        if body is not None:
            properties[argument] = body
            needed += [argument] if required else []
        schema = {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}
        summary = " ".join(str(said.get(key) or "") for key in ("summary", "description")).strip()
        return Operation(
            _name(str(said.get("operationId") or f"{method}_{path}"), taken),
            method,
            path,
            f"{method.upper()} {path}: {summary}"[:2000],
            schema,
            tuple(parameters),
            argument,
            kind,
            said.get("servers") or item.get("servers"),
        )

    def _property(self, parameter: Mapping[str, Any]) -> dict[str, Any]:
        content = next(iter(mapping(parameter.get("content")).values()), None)
        schema = parameter.get("schema") or mapping(content).get("schema") or {
            key: parameter[key] for key in ("type", "items", "enum", "default") if key in parameter
        }  # fmt: skip
        told = self._schemas.bounded(schema)
        return {**told, "description": str(parameter["description"])[:500]} if parameter.get("description") else told

    def _body(
        self, said: dict[str, Any], asked: Mapping[Any, dict[str, Any]]
    ) -> tuple[dict[str, Any] | None, str, bool]:
        """Its schema, its media type, and whether it has to be there."""
        if self.old:
            if whole := next((each for (_, place), each in asked.items() if place == "body"), None):
                return self._schemas.bounded(whole.get("schema")), JSON, bool(whole.get("required"))
            parts = {name: self._property(each) for (name, place), each in asked.items() if place == "formData"}
            takes = listed(said.get("consumes") or self.tree.get("consumes"))
            kind = PARTS if PARTS in takes and FORM not in takes else FORM
            return ({"type": "object", "properties": parts} if parts else None), kind, bool(parts)
        body = self._schemas.resolved(said.get("requestBody"))
        kinds = {str(kind): each for kind, each in mapping(body.get("content")).items()}
        if not kinds:
            return None, JSON, False
        kind = best(list(kinds))
        return self._schemas.bounded(mapping(kinds[kind]).get("schema")), kind, bool(body.get("required"))


def _name(wanted: str, taken: Mapping[str, Operation]) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "_", wanted).strip("_")[:60] or "operation"
    return next(each for each in _numbered(plain) if each not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in range(2, MOST_OPERATIONS + 2))
