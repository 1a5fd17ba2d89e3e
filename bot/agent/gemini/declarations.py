"""Tools as Gemini sees them: schemas that pass, and what to leave out when it refuses one."""

import asyncio
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.agent.gemini.refusals.blame import is_about_tools, named
from bot.agent.gemini.refusals.refused_tools import NAMED, UNNAMED, RefusedTools
from bot.agent.gemini.schemas import Unfit, fitted
from bot.agent.gemini.well_formed import well_formed
from mcp_runtime.tools.kept import Kept
from mcp_runtime.tools.tools import Tool

MOST = 512  # declared in one request; the API refuses more
MOST_CHARACTERS = 4_000_000
"""Of all that is declared in one request: about as many as the model can read at all."""
LARGE = 4_000
"""Characters of a schema whose fitting takes more than a moment: some hundred milliseconds for the largest."""
MOST_KEPT = 4 * MOST_CHARACTERS
"""Of the schemas that are kept as they were fitted."""
FIT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
ILL_NAMED = "its name is not one that the model takes"
TWICE = "another tool has the same name"
TOO_MANY = f"the model takes {MOST} tools at most"
TOO_LONG = f"all tools together are described in more than {MOST_CHARACTERS // 1_000_000} million characters"


@dataclass(frozen=True)
class Fit:
    """A schema, or ``why`` it cannot be one, and how long it was."""

    schema: dict[str, Any]
    why: str
    size: int


FITTED: Kept[Fit] = Kept(MOST_KEPT)


async def declared(tools: Sequence[Tool], known: RefusedTools) -> "Declared":
    """What is new is fitted in a thread first: a server may give dozens of the largest schemas, and all others wait."""
    new = [tool for tool in tools if _takes_long(tool)]
    if not new:
        return Declared(tools, known)
    made = await asyncio.to_thread(Declared, tools)  # all of it: what there is no room to keep would be fitted again
    made.recall(known)
    return made


def _takes_long(tool: Tool) -> bool:
    """Tools of our own have no pin, and are small."""
    if tool.pin:
        return tool.pin not in FITTED
    return len(tool.schema_json) > LARGE and tool.schema_json not in FITTED


class Declared:
    """What one answer's request declares, in the order in which it is offered: what is added stands at the end."""

    def __init__(self, tools: Sequence[Tool], known: RefusedTools | None = None) -> None:
        self.aside: dict[str, str] = {}
        """Why each tool that is left out from the start is."""
        self._schemas: dict[str, dict[str, Any]] = {}
        self._tools: dict[str, Tool] = {}
        self._room = MOST_CHARACTERS
        self._hunted: set[str] = set()
        self._trial = frozenset[str]()
        self._failed = frozenset[str]()
        for tool in tools:
            if why := self._declare(tool):
                self.aside.setdefault(tool.name, why)
        self.recall(known or RefusedTools())

    def _declare(self, tool: Tool) -> str:
        if not FIT_NAME.fullmatch(tool.name):
            return ILL_NAMED
        if tool.name in self._schemas:
            return TWICE
        if len(self._schemas) == MOST:
            return TOO_MANY
        if self._room <= 0:
            return TOO_LONG
        fit = _fit(tool)
        size = fit.size + len(tool.description)
        if size > self._room:
            return TOO_LONG
        if fit.why:
            return fit.why
        self._room -= size
        described = {"name": tool.name, "description": well_formed(tool.description or tool.title or tool.name)}
        self._schemas[tool.name] = {**described, "parameters_json_schema": fit.schema}
        self._tools[tool.name] = tool
        return ""

    def recall(self, known: RefusedTools) -> None:
        """What was refused before stays out; some of what is only suspected is tried again."""
        self._known = known
        if self._known.empty:
            return
        held, self._trial = self._known.held(self._pins(self._schemas))
        self.aside |= held
        for name in held:
            del self._schemas[name]

    def declarations(self) -> list[dict[str, Any]]:
        return list(self._schemas.values())

    def withdraw(self, message: str) -> tuple[str, ...]:
        """Take out what a 400's message blames, so that one bad tool does not silence the rest; () when none is.

        A message that names none costs half of them, first those whose schema we had to change.
        """
        blamed = named(message, list(self._schemas))
        if blamed:
            self._known.refuse(self._pins(blamed).values(), NAMED)
        elif is_about_tools(message):
            blamed = self._suspects()
        self._trial -= blamed
        for name in blamed:
            del self._schemas[name]
        return tuple(sorted(blamed))

    def why(self, message: str) -> str:
        """The reason for what `withdraw` took out because of the message."""
        return NAMED if named(message, [*self._tools]) else UNNAMED

    def _suspects(self) -> set[str]:
        if self._trial:
            self._failed = self._trial
            return set(self._trial)
        by_size = sorted(self._schemas, key=lambda name: -len(_dumped(self._schemas[name])))
        changed = [name for name in by_size if self._is_changed(name)]
        half = (len(by_size) + 1) // 2
        taken = set(changed[:half] or by_size[:half])
        self._hunted |= taken
        return taken

    def _is_changed(self, name: str) -> bool:
        return bool(self._schemas[name]["parameters_json_schema"] != self._tools[name].schema)

    def accepted(self) -> None:
        """The API took what was left: now it is known among whom the culprit is."""
        self._known.clear(self._pins(self._trial).values())
        for group in (self._hunted, self._failed):
            if group:
                self._known.suspect(self._pins(group).values())
        self._hunted, self._failed, self._trial = set(), frozenset(), frozenset()

    def _pins(self, names: Iterable[str]) -> dict[str, str]:
        return {name: _pin(self._tools[name]) for name in names}


def _pin(tool: Tool) -> str:
    told = f"{tool.own_name or tool.name}\n{tool.description}\n{tool.pin or tool.schema_json}"
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()


def _dumped(schema: Any) -> str:
    return json.dumps(schema)


def _fit(tool: Tool) -> Fit:
    """By the pin of its definition, with which it changes; the same few hundred come again with every answer."""
    if tool.pin:
        return FITTED.of(tool.pin, lambda: _weighed(_dumped(tool.schema)))
    return FITTED.of(tool.schema_json, lambda: _weighed(tool.schema_json))


def _weighed(dumped: str) -> tuple[Fit, int]:
    try:
        return Fit(fitted(well_formed(json.loads(dumped))), "", len(dumped)), len(dumped)
    except Unfit as unfit:
        return Fit({}, str(unfit), len(dumped)), len(dumped)
