"""The question before a call that may change something, and what became of it."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.screens.approvals import buttons
from bot.slack.screens.approvals.buttons import ASK_AGAIN, READ, Shown
from bot.slack.screens.approvals.calls import Call, described, headlines
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, modal, section
from bot.slack.screens.blocks.reading import turned
from bot.slack.screens.blocks.text import escaped, safe, when
from storage.tables import Approval

MOST_NAMES = 10
ALWAYS_FOR = {
    "": ":white_check_mark: Always allowed",
    "tool": ":white_check_mark: Always allowed",
    "conversation": ":white_check_mark: Always allowed in this conversation",
    "arguments": ":white_check_mark: Always allowed where {place}",
    "reading": ":white_check_mark: All that only read are always allowed",
}
OUTCOMES = {
    "approved": ":white_check_mark: Approved",
    "always": ":white_check_mark: Always allowed",
    "denied": "Skipped",
    "lapsed": ":leftwards_arrow_with_hook: Not answered: the conversation went on, so it was not done",
    "expired": ":hourglass: Not answered in time, so it was not done",
}
NOT_DONE = ("denied", "lapsed", "expired")
LONG = ":mag: There is more of it than a message holds. Read all of it; at its end you can say yes."
TOO_MUCH = (
    ":warning: *This is too long to be read here, so it cannot be approved.* "
    "Deny it and ask me for a smaller step: fewer calls at a time, or shorter texts."
)
WINDOW = "All of it"
TAKEN_BACK = "Taken back: I ask before the next call."


def asked(
    approval_id: str,
    calls: Sequence[Call],
    member: str,
    origin: str = "",
    *,
    revision: int = 0,
    until: datetime | None = None,
) -> list[Block]:
    """``origin`` says on whose behalf, when it is a guest's: those ask each time, so «always» is not offered."""
    shown = Shown(approval_id, revision)
    opening = f"{safe(origin, 700)} May I?" if origin else "May I?"
    told = described(calls)
    asking = [section(f"*{opening}*"), *told.blocks]
    if told.whole:
        pressed = buttons.deciding(shown, calls, always=not origin)
    else:  # nobody can agree to what they have not seen
        asking.append(section(LONG))
        pressed = [
            buttons.read(shown, calls, always=not origin, style="primary"),
            buttons.deny(shown, calls),
            buttons.more(shown),
            buttons.why(shown, buttons.spoken(calls)),
        ]
    return [*asking, actions(*pressed), context(_only(member, until))]


def window(approval: Approval, pages: Sequence[Sequence[Block]], page: int, *, flag: str) -> View:
    """All that would run, a page at a time; whoever has come to its end can decide there. ``flag`` as in `leaf_of`."""
    shown = Shown(approval.id, approval.revision or 0)
    read = turned(pages or [[section(TOO_MUCH)]], page, READ, lambda at: buttons.leaf(shown, at, flag))
    decides = read.last and flag != "exact"
    end = _end(approval, shown, readable=bool(pages), always=flag == "always") if decides else []
    return modal(WINDOW, [*read.blocks, *end])


def _end(approval: Approval, shown: Shown, *, readable: bool, always: bool) -> list[Block]:
    if approval.state != "asked":
        return [context(_fate(approval.state, approval.why, approval.decided_by, approval.decided_at))]
    calls = approval.calls
    pressed = buttons.deciding(shown, calls, always=always) if readable else [buttons.deny(shown, calls)]
    return [section("*May I?*"), actions(*pressed), context(_only(approval.member_id, approval.expires_at))]


def decided(
    calls: Sequence[Call],
    state: str,
    by: str | None = None,
    at: datetime | None = None,
    approval_id: str = "",
    *,
    why: str = "",
    scope: str = "",
    reason: str = "",
    taken_back: bool = False,
) -> list[Block]:
    """The same question with its buttons replaced by outcome, actor and time; what holds for ever can be taken back."""
    outcome = _fate(state, why, by, at, ALWAYS_FOR[scope].format(place=safe(buttons.place(calls), 200)))
    if reason:
        outcome += f": “{safe(reason, 500)}”"
    if taken_back:
        outcome += f". {TAKEN_BACK}"
    told, shown = described(calls), Shown(approval_id)
    again = button("Ask me again next time", ASK_AGAIN, approval_id)
    left = [again] if state == "always" and approval_id and not taken_back else []
    left += [buttons.read(shown, calls, always=False)] if approval_id and not told.whole else []
    left += [buttons.why(shown, buttons.spoken(calls))] if approval_id and state in NOT_DONE else []
    return [section("*May I?*"), *told.blocks, context(outcome), *([actions(*left)] if left else [])]


def _fate(state: str, why: str, by: str | None, at: datetime | None, always: str = "") -> str:
    outcome = always if always and state == "always" else _outcome(state, why)
    if by:
        outcome += f" by <@{escaped(by)}>"
    if at:
        outcome += f", {when(at)}"
    return outcome


def reminder(calls: Sequence[Call], member: str, until: datetime) -> str:
    names = ", ".join(headlines(calls, MOST_NAMES))
    return f":hourglass: <@{escaped(member)}>, this still waits for you: {names}. After {when(until)} it is not done."


def asked_text(calls: Sequence[Call]) -> str:
    """Read aloud instead of the blocks, and shown in notifications."""
    return f"May I? {', '.join(headlines(calls, MOST_NAMES))}"


def decided_text(calls: Sequence[Call], state: str, why: str = "") -> str:
    return f"{asked_text(calls)} {_outcome(state, why)}"


def _outcome(state: str, why: str) -> str:
    """``why`` names the connection or tool as its member did, so it is no markup."""
    return f":leftwards_arrow_with_hook: {safe(why.rstrip('.'), 200)}" if why else OUTCOMES.get(state, "Closed")


def _only(member: str, until: datetime | None) -> str:
    limit = f", until {when(until)}" if until else ""
    return f"Only <@{escaped(member)}> can decide{limit}. Nothing happens until then."
