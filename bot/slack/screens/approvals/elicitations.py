"""What a server asks in the middle of a call: the message, its form, and what became of it."""

from typing import Any

from bot.slack.screens import schema_forms
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, modal, section
from bot.slack.screens.blocks.text import clipped, escaped, safe, when
from mcp_runtime.tools.asking.elicitation import host_of
from storage.tables import Elicitation

ANSWER = "elicitation.answer"
AGREE = "elicitation.agree"
DECLINE = "elicitation.decline"
OPENED = "elicitation.opened"
GO_ON = "elicitation.go_on"
FORM = "elicitation_form"

LONGEST = 2500
OUTCOMES = {
    "answered": ":white_check_mark: Answered",
    "completed": ":white_check_mark: Done, says {server}",
    "went_on": ":white_check_mark: Done on the page, and gone on",
    "waited": ":hourglass: Opened; the time for it was up, so the call went on",
    "declined": ":leftwards_arrow_with_hook: Declined",
    "timed_out": ":hourglass: Not answered in time, so the call went on without it",
    "gone": ":leftwards_arrow_with_hook: The call is gone, so there is nothing to answer any more",
}
OPENED_IT = ":white_check_mark: Opened. {server} goes on when it is done there"
WAITS = ":hourglass_flowing_sand: Opened. Press *Go on* when you are done there; I wait for it until {at}."
ELSEWHERE = (
    ":speech_balloon: *{server}* asks you something before it goes on. It stands in our direct message, until {at}."
)
WARNING = "Give no passwords or keys here."
PAGE = "It wants you to open a page at *{host}*. Look at the address before you enter anything there."
UNUSUAL = ":warning: Its name is written in letters that may only look like those of a name you know."


def asked(row: Elicitation, channel: str = "") -> list[Block]:
    """``channel``: where others read the thread that it is about."""
    only = f"Only <@{escaped(row.member_id)}> can answer, until {when(row.expires_at)}."
    about = f" It is about what you asked in <#{escaped(channel)}>." if channel else ""
    return [*_question(row), *_address(row), actions(*_buttons(row)), context(only + about)]


def elsewhere(row: Elicitation) -> str:
    """In the thread that others read, for the member's eyes alone."""
    return ELSEWHERE.format(server=safe(row.server, 80), at=when(row.expires_at))


def closed(row: Elicitation) -> list[Block]:
    """The same question, with its outcome in place of the buttons; while a page is open, with the one that goes on."""
    if row.state == "opened":
        waits = section(WAITS.format(at=when(row.expires_at)))
        return [*_question(row), waits, actions(_go_on(row))]
    at = f", {when(row.decided_at)}" if row.decided_at else ""
    return [*_question(row), context(f"{_outcome(row)}{at}.")]


def asked_text(row: Elicitation) -> str:
    """Read aloud instead of the blocks, and shown in notifications."""
    return f"{safe(row.server, 80)} asks: {safe(row.text, 300)}"


def closed_text(row: Elicitation) -> str:
    return f"{asked_text(row)} {_outcome(row)}"


def form(row: Elicitation) -> View:
    asking = section(f"*{safe(row.server, 80)}* asks:")
    fields = schema_forms.blocks(row.form).blocks
    blocks = [asking, *_words(row), *fields, context(WARNING)]
    return modal("Answer", blocks, callback_id=FORM, submit="Send", close="Not now", metadata=row.id)


def sent(row: Elicitation, external_id: str) -> View:
    """In the place of the form, until it is known what came of the call."""
    told = section(f":hourglass_flowing_sand: Sent to {safe(row.server, 80)}. It goes on with your answer…")
    return modal("Answer", [told], close="Back") | {"external_id": external_id}


def wants_nothing(form: dict[str, Any]) -> bool:
    """Only a yes."""
    return not form.get("properties")


def _question(row: Elicitation) -> list[Block]:
    where = f"in the middle of “{safe(row.tool, 80)}”" if row.tool else "in the middle of a call"
    asking = f":speech_balloon: *{safe(row.server, 80)}* asks, {where}:"
    page = [section(PAGE.format(host=safe(host_of(row.url), 200)))] if row.url else []
    return [section(asking), *_words(row), *page]


def _address(row: Elicitation) -> list[Block]:
    """All of it, as text that cannot be pressed: the protocol wants it looked at before anybody agrees to open it."""
    if not row.url:
        return []
    odd = any(label.lower().startswith("xn--") for label in host_of(row.url).split("."))
    whole = {"type": "section", "text": {"type": "plain_text", "text": row.url, "emoji": False}, "expand": True}
    return [whole, *([section(UNUSUAL)] if odd else [])]


def _words(row: Elicitation) -> list[Block]:
    """The server's, as nothing but text: no mention, no link, no mark of ours."""
    text = clipped(row.text, LONGEST)
    return [{"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}] if text else []


def _buttons(row: Elicitation) -> list[Block]:
    name = clipped(row.server, 30)
    if row.url:
        opening = clipped(f"Open {host_of(row.url)}", 70)
        yes = button(opening, OPENED, row.id, style="primary", url=row.url)
    elif wants_nothing(row.form):
        yes = button("Yes", AGREE, row.id, style="primary", label=f"Yes to {name}")
    else:
        yes = button("Answer…", ANSWER, row.id, style="primary", label=f"Answer… {name}")
    return [yes, button("Decline", DECLINE, row.id, label=f"Decline what {name} asks")]


def _go_on(row: Elicitation) -> Block:
    return button("Go on", GO_ON, row.id, style="primary", label=f"Go on with {clipped(row.server, 30)}")


def _outcome(row: Elicitation) -> str:
    if row.state == "opened":
        return "Opened. Press Go on when you are done there."
    told = OPENED_IT if row.url and row.state == "answered" else OUTCOMES.get(row.state, "Closed")
    return told.format(server=safe(row.server, 80))
