"""One entry of the audit, for people: what, about what, how it ended, who and when."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.services.watch.audit.acts import ACTS
from bot.slack.screens.blocks.elements import Block, section
from bot.slack.screens.blocks.text import escaped, safe, when
from bot.slack.screens.spending.amounts import dollars
from storage.repositories.workspaces.audit_chain import DENIED, DONE, FAILED, REFUSED, UNCLEAR
from storage.tables import AuditEntry

OUTCOMES: Mapping[str, str] = {
    DONE: "done",
    DENIED: "a person said no",
    REFUSED: "not let through",
    FAILED: "failed",
    UNCLEAR: "may have happened",
}
MARKS: Mapping[str, str] = {DENIED: ":raised_hand:", REFUSED: ":no_entry:", FAILED: ":x:", UNCLEAR: ":warning:"}
"""Of what was done, nothing has to be said."""
OTHERS: Mapping[str, str] = {
    "usher": "Usher itself",
    "operator": "Whoever runs Usher",
    "guest": "A guest",
    "slack": "Slack",
}
HIDDEN = frozenset({"session", "turn", "hash", "frozen", "revision", "id"})
"""Of a detail: what finds a row, and tells a person nothing."""
MONEY = frozenset({"money", "asks_from"})
"""Of a detail: in millionths of a US dollar; nothing is no limit."""
NO_TITLES: Mapping[str, str] = MappingProxyType({})
MOST_SHOWN, MOST_NAMED = 4, 3


def row(entry: AuditEntry, titles: Mapping[str, str] = NO_TITLES) -> Block:
    """``titles`` are what the things are called that it names, by their ids, where they are still there."""
    about = titles.get(entry.subject, "")
    ended = f" {MARKS[entry.outcome]} _{OUTCOMES[entry.outcome]}_" if entry.outcome in MARKS else ""
    named = f" · {safe(about, 80)}" if about else ""
    lines = [f"*{capital(ACTS.get(entry.action, entry.action))}*{named}{ended}", _detail(entry.detail, titles)]
    lines.append(f"{who(entry.actor)} · {when(entry.at)} · #{entry.number:,}")
    return section("\n".join(filter(None, lines)))


def who(actor: str) -> str:
    if actor.startswith("guest:"):
        return OTHERS["guest"]
    return OTHERS.get(actor) or f"<@{escaped(actor)}>"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _detail(detail: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    named = {"agent": titles.get(str(detail["agent"]), "")} if "agent" in detail and "name" not in detail else {}
    detail = {name: each for name, each in detail.items() if name != "agent"} | named
    shown = {name: _value(each, name) for name, each in detail.items() if name not in HIDDEN}
    told = [f"{safe(name.replace('_', ' '), 30)}: {value}" for name, value in shown.items() if value]
    more = [f"and {len(told) - MOST_SHOWN} more"] if len(told) > MOST_SHOWN else []
    return " · ".join([*told[:MOST_SHOWN], *more])


def _value(value: Any, name: str = "") -> str:
    if name in MONEY:
        return "none" if value is None else dollars(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        rest = len(value) - MOST_NAMED
        return ", ".join(_value(each) for each in value[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
    return safe(str(value), 60) if isinstance(value, str | int | float) else ""
