"""What can be done with a question. Each value names the question, and which of its revisions was shown beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.services.approvals import allowing
from bot.services.approvals.changing import changeable
from bot.services.approvals.phrases import plainly
from bot.slack.screens.approvals.calls import Call
from bot.slack.screens.blocks.elements import Block, button, option, overflow, plain, select, sure
from bot.slack.screens.blocks.text import apart, clipped

APPROVE = "approval.approve"
DENY = "approval.deny"
ALWAYS = "approval.always"
ASK_AGAIN = "approval.ask_again"
CHANGE = "approval.change"
WHY = "approval.why"
READ = "approval.read"
MORE = "approval.more"

_DESTRUCTIVE = re.compile(
    r"(?<![a-z])(delete|remove|drop|destroy|erase|purge|wipe|truncate|revoke|reset|cancel|archive|kill|force|empty|unlink"
    r"|overwrite|uninstall|terminate|clear|discard|expunge|prune)",
    re.I,
)
UNDONE = "This looks like it cannot be undone."


@dataclass(frozen=True)
class Shown:
    """A question as somebody saw it."""

    approval: str
    revision: int = 0
    what: str = ""

    @property
    def value(self) -> str:
        told = [self.approval, *([str(self.revision)] if self.revision or self.what else [])]
        return ":".join([*told, *([self.what] if self.what else [])])


def shown_of(value: str) -> Shown:
    """Of a button that was pressed. Those of before arguments could be changed name the question alone."""
    approval, revision, what = [*value.split(":", 2), "", ""][:3]
    return Shown(approval, int(revision) if revision.isdecimal() else 0, what)


def destructive(calls: Sequence[Call]) -> bool:
    """By its looks alone; every guarded call asks anyway."""
    names = (str(call.get("tool") or call.get("title") or "") for call in calls)
    return any(_DESTRUCTIVE.search(apart(name).replace("_", " ")) for name in names)


def deciding(shown: Shown, calls: Sequence[Call], *, always: bool) -> list[Block]:
    """``always``: something may be allowed beforehand."""
    danger, name = destructive(calls), spoken(calls)
    confirm = sure("Are you sure?", UNDONE, "Approve", "Go back") if danger else None
    style = "danger" if danger else "primary"
    approve = button("Approve", APPROVE, shown.value, style=style, confirm=confirm, label=f"Approve {name}")
    offers = allowing.offered(calls) if always else []
    return [
        approve,
        *([_change(shown, name)] if any(changeable(dict(call)) for call in calls) else []),
        deny(shown, calls),
        more(shown),
        *([_always(shown, calls, offers, danger=danger)] if offers else []),
        why(shown, name),
    ]


def more(shown: Shown) -> Block:
    options = [
        option("Deny, and say why…", Shown(shown.approval, shown.revision, "reason").value),
        option("Show the exact arguments", Shown(shown.approval, shown.revision, "exact").value),
    ]
    return overflow(MORE, options)


def why(shown: Shown, name: str) -> Block:
    return button("Why?", WHY, shown.value, label=f"Why? The rule behind {name}")


def deny(shown: Shown, calls: Sequence[Call]) -> Block:
    return button("Deny", DENY, shown.value, label=f"Deny {spoken(calls)}")


def read(shown: Shown, calls: Sequence[Call], *, always: bool, style: str = "") -> Block:
    return button(
        "Read all of it",
        READ,
        leaf(shown, 0, "always" if always else ""),
        style=style,
        label=f"Read all of it: {spoken(calls)}",
    )


def leaf(shown: Shown, page: int, flag: str) -> str:
    return f"{shown.approval}:{page}:{flag}:{shown.revision}"


def leaf_of(value: str) -> tuple[Shown, int, str]:
    """Which question, which page of it, and how it is read.

    ``always``: that is offered at its end; ``exact``: the arguments as they go out, with nothing to decide.
    """
    approval, page, flag, revision = [*value.split(":"), "0"][:4]
    return Shown(approval, int(revision)), int(page), flag


def spoken(calls: Sequence[Call]) -> str:
    return clipped(title(calls[0]) if calls else "", 60)


def title(call: Call) -> str:
    return str((call.get("question") or {}).get("title") or call.get("title") or call.get("tool") or "")


def place(calls: Sequence[Call]) -> str:
    """«owner is acme and repo is web»."""
    return " and ".join(f"{name} is {plainly(value)}" for name, value in allowing.place_of(calls).items())


def _change(shown: Shown, name: str) -> Block:
    return button("Change…", CHANGE, shown.value, label=f"Change… what {name} is called with")


def _always(shown: Shown, calls: Sequence[Call], offers: Sequence[str], *, danger: bool) -> Block:
    readers = next((call["readers"] for call in calls if call.get("readers")), 0)
    texts = {
        "tool": "For this tool",
        "conversation": "For this tool, in this conversation",
        "arguments": f"Where {place(calls)}",
        "reading": f"For all {readers} tools that only read, as its server says",
    }
    options = [option(texts[scope], Shown(shown.approval, shown.revision, scope).value) for scope in offers]
    text = f"{UNDONE} I would not ask again before calls like this one."
    confirm = {"confirm": sure("Always allow this?", text, "Always", "Go back")} if danger else {}
    return select(ALWAYS, options) | {"placeholder": plain("Always…", 150)} | confirm
