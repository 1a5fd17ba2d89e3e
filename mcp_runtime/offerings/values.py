"""Resources, templates of them, and prompts, fit to be shown: a server's words, on one line and bounded."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_runtime.tools.pins import spoken
from mcp_runtime.tools.untrusted_text import clipped, one_line, shown

if TYPE_CHECKING:
    from mcp import types

LONGEST_ABOUT = 500
LONGEST_URI = 1500
"""Characters of its JSON, as of a prompt's name; one that is longer fits into no button."""
MOST_ARGUMENTS, LONGEST_ARGUMENTS = 20, 700
"""Of a form, and characters of their names as JSON: they go with it."""


@dataclass(frozen=True)
class Resource:
    """``size`` is in bytes, as the server says."""

    uri: str
    title: str
    about: str = ""
    kind: str = ""
    """Its media type."""
    size: int | None = None


@dataclass(frozen=True)
class Argument:
    name: str
    title: str
    about: str = ""
    required: bool = False


@dataclass(frozen=True)
class Template:
    """Of resources, by RFC 6570; its variables are ``arguments``."""

    uri: str
    title: str
    about: str = ""
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True)
class Prompt:
    name: str
    title: str
    about: str = ""
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True)
class Offerings:
    """``cut``: the server has more than are listed."""

    resources: tuple[Resource, ...] = ()
    templates: tuple[Template, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    cut: bool = False


def resource(each: "types.Resource") -> Resource | None:
    """None when it cannot be asked for by a button."""
    if not _fits(each.uri):
        return None
    title = one_line(each.title or each.name) or one_line(each.uri)
    return Resource(each.uri, title, _about(each.description), one_line(each.mime_type or ""), each.size)


def template(each: "types.ResourceTemplate") -> Template | None:
    names = variables(each.uri_template) if _fits(each.uri_template) else []
    if not names or not _fit(names):
        return None
    title = one_line(each.title or each.name) or one_line(each.uri_template)
    spare = optional(each.uri_template)
    found = tuple(Argument(name, spoken(name), required=name not in spare) for name in names)
    return Template(each.uri_template, title, _about(each.description), found)


def prompt(each: "types.Prompt") -> Prompt | None:
    """None when it cannot be asked for by a button, or by a form."""
    if not _fits(each.name) or not _fit([one.name for one in each.arguments or ()]):
        return None
    found = tuple(
        Argument(one.name, one_line(one.title or "") or spoken(one.name), _about(one.description), bool(one.required))
        for one in each.arguments or ()
    )
    return Prompt(each.name, one_line(each.title or "") or spoken(each.name), _about(each.description), found)


def variables(uri_template: str) -> list[str]:
    """In the order in which they come, each once; none when the template cannot be read."""
    from mcp import InvalidUriTemplate, UriTemplate

    try:
        return list(dict.fromkeys(UriTemplate.parse(uri_template).variable_names))
    except InvalidUriTemplate:
        return []


def optional(uri_template: str) -> frozenset[str]:
    """Those of a query, which an address can do without; ``uri_template`` is one that can be read."""
    from mcp import UriTemplate

    told = UriTemplate.parse(uri_template).variables
    return frozenset(each.name for each in told if each.operator in ("?", "&"))


def schema_of(arguments: Sequence[Argument], choices: Mapping[str, Sequence[str]] | None = None) -> dict[str, object]:
    """A form's; ``choices`` are all the values that an argument may have, where the server says so."""
    known = choices or {}
    members = {
        each.name: {
            "type": "string",
            "title": each.title,
            **({"description": each.about} if each.about else {}),
            **({"enum": list(known[each.name])} if known.get(each.name) else {}),
        }
        for each in arguments
    }
    return {"type": "object", "properties": members, "required": [each.name for each in arguments if each.required]}


def _fits(text: str) -> bool:
    return len(json.dumps(text)) <= LONGEST_URI


def _fit(names: Sequence[str]) -> bool:
    return len(names) <= MOST_ARGUMENTS and len(json.dumps(names)) <= LONGEST_ARGUMENTS


def _about(text: str | None) -> str:
    return clipped(" ".join(shown(text or "", LONGEST_ABOUT).split()), LONGEST_ABOUT)
