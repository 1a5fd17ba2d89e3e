"""From a wish and the tool it is for to calls, or to what has to be known first."""

import re
from dataclasses import dataclass

from playground.gemini.demo.conversation import Call, Conversation
from playground.gemini.demo.hearing.clauses import Clause
from playground.gemini.demo.hearing.places import mentions
from playground.gemini.demo.tools import references
from playground.gemini.demo.tools.arguments import filled
from playground.gemini.demo.tools.tool import Parameter, Tool, lister
from playground.gemini.wire import Json

MOST = 10  # calls of one wish


@dataclass(frozen=True)
class Want:
    """What the next message may give: a value for ``missing``, one of ``choices`` where there are some."""

    tool: Tool
    arguments: Json
    missing: Parameter
    clause: Clause
    choices: tuple[str, ...] = ()
    described: str = ""


@dataclass(frozen=True)
class Plan:
    """``looking`` is called for what it tells, not because anybody asked for it."""

    calls: tuple[Call, ...] = ()
    looking: bool = False
    want: Want | None = None
    nothing_there: bool = False
    world_time: bool = False
    """A place was needed and none named."""


def planned(tool: Tool, clause: Clause, talk: Conversation) -> Plan:
    fill = filled(tool, clause)
    if tool.names_a_thing and all(each.kind == "name" for each in fill.missing):
        return _of_a_thing(tool, clause, talk, dict(fill.calls[0]))
    if fill.missing and all(each.kind == "zone" for each in fill.missing) and len(tool.needed) == 1:
        zone = {fill.missing[0].name: "UTC"}
        return Plan((Call(tool.name, {**fill.calls[0], **zone}),), world_time=True)
    if fill.missing:
        return Plan(want=Want(tool, fill.calls[0], fill.missing[0], clause))
    return Plan(tuple(Call(tool.name, arguments) for arguments in (_each(tool, clause) or fill.calls)[:MOST]))


def _each(tool: Tool, clause: Clause) -> list[Json]:
    """«add these notes: call the bank, book a room»: one of each."""
    if tool.deed != "add" or not clause.free or not re.search(rf"\b{tool.many}\b", clause.head, re.IGNORECASE):
        return []
    apart = r"[;\n]+" if re.search(r"[;\n]", clause.free) else r",\s*(?:and\s+)?|\s+and\s+"
    said = [each.strip(" -*.") for each in re.split(apart, clause.free)]
    return [{tool.needed[0].name: each} for each in said if each] if len(tool.needed) == 1 else []


def _of_a_thing(tool: Tool, clause: Clause, talk: Conversation, given: Json) -> Plan:
    name = tool.of_kind("name")[0]
    arguments = {key: value for key, value in given.items() if key != name.name}
    found = references.found(tool, clause, talk)
    if found.names:
        return Plan(tuple(Call(tool.name, {**arguments, name.name: each}) for each in found.names[:MOST]))
    looks = lister(talk.tools, tool)
    looked = looks and any(result.name == looks.name for result in talk.now.results)
    if found.unseen and looks:
        # Looked in vain: what the tool said of it is told instead.
        return Plan((Call(looks.name, {}),), looking=not looked)
    if found.choices == ():
        return Plan(nothing_there=True, want=Want(tool, arguments, name, clause))
    return Plan(want=Want(tool, arguments, name, clause, found.choices or (), found.described))


def supplied(want: Want, said: str, clause: Clause) -> tuple[Call, ...] | Want | None:
    """The calls that the wanted value completes, what is wanted still, or None when this is no such value."""
    if want.choices:
        name = references.chosen(said, want.choices)
        return (Call(want.tool.name, {**want.arguments, want.missing.name: name}),) if name else None
    wording = f"{want.tool.verb} a {want.tool.thing}"
    match want.missing.kind:
        case "name" if want.tool.deed == "add":
            text = f"{wording} for {said}"
        case "name" | "free" | "text" | "list":
            text = f"{wording}: {said}"
        case "zone":
            return _zone(want, clause)
        case _:
            text = f"{wording} {want.missing.spoken} {said}"
    fill = filled(want.tool, Clause(text, clause.mood, False))
    arguments = {**fill.calls[0], **want.arguments}
    if want.missing.name not in arguments:
        return None
    missing = [each for each in want.tool.needed if each.name not in arguments]
    return Want(want.tool, arguments, missing[0], want.clause) if missing else (Call(want.tool.name, arguments),)


def _zone(want: Want, clause: Clause) -> tuple[Call, ...] | Want | None:
    found = mentions(clause.text)
    if not found:
        return None
    arguments = {**want.arguments, want.missing.name: found[0].zone}
    missing = [each for each in want.tool.needed if each.name not in arguments]
    return Want(want.tool, arguments, missing[0], want.clause) if missing else (Call(want.tool.name, arguments),)
