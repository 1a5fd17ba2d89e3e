"""Who may open a link: chosen in its form, and told on its card."""

from collections.abc import Mapping
from typing import Any

from bot.services.links.admission.passcodes import LONGEST
from bot.services.links.admission.values import ANYONE, PASSCODE
from bot.services.links.values import Created
from bot.slack.screens.blocks.elements import Block, field, option, section, select, text_input
from storage.tables import Link

CHOICE = "link.access"
LABELS = {ANYONE: "Anyone with the link", PASSCODE: "Anyone with the link and a passcode"}
PASSCODE_HINT = "Leave it empty and I make one of four words, shown to you once. Send it another way than the link."

APART = "I show it this once. Tell it your guests by another way than the link, such as on the telephone."


def fields(given: Mapping[str, Any]) -> list[Block]:
    """The choice, and what the chosen way needs; the form is drawn anew when another is chosen."""
    options = {name: option(label, name) for name, label in LABELS.items()}
    chosen = select("value", list(options.values()), options[given["access"]])
    choice = {**field("access", "Who may open it", {**chosen, "action_id": CHOICE}), "dispatch_action": True}
    if given["access"] != PASSCODE:
        return [choice]
    box = text_input(initial=given["passcode"][:LONGEST], placeholder="Made for you", most=LONGEST)
    return [choice, field("passcode", "Passcode", box, hint=PASSCODE_HINT, optional=True)]


def chosen(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a draft."""
    return {"access": str(values.get("access") or ANYONE), "passcode": str(values.get("passcode") or "")}


def key(made: Created) -> list[Block]:
    """The passcode, this once; never within the invitation, since one mail must not hold both."""
    if made.link.access != PASSCODE:
        return []
    if not made.passcode:
        return [section(":key: It opens with the passcode that you chose.")]
    return [section(f":key: *Its passcode* ```{made.passcode}``` {APART}")]


def who_can(link: Link) -> str:
    if link.access == PASSCODE:
        return "Anyone who has it and the passcode can use it."
    return "Anyone who has it can use it, so send it with care."


def to_guest(link: Link) -> list[str]:
    """Lines of an invitation."""
    return ["You need a passcode too; you get it separately."] if link.access == PASSCODE else []


def told(link: Link) -> str:
    """For its creator."""
    return {PASSCODE: "anyone with the link and its passcode"}.get(link.access, "anyone with the link")
