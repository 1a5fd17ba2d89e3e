"""Administrators say how long things are kept: a line, a form, and a second look at what would go at once."""

import json
from collections.abc import Mapping
from typing import Any

from bot.services.limits.keeping import AUDIT, CONVERSATIONS, COUNTED, FEWEST, GUESTS, Chosen, Keeping, Kept
from bot.slack.screens.blocks.elements import Block, View, button, context, field, modal, number_input, section
from bot.slack.screens.blocks.text import count

OPEN, FORM, SURE = "policies.kept", "policies.kept_form", "policies.kept_sure"
TITLE, SURE_TITLE = "How long things are kept", "Delete what is older?"
LABELS: Mapping[str, str] = {
    CONVERSATIONS: "Members' conversations: days after the last word",
    GUESTS: "Guests' chats: days after their end",
    AUDIT: "The audit, of who did what: days",
}
ABOUT = (
    "What is older is deleted within minutes, and cannot be had back: messages, answers, questions and files, with all"
    " that I remember of them. What stands in Slack stays there, and so does what members asked me to note."
)
STAYS = "An answer that is under way, a live chat link and what this month costs are never touched."
FIXED = "How long {what} kept is for whoever runs this installation to say: {days} here."
FIXED_OF: Mapping[str, str] = {GUESTS: "guests' chats are", AUDIT: "the audit is"}
WHAT: Mapping[str, str] = {CONVERSATIONS: "conversation", GUESTS: "guest's chat", AUDIT: "entry of the audit"}
PLURAL: Mapping[str, str] = {CONVERSATIONS: "conversations", GUESTS: "guests' chats", AUDIT: "entries of the audit"}
GOES = "As chosen, this is older already, and is deleted within minutes:\n{what}\nIt cannot be had back."


def row(kept: Kept) -> Block:
    return section(f"*{TITLE}*\n{said(kept)}", button("Change", OPEN, label="Change how long things are kept"))


def said(kept: Kept) -> str:
    return (
        f"Members' conversations {_days(kept.conversations)} after their last word, guests' chats {_days(kept.guests)}"
        f" after their end, the audit {_days(kept.audit)}."
    )


def form(chosen: Chosen, keeping: Keeping) -> View:
    usual = keeping.usual
    shown: list[Block] = [section(ABOUT)]
    for name, label in LABELS.items():
        most = keeping.most(name)
        if most:
            box = number_input(getattr(chosen, name), least=FEWEST[name], most=most)
            hint = f"{FEWEST[name]} to {most:,}. Empty: {_days(getattr(usual, name))}."
            shown.append(field(name, label, box, hint=hint, optional=True))
        else:
            shown.append(context(FIXED.format(what=FIXED_OF[name], days=_days(getattr(usual, name)))))
    return modal(TITLE, [*shown, context(STAYS)], callback_id=FORM, submit="Save")


def filled(values: Mapping[str, Any]) -> Chosen:
    """A field that was left empty, or was not there, is the installation's."""
    given = {name: values.get(name) for name in FEWEST}
    days = {name: int(value) if value else None for name, value in given.items()}
    return Chosen(days[CONVERSATIONS], days[GUESTS], days[AUDIT])


def sure(chosen: Chosen, goes: Mapping[str, int]) -> View:
    what = "\n".join(f"• {_number(goes[name])} {_noun(name, goes[name])}" for name in FEWEST if goes.get(name))
    kept = json.dumps({name: getattr(chosen, name) for name in FEWEST})
    return modal(
        SURE_TITLE, [section(GOES.format(what=what))], callback_id=SURE, submit="Delete and save", metadata=kept
    )


def was_sure(private_metadata: str) -> Chosen:
    return Chosen(**json.loads(private_metadata))


def saved(kept: Kept) -> str:
    return f"Saved. {said(kept)}"


def _days(days: float) -> str:
    return count(int(days), "day") if days >= 1 else count(max(1, round(days * 24)), "hour")


def _number(number: int) -> str:
    return f"more than {COUNTED - 1:,}" if number >= COUNTED else f"{number:,}"


def _noun(name: str, number: int) -> str:
    return WHAT[name] if number == 1 else PLURAL[name]
