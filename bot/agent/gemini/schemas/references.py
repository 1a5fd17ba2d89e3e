"""What a reference means: pointers, anchors, ids and names, also where the document is not quite right."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin

from bot.agent.gemini.schemas.keywords import VALUES, Schema

HOMES = ("$defs", "definitions")
NAMED = frozenset({*HOMES, "properties", "patternProperties", "dependentSchemas"})
"""What stands under these is schemas by name."""
LOST = object()
ROOT = "Arguments"
SMALL = 40  # nodes
PARTS = 4
"""Of an address, by the last of which it may be called."""


@dataclass(frozen=True)
class Target:
    node: Any
    """A schema of the document, the very object."""
    name: str
    defined: bool
    """Its author gave it this name."""


class Document:
    """A whole schema. References in it are resolved here and nowhere else: nothing is ever fetched."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self._anchors: dict[str, Any] = {}
        self._ids: dict[str, Schema] = {}
        self._ends: dict[str, Schema] = {}
        self._around: dict[int, tuple[Schema, ...]] = {}
        for node, around in _schemas_of(root):
            self._note(node, around)

    def _note(self, node: Schema, around: tuple[Schema, ...]) -> None:
        if around:
            self._around[id(node)] = around
        for key in ("$anchor", "$dynamicAnchor"):
            if isinstance(node.get(key), str):
                self._anchors.setdefault(node[key], node)
        for key in ("$id", "id"):
            name = node.get(key)
            if isinstance(name, str) and name.startswith("#"):
                self._anchors.setdefault(name[1:], node)
            elif isinstance(name, str):
                self._note_id(name.rstrip("#"), node)

    def _note_id(self, name: str, node: Schema) -> None:
        """By its last parts too: by how many of them it will be called is not known."""
        self._ids.setdefault(name, node)
        parts = name.split("/")
        for start in range(max(1, len(parts) - PARTS), len(parts)):
            self._ends.setdefault("/".join(parts[start:]), node)

    def target(self, ref: str, stands: Any) -> Target | None:
        """None when there is nothing of the kind; ``stands`` is the schema that refers."""
        address, _, fragment = ref.partition("#")
        near = self._around.get(id(stands), ())
        own = (stands,) if isinstance(stands, dict) else ()
        for start in self._starts(address, (*near, *own)):
            if (found := self._in(start, fragment)) is not None:
                return found
        # A name that is defined here is meant, however wrong the way to it.
        name = _steps(fragment or address)[-1:] or [address]
        for start in (self.root, *reversed(near)):
            if (found := _named(start, unquote(name[0]).removesuffix(".json"))) is not None:
                return found
        return None

    def _starts(self, address: str, near: tuple[Schema, ...]) -> list[Schema]:
        if not address:
            own = [node for node in near if isinstance(node.get("$id"), str)][-1:]
            return [*own, self.root, *reversed(near)]
        whole = urljoin(str(self.root.get("$id") or ""), address)
        named = (self._ids.get(address), self._ids.get(whole), self._ends.get(address))
        return [node for node in named if node is not None][:1]

    def _in(self, start: Schema, fragment: str) -> Target | None:
        if not fragment:
            return Target(start, _last(str(start.get("$id") or "")) if start is not self.root else ROOT, True)
        if not fragment.startswith("/"):
            node = self._anchors.get(unquote(fragment))
            return Target(node, fragment, True) if node is not None else _named(start, unquote(fragment))
        steps = _steps(fragment)
        node = start
        for step in steps:
            node = _step(node, step)
        defined = len(steps) > 1 and steps[-2] in HOMES
        return Target(node, unquote(steps[-1]), defined) if isinstance(node, dict | bool) else None


def _named(start: Schema, name: str) -> Target | None:
    for home in HOMES:
        node = _step(_step(start, home), name)
        if isinstance(node, dict | bool):
            return Target(node, name, True)
    return None


def _steps(pointer: str) -> list[str]:
    return pointer.split("/")[1:]


def _last(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2] or ROOT


def _step(node: Any, step: str) -> Any:
    """Names are written with ``~``, percent signs, both, or as they are."""
    if isinstance(node, list):
        return node[int(step)] if step.isdecimal() and int(step) < len(node) else LOST
    if not isinstance(node, dict):
        return LOST
    plain = step.replace("~1", "/").replace("~0", "~")
    decoded = unquote(step).replace("~1", "/").replace("~0", "~")
    return next((node[name] for name in (step, plain, decoded) if name in node), LOST)


def _schemas_of(root: Schema) -> Iterator[tuple[Schema, tuple[Schema, ...]]]:
    """Every object that may be a schema, with those round it that hold definitions or a base; not by recursion."""
    ahead: list[tuple[Any, tuple[Schema, ...], bool]] = [(root, (), False)]
    while ahead:
        node, around, by_name = ahead.pop()
        if isinstance(node, list):
            ahead += [(child, around, False) for child in node]
        elif isinstance(node, dict) and by_name:
            ahead += [(child, around, False) for child in node.values()]
        elif isinstance(node, dict):
            yield node, around
            inside = (*around, node) if node is not root and {*HOMES, "$id"} & node.keys() else around
            ahead += [(child, inside, key in NAMED) for key, child in node.items() if key not in VALUES]


def is_small(node: Any) -> bool:
    """Little enough to be written out wherever it is referred to: it refers to nothing itself."""
    ahead, count = [node], 0
    while ahead and count <= SMALL:
        node = ahead.pop()
        count += 1
        if isinstance(node, dict):
            if any(key in node for key in ("$ref", "$dynamicRef", "$recursiveRef")):
                return False
            ahead += node.values()
        elif isinstance(node, list):
            ahead += node
    return count <= SMALL
