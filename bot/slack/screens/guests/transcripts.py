"""What was said with a guest: read as a page, or kept as a file."""

from bot.services.links.values import Guest
from bot.services.tickets import Issued
from bot.slack.screens.blocks.elements import View, actions, button, context, modal, section
from bot.slack.screens.blocks.text import safe
from bot.slack.screens.connections.connecting import code_of

TRANSCRIPT, PAGE, FILE = "guest.transcript", "guest.transcript_page", "guest.transcript_file"
NOTHING = "Nothing has been said in it yet."
SENT = ":white_check_mark: The file is in your direct message with me."
NOT_SENT = ":warning: Slack did not take the file. The page shows the same."


def ways(guest: Guest, issued: Issued, *, empty: bool, told: str = "") -> View:
    """``told`` stands on top."""
    lead = section(f"What was said with *{safe(guest.name, 80)}* on *{safe(guest.link.title, 120)}*.")
    if empty:
        return modal("Transcript", [lead, context(NOTHING)])
    session = guest.session.id
    ways = actions(
        button("Read it", PAGE, url=issued.url, style="primary", label="Read it as a page in the browser"),
        button("Markdown file", f"{FILE}.markdown", session),
        button("JSON file", f"{FILE}.json", session, label="JSON file, with what was filed"),
    )
    code = code_of(issued.code)
    notes = context("The page opens once, within 15 minutes. Files come into your direct message with me.")
    return modal("Transcript", [*([section(told)] if told else []), lead, *code, ways, notes])
