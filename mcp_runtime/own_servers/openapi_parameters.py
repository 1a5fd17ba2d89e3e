"""One parameter of an operation, and how its value is written into a request: as the description says it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mcp.server.mcpserver.exceptions import ToolError

PLACES = ("path", "query", "header")
NOT_OURS = frozenset(
    """
    accept authorization connection content-length content-type cookie host te trailer transfer-encoding upgrade
    """.split()  # noqa: SIM905  as words to read
)
"""Headers that are no parameters: the request's own, and those by which one would be let in or sent elsewhere."""
JOINTS = {"spaceDelimited": " ", "ssv": " ", "pipeDelimited": "|", "pipes": "|", "tsv": "\t"}


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    """One of `PLACES`."""
    argument: str
    """What the tool calls it: names may be there twice, in different places."""
    apart: bool = True
    """Each of several values as a parameter by itself, and not all in one."""
    joint: str = ","
    deep: bool = False
    """Members of an object are written ``name[member]``."""
    as_json: bool = False

    def pairs(self, value: Any) -> list[tuple[str, str]]:
        """For the address."""
        if self.as_json:
            return [(self.name, json.dumps(value, ensure_ascii=False))]
        if isinstance(value, dict) and self.deep:
            return [(f"{self.name}[{key}]", plain(each)) for key, each in value.items()]
        if isinstance(value, dict) and self.apart:
            return [(str(key), plain(each)) for key, each in value.items()]
        if isinstance(value, list) and self.apart:
            return [(self.name, plain(each)) for each in value]
        return [(self.name, self._joined(value))]

    def header(self, value: Any) -> str:
        """One line: a header that holds two would be two."""
        text = json.dumps(value) if self.as_json else self._joined(value)
        if not text.isprintable():
            raise ToolError("A header is one line of plain text.")
        return text

    def segment(self, value: Any) -> str:
        """Of a path: with no way up or aside."""
        text = self._joined(value)
        if text in ("", ".", ".."):
            raise ToolError("A part of a path cannot be empty, “.” or “..”.")
        return quote(text, safe="")

    def _joined(self, value: Any) -> str:
        if isinstance(value, dict):
            return ",".join(part for key, each in value.items() for part in (str(key), plain(each)))
        return self.joint.join(map(plain, value)) if isinstance(value, list) else plain(value)


def plain(value: Any) -> str:
    if isinstance(value, (dict, list, bool)) or value is None:
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def told(asked: Mapping[Any, Mapping[str, Any]], *, old: bool) -> Iterator[tuple[Parameter, Mapping[str, Any]]]:
    """Those that a call can fill, each with its description. ``old``: it is written as Swagger 2 has it."""
    taken: set[str] = set()
    for (name, place), each in asked.items():
        if not isinstance(name, str) or place not in PLACES or (place == "header" and name.lower() in NOT_OURS):
            continue
        argument = name if name not in taken else f"{name}_in_{place}"
        taken.add(argument)
        style = each.get("collectionFormat" if old else "style")
        style = style if isinstance(style, str) else ""
        apart = style == "multi" if old else each.get("explode", style in ("", "form")) is not False
        yield (
            Parameter(
                name,
                place,
                argument,
                apart=apart,
                joint=JOINTS.get(style, ",") if place == "query" else ",",
                deep=style == "deepObject",
                as_json=not old and isinstance(each.get("content"), dict) and "schema" not in each,
            ),
            each,
        )
