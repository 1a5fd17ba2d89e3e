"""Paths that stay inside the folders a connection may use; links that lead out are the sandbox's to stop."""

from collections.abc import Callable, Iterator, Mapping
from posixpath import normpath
from typing import Any

from mcp_runtime.specs import ServerSpec, StdioSpec

FOLDERS = "/srv/folders"
"""Where a sandbox has the folders that its spec names."""
NOT_ABSOLUTE = "The path {} does not begin with one of the folders that may be used: {}."
OUTSIDE = "The path {} is outside the folders that may be used: {}."
NO_PATH = "A path is one line of text."
GITS = "The path {} is inside .git, which is git's alone: nothing else may change it."


def inside_folders(
    *names: str, at: Mapping[str, str] | None = None
) -> Callable[[Mapping[str, Any], ServerSpec], str | None]:
    """Checks the paths in these arguments, each one path or a list of them.

    ``at``: where programs see a folder, by its name, when that is not below `FOLDERS`.
    """
    places = at or {}

    def check(arguments: Mapping[str, Any], spec: ServerSpec) -> str | None:
        folders = spec.folders if isinstance(spec, StdioSpec) else ()
        allowed = [places.get(each, f"{FOLDERS}/{each}") for each in folders]
        return next(filter(None, (complaint(path, allowed) for path in _given(arguments, names))), None)

    return check


def outside_git(*names: str) -> Callable[[Mapping[str, Any]], str | None]:
    """Refuses paths into a repository's own files, whose hooks and settings are commands to whoever uses it."""

    def check(arguments: Mapping[str, Any]) -> str | None:
        paths = (path for path in _given(arguments, names) if isinstance(path, str))
        inside = (path for path in paths if ".git" in path.casefold().split("/"))
        return next((GITS.format(path[:200]) for path in inside), None)

    return check


def _given(arguments: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Any]:
    for name in names:
        if name in arguments:
            yield from _several(arguments[name])


def complaint(path: Any, allowed: list[str]) -> str | None:
    """``allowed`` are absolute."""
    if not isinstance(path, str) or not path.isprintable():
        return NO_PATH
    where = ", ".join(allowed) or "none"
    if not path.startswith("/"):
        return NOT_ABSOLUTE.format(path[:200], where)
    # Two slashes at the beginning stay in a normal path.
    plain = normpath(path).replace("//", "/", 1)
    if not any(plain == each or plain.startswith(f"{each}/") for each in allowed):
        return OUTSIDE.format(path[:200], where)
    return None


def _several(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else [value]
