"""A YAML or JSON text with the line of each of its values."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

Path = tuple[str | int, ...]


class Unreadable(Exception):
    """Neither: the text says in which line."""


class Text:
    def __init__(self, text: str, *, is_json: bool = False) -> None:
        """Raises `Unreadable`. ``said_twice`` has the keys of which the one above would silently count for nothing."""
        self.content: Any = _json(text) if is_json else _yaml(text)
        try:
            self._root = yaml.compose(text.replace("\t", " ") if is_json else text, Loader=yaml.SafeLoader)
            self.said_twice = list(_twice(self._root, ()))
        except (yaml.YAMLError, RecursionError):  # what only JSON can say has no lines
            self._root, self.said_twice = None, []

    def place(self, path: Sequence[str | int]) -> str:
        """Where that is, for people: ``line 7, card 2 (wiki), url``."""
        told = [f"line {line}"] if (line := self._line(path)) else []
        if len(path) > 1 and isinstance(path[1], int):
            name = self._name(path[1])
            told.append(f"card {path[1] + 1}" + (f" ({name})" if name else ""))
            told += [str(path[2])] if len(path) > 2 else []
        return ", ".join(told)

    def _line(self, path: Sequence[str | int]) -> int:
        """Of the value, or of what stands round a value that is missing; 0 when it is not known."""
        node, line = self._root, 0
        for step in [None, *path]:
            if step is not None:
                node = _below(node, step)
            if node is None:
                break
            line = node.start_mark.line + 1
        return line

    def _name(self, number: int) -> str:
        try:
            name = self.content["cards"][number]["name"]
        except (LookupError, TypeError):
            return ""
        return name if isinstance(name, str) and name.isprintable() and len(name) <= 24 else ""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno} is not JSON: {error.msg}.") from None
    except RecursionError:
        raise Unreadable("it is too deeply nested.") from None


def _yaml(text: str) -> Any:
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            # A few lines of them could stand for millions.
            raise Unreadable("it uses *aliases, which are not read here: write it out.")
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}" if mark else "it"
        raise Unreadable(f"{where} is not YAML: {error.problem or error.context}.") from None
    except (yaml.YAMLError, ValueError, RecursionError):  # a control character, a date that is none
        raise Unreadable("it is not YAML.") from None


def _below(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        below: yaml.Node = node.value[step]
        return below
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None


def _twice(node: yaml.Node | None, path: Path) -> Iterator[Path]:
    if isinstance(node, yaml.SequenceNode):
        for number, each in enumerate(node.value):
            yield from _twice(each, (*path, number))
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield (*path, key.value)
            elif isinstance(key.value, str):
                seen.add(key.value)
            yield from _twice(value, (*path, str(key.value)))
