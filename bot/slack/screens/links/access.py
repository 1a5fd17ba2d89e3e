"""Who may open a link: chosen in its form, and told on its card."""

from collections.abc import Mapping
from typing import Any

from bot.services.links.admission.choosing import LONGEST_ADDRESS
from bot.services.links.admission.passcodes import LONGEST
from bot.services.links.admission.values import ADDRESSED, ANYONE, MAIL, MEMBER, PASSCODE
from bot.services.links.values import Created, Terms
from bot.slack.screens.blocks.elements import Block, field, member, option, section, select, text_input
from bot.slack.screens.blocks.text import escaped
from bot.words import Words
from storage.tables import Link

CHOICE = "link.access"
LABELS = {
    ANYONE: "Anyone with the link",
    PASSCODE: "Anyone with the link and a passcode",
    MEMBER: "One member, proven by a code in Slack",
    MAIL: "One mail address, proven by a code",
}
NO_MAIL = "One mail address is no choice here, since no mail can be sent yet. An administrator can change that."
PASSCODE_HINT = "Leave it empty and I make one of four words, shown to you once. Send it another way than the link."
MEMBER_HINT = "I send them a code when they open the link; nobody else can start, and it takes one guest."
MAIL_HINT = "A code goes to this address when the link is opened; nobody else can start, and it takes one guest."
APART = "I show it this once. Tell it your guests by another way than the link, such as on the telephone."


def fields(given: Mapping[str, Any], terms: Terms) -> list[Block]:
    """The choice, and what the chosen way needs; the form is drawn anew when another is chosen."""
    options = {name: option(label, name) for name, label in LABELS.items() if name != MAIL or terms.mail}
    chosen = select("value", list(options.values()), options.get(given["access"]))
    hint = "" if terms.mail else NO_MAIL
    choice = {**field("access", "Who may open it", {**chosen, "action_id": CHOICE}, hint=hint), "dispatch_action": True}
    return [choice, *_needed(given)]


def _needed(given: Mapping[str, Any]) -> list[Block]:
    match given["access"]:
        case "passcode":
            box = text_input(initial=given["passcode"][:LONGEST], placeholder="Made for you", most=LONGEST)
            return [field("passcode", "Passcode", box, hint=PASSCODE_HINT, optional=True)]
        case "member":
            return [field("member", "Member", member("value", given["member"]), hint=MEMBER_HINT)]
        case "mail":
            box = text_input(initial=given["mail"], placeholder="robin@example.com", most=LONGEST_ADDRESS)
            return [field("mail", "Mail address", box, hint=MAIL_HINT)]
    return []


def takes_several(given: Mapping[str, Any]) -> bool:
    return given["access"] not in ADDRESSED


def chosen(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a draft."""
    access = str(values.get("access") or ANYONE)
    addressee = str(values.get(access) or "").strip() if access in ADDRESSED else ""
    return {"access": access, "passcode": str(values.get("passcode") or ""), "addressee": addressee}


def complaints(errors: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    """Of a draft's fields, under those of the form."""
    access = str(values.get("access") or ANYONE)
    return {access if name == "addressee" else name: told for name, told in errors.items()}


def key(made: Created) -> list[Block]:
    """The passcode, this once; never within the invitation, since one mail must not hold both."""
    if made.link.access != PASSCODE:
        return []
    if not made.passcode:
        return [section(":key: It opens with the passcode that you chose.")]
    return [section(f":key: *Its passcode* ```{made.passcode}``` {APART}")]


def who_can(link: Link) -> str:
    if link.access in ADDRESSED:
        return f"It opens for {told(link)} alone, by a code that goes there."
    if link.access == PASSCODE:
        return "Anyone who has it and the passcode can use it."
    return "Anyone who has it can use it, so send it with care."


def to_guest(link: Link, words: Words) -> list[str]:
    """Lines of an invitation."""
    if link.access not in (PASSCODE, MEMBER, MAIL):
        return []
    return [words(f"invite.{link.access}", address=link.addressee)]


def told(link: Link) -> str:
    """For its creator."""
    match link.access:
        case "passcode":
            return "anyone with the link and its passcode"
        case "member":
            return f"<@{link.addressee}>"
        case "mail":
            return escaped(link.addressee)
    return "anyone with the link"


def in_a_list(link: Link) -> str:
    """After how many have come."""
    if link.access in ADDRESSED:
        return f", for {told(link)}"
    return ", with a passcode" if link.access == PASSCODE else ""
