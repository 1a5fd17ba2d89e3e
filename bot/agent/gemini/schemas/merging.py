"""A schema with its `allOf` and what stands beside its `$ref` made one."""

from dataclasses import dataclass, field
from typing import Any

from bot.agent.gemini.schemas.keywords import NOISE, WORDS, Schema
from bot.agent.gemini.schemas.references import Document, Target, is_small
from bot.agent.gemini.schemas.tidying import tidied

DEEPEST = 30  # allOf inside allOf
MOST = 1_000  # parts merged in one document: a few lines can ask for millions


@dataclass
class Flat:
    """Either ``target``, a reference and nothing else, or a ``schema`` without `allOf` and `$ref`."""

    schema: Schema = field(default_factory=dict)
    also: list[tuple[str, Any]] = field(default_factory=list)
    """Keywords that came a second time, or cannot be kept: for words."""
    target: Target | None = None
    own: set[str] = field(default_factory=set)
    """Members of ``schema`` that are no part of the document any more, and may be changed."""


class Merging:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._left = MOST
        self._ends: dict[int, Target | None] = {}

    def flat(self, raw: Any, seen: frozenset[int] = frozenset()) -> Flat:
        if isinstance(raw, Target):
            return Flat(target=raw)
        schema = {key: value for key, value in tidied(raw).items() if key not in NOISE}
        parts, ref, stands = schema.pop("allOf", []), schema.pop("$ref", None), raw
        if ref is None and len(parts) == 1 and schema.keys() <= WORDS:
            part = tidied(parts[0])
            if not schema and len(seen) < DEEPEST:
                return self.flat(parts[0], seen | {id(raw)})
            if part.keys() == {"$ref"}:
                ref, stands, parts = part["$ref"], parts[0], []
        out = Flat(schema)
        if ref is not None:
            found = self._document.target(ref, stands)
            if found is None:
                out.also.append(("undefined here", ref.rpartition("/")[2]))
            elif (target := self._end(found)) is None:
                out.also.append(("a circle of references", ref.rpartition("/")[2]))
            elif not parts and (whole := self._referring(target, schema)):
                return whole
            else:
                parts = [target.node, *parts]
        for part in parts:
            self._merge(out, part, seen | {id(raw)})
        return out

    def _end(self, found: Target) -> Target | None:
        """What a chain of bare references ends in; None for a circle."""
        if id(found.node) not in self._ends:
            self._ends[id(found.node)] = self._followed(found)
        return self._ends[id(found.node)]

    def _followed(self, found: Target) -> Target | None:
        seen = set[int]()
        while id(found.node) not in seen:
            seen.add(id(found.node))
            node = {key: value for key, value in tidied(found.node).items() if key not in NOISE}
            if node.keys() != {"$ref"}:
                return found
            following = self._document.target(node["$ref"], found.node)
            if following is None:
                return found
            found = following
        return None

    def _referring(self, target: Target, schema: Schema) -> Flat | None:
        """A reference that stays one; None when its target has to be written out."""
        if isinstance(target.node, bool):
            return Flat(schema)
        if schema.keys() - WORDS or (is_small(target.node) and (schema or not target.defined)):
            return None
        # No other key may stand beside a reference, and its words would be lost.
        return Flat({**schema, "anyOf": [target]}) if schema else Flat(target=target)

    def whole(self, raw: Any, seen: frozenset[int] = frozenset()) -> Flat:
        """Never a reference: its target is written out."""
        flat = self.flat(raw, seen)
        if flat.target is None:
            return flat
        node = flat.target.node
        return Flat() if id(node) in seen else self.whole(node, seen | {id(node)})

    def _merge(self, out: Flat, part: Any, seen: frozenset[int]) -> None:
        self._left -= 1
        if id(part) in seen or len(seen) > DEEPEST or self._left < 0:
            return
        more = self.whole(part, seen | {id(part)})
        for key, value in more.schema.items():
            _add(out, key, value)
        out.also += more.also


def _add(out: Flat, key: str, value: Any) -> None:
    """Properties, requirements and descriptions add up; of all else the first word counts, the second is told."""
    schema = out.schema
    if key == "properties":
        mine = schema[key] = schema[key] if key in out.own else dict(schema.get(key, {}))
        out.own.add(key)
        for name, child in value.items():
            if mine.setdefault(name, child) != child:
                mine[name] = {"allOf": [mine[name], child]}
    elif key not in schema:
        schema[key] = value
    elif key == "required":
        schema[key] = list(dict.fromkeys([*schema[key], *value]))
    elif key == "description":
        schema[key] = schema[key] if value in schema[key] else f"{schema[key]} {value}"
    elif key != "title" and schema[key] != value:
        out.also.append((key, value))
