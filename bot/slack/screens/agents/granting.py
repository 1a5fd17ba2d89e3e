"""For a member: whom they can ask, and what each agent may do with their own connections."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack.screens.agents.words import granted, may, titled
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    button,
    context,
    day,
    field,
    modal,
    option,
    section,
    select,
    select_several,
)
from bot.slack.screens.blocks.text import safe, unmarked
from storage.repositories.agents.grants import Equipped, Reachable
from storage.rules.access import Scope
from storage.tables import Agent, PinnedTool

OPEN, ONE, CHANGE, FORM, VALUE = "grants.open", "grants.one", "grants.change", "grants.form", "value"
TITLE = "Agents"
INTRO = "Whom you can ask, and what each may do with *your* connections. You narrow what administrators allow."
ASK = "Write “ask {name}: …” in a direct message."
NO_CONNECTIONS = "You have connected no tools yet, so there is nothing to grant."
SAVED = "It holds from the next call on, also in an answer that is on its way."
SCOPES = {
    Scope.FULL: "All that I may",
    Scope.READ_ONLY: "Only read",
    Scope.CUSTOM: "Only the tools chosen below",
    Scope.NONE: "Nothing",
}
AT_MOST = "Administrators have set that it {}, whatever you choose here."
UNTIL = "Until the end of that day, by UTC. Empty: until you change it."
MOST_SHOWN, MOST_AGENTS = 100, 30
ON_HOME = 5


def on_home(agents: Sequence[Agent]) -> list[Block]:
    """``agents`` as they may be asked, the default first."""
    if not agents:
        return []
    usual, *others = agents
    told = f"*Agents:* {unmarked(usual.name)} answers you."
    if others:
        rest = len(others) - ON_HOME
        named = ", ".join(titled(each) for each in others[:ON_HOME]) + (f" and {rest} more" if rest > 0 else "")
        example = unmarked(others[0].name)
        told += f" You can also ask {named}: write “ask {example}: …” in a direct message."
    return [section(told, button("What they may use", OPEN, label="What they may use of my connections"))]


def mine(agents: Sequence[Agent]) -> View:
    rows = [
        section(
            titled(each) + (" · answers where nobody else is named" if each.is_default else ""),
            button("Its rights", ONE, each.id, label=f"Its rights: {each.name}"),
        )
        for each in agents[:MOST_AGENTS]
    ]
    return modal(TITLE, [section(INTRO), *rows])


def one(found: Equipped, told: str = "") -> View:
    """What one agent may do with each of the member's connections."""
    agent = found.agent
    how = [] if agent.is_default else [context(ASK.format(name=unmarked(agent.name)))]
    none = [] if found.reachable else [context(NO_CONNECTIONS)]
    rows = [_row(agent, each) for each in found.reachable]
    top = [section(told)] if told else []
    return modal(TITLE, [*top, section(titled(agent)), *how, *rows, *none], close="Back", metadata=agent.id)


def _row(agent: Agent, each: Reachable) -> Block:
    title = each.connection.title
    told = f"*{unmarked(title)}*\n{granted(each.access, each.grant)}"
    change = button("Change", CHANGE, f"{agent.id}:{each.connection.id}", label=f"Change what it may do with {title}")
    return section(told, change)


def form(agent: Agent, each: Reachable, tools: Sequence[PinnedTool]) -> View:
    scope = Scope(each.grant.scope) if each.grant else Scope.NONE if agent.asks_first else Scope.FULL
    options = {value: option(word, value) for value, word in SCOPES.items()}
    until = f"{each.grant.expires_at:%Y-%m-%d}" if each.grant and each.grant.expires_at else ""
    chosen = set(each.grant.tools) if each.grant else set()
    about = f"What {titled(agent)} may do with *{unmarked(each.connection.title)}*"
    most = context(AT_MOST.format(may(agent.scope, agent.tools)))
    shown = [
        section(about),
        *([] if agent.scope == Scope.FULL else [most]),
        field("scope", "It may do", select(VALUE, list(options.values()), options[scope])),
        *([field("tools", "Tools", _tools(tools, chosen), optional=True)] if tools else []),
        field("until", "Until", day(VALUE, until), hint=UNTIL, optional=True),
    ]
    metadata = json.dumps([agent.id, each.connection.id])
    return modal("Rights", shown, callback_id=FORM, submit="Save", close="Back", metadata=metadata)


def _tools(tools: Sequence[PinnedTool], chosen: set[str]) -> Block:
    first = sorted(tools, key=lambda each: (each.name not in chosen, each.title or each.name))[:MOST_SHOWN]
    options = {each.name: option(safe(each.title or each.name, 75), _key(each.name)) for each in first}
    return select_several(VALUE, list(options.values()), [options[each.name] for each in first if each.name in chosen])


def chosen_of(values: Mapping[str, Any], tools: Sequence[PinnedTool]) -> tuple[str, ...]:
    """Names of those that were ticked, as far as they are still there."""
    ticked = set(values.get("tools") or ())
    return tuple(each.name for each in tools if _key(each.name) in ticked)


def _key(name: str) -> str:
    """A tool's name may be too long for an option's value; its place in the list may be another's by now."""
    return hashlib.sha256(name.encode()).hexdigest()
