"""The question before a call that may change something, and what became of it."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.slack.elements import Block, actions, button, context, section, sure
from bot.slack.text import clipped, escaped, safe, when

APPROVE = "approval.approve"
DENY = "approval.deny"
ALWAYS = "approval.always"

MOST_CALLS = 10
MOST_ARGUMENTS = 12
ARGUMENT = 400
_DESTRUCTIVE = re.compile(
    r"(?<![a-z])(delete|remove|drop|destroy|erase|purge|wipe|truncate|revoke|reset|cancel|archive|kill|force)", re.I
)

OUTCOMES = {
    "approved": ":white_check_mark: Approved",
    "always": ":white_check_mark: Always allowed",
    "denied": ":no_entry_sign: Denied",
    "lapsed": ":leftwards_arrow_with_hook: Not answered: the conversation went on, so it was not done",
    "expired": ":hourglass: Not answered in time, so it was not done",
}

UNDONE = "This looks like it cannot be undone."
TAKE_BACK = "`/mcp tools` takes it back."

Call = Mapping[str, Any]


def asked(approval_id: str, calls: Sequence[Call], member: str, origin: str = "") -> list[Block]:
    """``origin`` says on whose behalf, when it is a guest's: those ask each time, so «always» is not offered."""
    opening = f"{escaped(origin)} May I?" if origin else "May I?"
    buttons = actions(*_buttons(approval_id, calls, always=not origin))
    return [section(f"*{opening}*"), *_described(calls), buttons, context(_only(member))]


def decided(calls: Sequence[Call], state: str, by: str | None = None, at: datetime | None = None) -> list[Block]:
    """The same question with its buttons replaced by outcome, actor and time."""
    outcome = OUTCOMES.get(state, "Closed")
    if by:
        outcome += f" by <@{escaped(by)}>"
    if at:
        outcome += f", {when(at)}"
    if state == "always":
        outcome += f". {TAKE_BACK}"
    return [section("*May I?*"), *_described(calls), context(outcome)]


def asked_text(calls: Sequence[Call]) -> str:
    """Read aloud instead of the blocks, and shown in notifications."""
    return f"May I? {', '.join(_name(call) for call in calls[:MOST_CALLS])}"


def decided_text(calls: Sequence[Call], state: str) -> str:
    return f"{asked_text(calls)} {OUTCOMES.get(state, 'Closed')}"


def destructive(calls: Sequence[Call]) -> bool:
    """By its looks alone; every guarded call asks anyway."""
    names = (str(call.get("tool") or call.get("title") or "") for call in calls)
    return any(_DESTRUCTIVE.search(name.replace("_", " ")) for name in names)


def _described(calls: Sequence[Call]) -> list[Block]:
    blocks = [section(_call(call)) for call in calls[:MOST_CALLS]]
    hidden = len(calls) - MOST_CALLS
    return [*blocks, context(f"And {hidden} more calls like these.")] if hidden > 0 else blocks


def _call(call: Call) -> str:
    arguments = call.get("arguments") or {}
    lines = [_argument(name, value) for name, value in list(arguments.items())[:MOST_ARGUMENTS]]
    if len(arguments) > MOST_ARGUMENTS:
        lines.append(f"_and {len(arguments) - MOST_ARGUMENTS} more arguments_")
    return clipped("\n".join([f":wrench: *{_name(call)}*", *lines]), 2900)


def _argument(name: str, value: Any) -> str:
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = escaped(clipped(told.replace("`", "'"), ARGUMENT))
    if "\n" in text:
        return f"{safe(name, 60)}:\n```{text}```"
    return f"{safe(name, 60)}: `{text or ' '}`"


def _name(call: Call) -> str:
    return safe(str(call.get("title") or call.get("tool") or "A tool"), 150)


def _buttons(approval_id: str, calls: Sequence[Call], *, always: bool) -> list[Block]:
    danger = destructive(calls)
    name = clipped(str(calls[0].get("title") or calls[0].get("tool") or "") if calls else "", 60)
    confirm = sure("Are you sure?", UNDONE, "Approve", "Go back") if danger else None
    style = "danger" if danger else "primary"
    buttons = [
        button("Approve", APPROVE, approval_id, style=style, confirm=confirm, label=f"Approve {name}"),
        button("Deny", DENY, approval_id, label=f"Deny {name}"),
    ]
    if always and len({(call.get("server"), call.get("tool")) for call in calls}) == 1:
        label, text = f"Always allow {name}", f"{UNDONE} I would never ask again before I use this tool."
        confirm = sure("Always allow this?", text, "Always", "Go back") if danger else None
        buttons.append(button("Always for this tool", ALWAYS, approval_id, confirm=confirm, label=label))
    return buttons


def _only(member: str) -> str:
    return f"Only <@{escaped(member)}> can decide. Nothing happens until then."
