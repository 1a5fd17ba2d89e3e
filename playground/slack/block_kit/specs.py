"""Small checks that are put together to describe a payload: each yields its complaints about one value."""

from collections.abc import Callable, Iterator
from typing import Any

Spec = Callable[[str, Any], Iterator[str]]  # (path, value) -> complaints
PLAIN, ANY_TEXT = ("plain_text",), ("plain_text", "mrkdwn")


def anything(path: str, value: Any) -> Iterator[str]:
    yield from ()


def string(limit: int, minimum: int = 1) -> Spec:
    def complaints(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, str) or not minimum <= len(value) <= limit:
            yield f"{path}: must be a string of {minimum}..{limit} characters"

    return complaints


def length(path: str, value: Any) -> Iterator[str]:
    if not isinstance(value, int) or not 0 <= value <= 3000:
        yield f"{path}: must be an integer in 0..3000"


def one_of(*values: str) -> Spec:
    def complaints(path: str, value: Any) -> Iterator[str]:
        if value not in values:
            yield f"{path}: must be one of {', '.join(values)}"

    return complaints


def text(limit: int, kinds: tuple[str, ...] = ANY_TEXT) -> Spec:
    def complaints(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, dict) or value.get("type") not in kinds:
            yield f"{path}: must be a text object of type {' or '.join(kinds)}"
            return
        yield from string(limit)(path, value.get("text"))
        yield from (f"{path}/{key}: unknown key" for key in value.keys() - {"type", "text", "emoji", "verbatim"})

    return complaints


def many(low: int, high: int, spec: Spec) -> Spec:
    def complaints(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, list) or not low <= len(value) <= high:
            yield f"{path}: must hold {low}..{high} items"
            return
        for index, item in enumerate(value):
            yield from spec(f"{path}/{index}", item)

    return complaints


def shape(fields: dict[str, Spec], at_least_one: tuple[str, ...] = ()) -> Spec:
    """An object with these keys and no others; a name ending in `?` may be absent."""
    specs = {name.rstrip("?"): spec for name, spec in fields.items()}

    def complaints(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: must be an object"
            return
        yield from (f"{path}/{key}: unknown key" for key in value.keys() - specs.keys() - {"type", "block_id"})
        yield from (f"{path}/{name}: required" for name in fields if not name.endswith("?") and name not in value)
        if at_least_one and not any(value.get(name) for name in at_least_one):
            yield f"{path}: needs {' or '.join(at_least_one)}"
        for name in specs.keys() & value.keys():
            yield from specs[name](f"{path}/{name}", value[name])

    return complaints


def element(allowed: set[str], specs: dict[str, Spec]) -> Spec:
    def complaints(path: str, value: Any) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in allowed:
            yield f"{path}: {kind!r} is not allowed here"
        yield from specs.get(kind or "", anything)(path, value)

    return complaints
