"""Stages of an installation's own, named as ``package.module:name``; each is a `Stage`, or makes one."""

from collections.abc import Sequence
from importlib import import_module

from bot.services.watch.content.values import Direction, Said, Stage


class NoStage(Exception):
    """The text says which, and what is wrong with it."""


def loaded(names: Sequence[str]) -> list[Stage]:
    """Raises `NoStage`. Each is tried once with a harmless sentence, so that a wrong one ends the start and no chat."""
    return [_loaded(name) for name in names]


def _loaded(name: str) -> Stage:
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise NoStage(f"{name} cannot be loaded ({type(error).__name__})") from error
    stage: Stage = found() if isinstance(found, type) else found
    if not (isinstance(getattr(stage, "name", None), str) and callable(stage)):
        raise NoStage(f"{name} is no stage: it needs a name and directions, and has to be callable")
    directions = frozenset(getattr(stage, "directions", ()))
    if not directions or not directions <= set(Direction):
        raise NoStage(f"{name} says no directions: some of {', '.join(Direction)}")
    try:
        for direction in directions:
            verdict = stage(Said("Good morning", Direction(direction))).verdict
    except Exception as error:
        raise NoStage(f"{name} fails on a harmless sentence ({type(error).__name__})") from error
    if verdict == "block":
        raise NoStage(f"{name} blocks a harmless sentence")
    return stage
