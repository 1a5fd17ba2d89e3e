"""The question before a call that may change something, and what became of it."""

import re
from collections.abc import Sequence
from datetime import datetime

from bot.slack.screens.blocks.elements import Block, View, actions, button, context, modal, section, sure
from bot.slack.screens.blocks.reading import turned
from bot.slack.screens.blocks.text import apart, clipped, escaped, safe, when
from bot.slack.screens.calls import Call, described
from storage.tables import Approval

APPROVE = "approval.approve"
DENY = "approval.deny"
ALWAYS = "approval.always"
ASK_AGAIN = "approval.ask_again"
READ = "approval.read"

MOST_NAMES = 10
_DESTRUCTIVE = re.compile(
    r"(?<![a-z])(delete|remove|drop|destroy|erase|purge|wipe|truncate|revoke|reset|cancel|archive|kill|force|empty|unlink"
    r"|overwrite|uninstall|terminate|clear|discard|expunge|prune)",
    re.I,
)

OUTCOMES = {
    "approved": ":white_check_mark: Approved",
    "always": ":white_check_mark: Always allowed",
    "denied": "Skipped",
    "lapsed": ":leftwards_arrow_with_hook: Not answered: the conversation went on, so it was not done",
    "expired": ":hourglass: Not answered in time, so it was not done",
}

UNDONE = "This looks like it cannot be undone."
LONG = ":mag: There is more of it than a message holds. Read all of it; at its end you can say yes."
TOO_MUCH = (
    ":warning: *This is too long to be read here, so it cannot be approved.* "
    "Deny it and ask me for a smaller step: fewer calls at a time, or shorter texts."
)
WINDOW = "All of it"
TAKEN_BACK = "Taken back: I ask before the next call."


def asked(approval_id: str, calls: Sequence[Call], member: str, origin: str = "") -> list[Block]:
    """``origin`` says on whose behalf, when it is a guest's: those ask each time, so «always» is not offered."""
    opening = f"{safe(origin, 700)} May I?" if origin else "May I?"
    told = described(calls)
    asking = [section(f"*{opening}*"), *told.blocks]
    if told.whole:
        buttons = _buttons(approval_id, calls, always=not origin)
    else:  # nobody can agree to what they have not seen
        asking.append(section(LONG))
        buttons = [_read(approval_id, calls, always=not origin, style="primary"), _deny(approval_id, calls)]
    return [*asking, actions(*buttons), context(_only(member))]


def window(approval: Approval, pages: Sequence[Sequence[Block]], page: int, *, always: bool) -> View:
    """All that would run, a page at a time; whoever has come to its end can decide there."""
    read = turned(pages or [[section(TOO_MUCH)]], page, READ, lambda at: _leaf(approval.id, at, always))
    return modal(WINDOW, [*read.blocks, *(_end(approval, readable=bool(pages), always=always) if read.last else [])])


def _end(approval: Approval, *, readable: bool, always: bool) -> list[Block]:
    if approval.state != "asked":
        return [context(_fate(approval.state, approval.why, approval.decided_by, approval.decided_at))]
    calls = approval.calls
    buttons = _buttons(approval.id, calls, always=always) if readable else [_deny(approval.id, calls)]
    return [section("*May I?*"), actions(*buttons), context(_only(approval.member_id))]


def _leaf(approval_id: str, page: int, always: bool) -> str:
    return f"{approval_id}:{page}:{'always' if always else ''}"


def leaf_of(value: str) -> tuple[str, int, bool]:
    """Which approval, which page of it, and whether «always» is offered at its end."""
    approval_id, page, always = value.split(":")
    return approval_id, int(page), bool(always)


def decided(
    calls: Sequence[Call],
    state: str,
    by: str | None = None,
    at: datetime | None = None,
    approval_id: str = "",
    *,
    why: str = "",
    taken_back: bool = False,
) -> list[Block]:
    """The same question with its buttons replaced by outcome, actor and time; what holds for ever can be taken back."""
    outcome = _fate(state, why, by, at)
    if taken_back:
        outcome += f". {TAKEN_BACK}"
    told = described(calls)
    again = button("Ask me again next time", ASK_AGAIN, approval_id)
    left = [again] if state == "always" and approval_id and not taken_back else []
    left += [_read(approval_id, calls, always=False)] if approval_id and not told.whole else []
    return [section("*May I?*"), *told.blocks, context(outcome), *([actions(*left)] if left else [])]


def _fate(state: str, why: str, by: str | None, at: datetime | None) -> str:
    outcome = _outcome(state, why)
    if by:
        outcome += f" by <@{escaped(by)}>"
    if at:
        outcome += f", {when(at)}"
    return outcome


def asked_text(calls: Sequence[Call]) -> str:
    """Read aloud instead of the blocks, and shown in notifications."""
    return f"May I? {', '.join(_name(call) for call in calls[:MOST_NAMES])}"


def decided_text(calls: Sequence[Call], state: str, why: str = "") -> str:
    return f"{asked_text(calls)} {_outcome(state, why)}"


def _outcome(state: str, why: str) -> str:
    """``why`` names the connection or tool as its member did, so it is no markup."""
    return f":leftwards_arrow_with_hook: {safe(why.rstrip('.'), 200)}" if why else OUTCOMES.get(state, "Closed")


def destructive(calls: Sequence[Call]) -> bool:
    """By its looks alone; every guarded call asks anyway."""
    names = (str(call.get("tool") or call.get("title") or "") for call in calls)
    return any(_DESTRUCTIVE.search(apart(name).replace("_", " ")) for name in names)


def _name(call: Call, limit: int = 60) -> str:
    return safe(_title(call) or "A tool", limit)


def _buttons(approval_id: str, calls: Sequence[Call], *, always: bool) -> list[Block]:
    danger = destructive(calls)
    name = _spoken(calls)
    confirm = sure("Are you sure?", UNDONE, "Approve", "Go back") if danger else None
    style = "danger" if danger else "primary"
    buttons = [
        button("Approve", APPROVE, approval_id, style=style, confirm=confirm, label=f"Approve {name}"),
        _deny(approval_id, calls),
    ]
    if always and _rememberable(calls):
        label, text = f"Always for this tool: {name}", f"{UNDONE} I would never ask again before I use this tool."
        confirm = sure("Always allow this?", text, "Always", "Go back") if danger else None
        buttons.append(button("Always for this tool", ALWAYS, approval_id, confirm=confirm, label=label))
    return buttons


def _read(approval_id: str, calls: Sequence[Call], *, always: bool, style: str = "") -> Block:
    label = f"Read all of it: {_spoken(calls)}"
    return button("Read all of it", READ, _leaf(approval_id, 0, always), style=style, label=label)


def _deny(approval_id: str, calls: Sequence[Call]) -> Block:
    return button("Deny", DENY, approval_id, label=f"Deny {_spoken(calls)}")


def _spoken(calls: Sequence[Call]) -> str:
    return clipped(_title(calls[0]) if calls else "", 60)


def _title(call: Call) -> str:
    return str((call.get("question") or {}).get("title") or call.get("title") or call.get("tool") or "")


def _rememberable(calls: Sequence[Call]) -> bool:
    """One tool of a connection: only there a policy is kept. Usher's own ask each time."""
    return len({(call.get("connection_id"), call.get("tool")) for call in calls}) == 1 and all(
        call.get("connection_id") for call in calls
    )


def _only(member: str) -> str:
    return f"Only <@{escaped(member)}> can decide. Nothing happens until then."
