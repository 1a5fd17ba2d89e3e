"""What is asked before a link is changed, and what is said after."""

import json
from collections.abc import Sequence

from bot.services.links.admission.values import PASSCODE
from bot.slack.screens.blocks.elements import Block, View, actions, button, field, modal, option, section, select, sure
from bot.slack.screens.blocks.text import when
from bot.slack.screens.links import words
from storage.tables import Link

REVOKE = "link.revoke"
EXTEND_FORM, ROTATE_FORM, REVOKE_FORM = "link.extend", "link.rotate", "link.revoke_form"
TITLE = "Temporary chat link"
MORE = {"1": "1 hour", "4": "4 hours", "24": "1 day", "72": "3 days", "168": "7 days"}
USUAL_MORE = "24"
FOR_GOOD = "It is over for good, and every open chat on it ends at once."
TO_ROTATE = (
    "Its old address opens nothing any more, at once. Guests who are chatting go on. You see the new address, and an"
    " invitation with it, once."
)
DEAD = "This address opens nothing any more: {title} has a new one."


def extend_form(link: Link, origin: str = "") -> View:
    """``origin``: where the list or card stands that was pressed on."""
    options = {hours: option(word, hours) for hours, word in MORE.items()}
    blocks = [
        section(f"{words.title(link)} ends {when(link.expires_at)}. Guests who have it open see the new time."),
        field("hours", "How much longer", select("value", list(options.values()), options[USUAL_MORE])),
    ]
    return _asked(EXTEND_FORM, blocks, "Give time", link, origin)


def rotate_form(link: Link, origin: str = "") -> View:
    passcode = " Its passcode is made anew too." if link.access == PASSCODE else ""
    asked = section(f"A new address for {words.title(link)}? {TO_ROTATE}{passcode}")
    return _asked(ROTATE_FORM, [asked], "Make it", link, origin)


def revoke_form(link: Link, origin: str = "") -> View:
    blocks = [section(f"Revoke {words.title(link)}? {FOR_GOOD}")]
    return _asked(REVOKE_FORM, blocks, "Revoke", link, origin)


def _asked(callback: str, blocks: Sequence[Block], submit: str, link: Link, origin: str) -> View:
    metadata = json.dumps({"link": link.id, "origin": origin})
    return modal(TITLE, blocks, callback_id=callback, submit=submit, close="Cancel", metadata=metadata)


def asked_about(metadata: str) -> tuple[str, str]:
    """The link's id, and where its list or card stands."""
    kept = json.loads(metadata)
    return kept["link"], kept["origin"]


def extended(link: Link) -> str:
    return f":hourglass_flowing_sand: {words.title(link)} ends {when(link.expires_at)} now."


def paused(link: Link) -> str:
    if link.paused_at is None:
        return f":arrow_forward: Guests can start on {words.title(link)} again."
    return f":double_vertical_bar: {words.title(link)} is paused: nobody new can start. Who is chatting goes on."


def told(text: str) -> View:
    return modal(TITLE, [section(text)])


def dead(link: Link) -> str:
    return DEAD.format(title=words.title(link))


def revoke_button(link: Link) -> Block:
    confirm = sure("Revoke this link?", f"{words.title(link)}: {FOR_GOOD}", "Revoke")
    return button("Revoke", REVOKE, link.id, style="danger", confirm=confirm, label=f"Revoke {link.title}")


def revoke_question(link: Link) -> list[Block]:
    return [section(f"Revoke {words.title(link)}? {FOR_GOOD}"), actions(revoke_button(link))]


def revoked(links: Sequence[Link]) -> str:
    titles = ", ".join(words.title(link) for link in links)
    if not titles:
        return "Those links were over already."
    return f"{titles} {'is' if len(links) == 1 else 'are'} revoked, for good: the old address opens nothing any more."
