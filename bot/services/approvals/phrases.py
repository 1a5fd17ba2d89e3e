"""A call in our own words, where its card has some that are true of it: «close issue #41 in acme/web».

Only what can be read at a glance goes into them: an argument of another kind is shown in full beside them.
"""

import re
from collections.abc import Mapping
from typing import Any

from mcp_runtime.tools.tools import Phrase, Tool

_NAMES = re.compile(r"\{(\w+)\}")
_PLAIN = re.compile(r"[A-Za-z0-9À-ÖØ-öø-ÿ_./@+-]{1,60}")
PLURAL = "s"


def phrase_of(tool: Tool, arguments: Mapping[str, Any]) -> Phrase | None:
    """The first that is true of these arguments and can be filled in with them."""
    return next((each for each in tool.phrases if fits(each, arguments)), None)


def fits(phrase: Phrase, arguments: Mapping[str, Any]) -> bool:
    true = all(name in arguments and same(arguments[name], value) for name, value in phrase.where.items())
    return true and all(plainly(arguments.get(name)) for name in names_in(phrase.text))


def names_in(text: str) -> list[str]:
    """The arguments that a phrase tells."""
    return [name for name in _NAMES.findall(text) if name != PLURAL]


def plainly(value: Any) -> str:
    """As it stands in a sentence; empty where it is not fit for one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    told = f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)
    return told if _PLAIN.fullmatch(told) else ""


def same(one: Any, other: Any) -> bool:
    """1 is not true, nor is it «1»; but a model may write 1 as 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return bool(one == other) and (numbers or type(one) is type(other))


def filled(text: str, values: Mapping[str, str], *, several: bool = False) -> str:
    """``values`` are as they are to be shown."""
    told = {**values, PLURAL: PLURAL if several else ""}
    return _NAMES.sub(lambda found: told.get(found[1], found[0]), text)
