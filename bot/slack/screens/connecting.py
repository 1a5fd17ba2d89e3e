"""The modals that lead from a card to a connection."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.services.tickets import Entry
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    alert,
    button,
    context,
    field,
    modal,
    section,
    text_input,
)
from bot.slack.screens.blocks.text import escaped, safe, when
from run_cards.card import Field, RunCard

PICK = "connect.pick"
FORM = "connect.form"
TICKET = "connect.ticket"

TITLE = "Connect a tool"
INTRO = "Connect a tool, then ask me in plain words to use it. Before I change anything, I ask you."
ABOUT_THE_TOKEN = {
    Entry.PAGE: "Your token is entered on a page of its own, not in Slack.",
    Entry.OWN_MACHINE: "Your token is entered on a page of its own, which opens only on the machine that I run on.",
    Entry.SLACK: (
        "Your admins allow tokens to be typed in here. Slack shows what you type and may keep it; I seal the token as "
        "soon as it arrives and never show it again."
    ),
    Entry.NOWHERE: "Here this works only for servers that need no token: this installation cannot take secrets yet.",
}
STEP_TWO = (
    "*Last step: enter the token for {title}.*\n"
    "It goes straight into a sealed store, not through Slack. The page works once, until {until}."
)
ONLY_THERE = (
    ":warning: *The page opens only in a browser on the machine that Usher itself runs on*: no public address is set "
    "here. On any other machine the button leads nowhere. You are offered it as an admin; `usher doctor` tells how "
    "members can connect as well."
)
RETURN = "Come back here afterwards: this window tells you how it went. If you close it, I write to you instead."


def chooser(cards: Iterable[RunCard]) -> View:
    return modal(TITLE, [section(INTRO), *(block for card in cards for block in _offer(card))])


def _offer(card: RunCard) -> list[Block]:
    pick = button("Connect", PICK, card.name, label=f"Connect {card.title}")
    about = section(f"{card.icon} *{escaped(card.title)}*\n{escaped(card.about)}", pick)
    return [about, *(context(escaped(note)) for note in card.notes)]


def form(
    card: RunCard,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    *,
    entry: Entry,
) -> View:
    """``values`` are what was typed before; a secret is never put back, and asked for in `Entry.SLACK` alone."""
    fields = [each for each in card.fields if not each.secret or entry is Entry.SLACK]
    blocks: list[Block] = [alert(escaped(text)) for text in dict.fromkeys((problems or {}).values())]
    blocks.append(section(f"{card.icon} *{escaped(card.title)}*\n{escaped(card.about)}"))
    blocks += [_question(each, (values or {}).get(each.name, "")) for each in fields]
    notes = [*card.notes, *([ABOUT_THE_TOKEN[entry]] if card.secret else [])]
    blocks += [context(escaped(note)) for note in notes]
    return modal(TITLE, blocks, callback_id=FORM, submit="Connect", close="Cancel", metadata=card.name)


def _question(asked: Field, typed: str) -> Block:
    box = text_input(initial="" if asked.secret else typed, placeholder=asked.placeholder)
    return field(asked.name, asked.label, box, hint=asked.hint, optional=asked.check("") is None)


def working(card: RunCard) -> View:
    return notices.working(f"Connecting to {escaped(card.title)}: asking which tools it has…", TITLE)


def enter_token(title: str, url: str, expires_at: datetime, *, own_machine: bool = False) -> View:
    label = f"Enter the token for {title} in your browser"
    go = button("Enter the token", TICKET, url=url, style="primary", label=label)
    text = STEP_TWO.format(title=escaped(title), until=when(expires_at))
    only_there = [section(ONLY_THERE)] if own_machine else []
    return modal(TITLE, [section(text), *only_there, actions(go), context(RETURN)])


def no_secrets(sentence: str) -> View:
    return modal(TITLE, [section(f":lock: {escaped(sentence)}"), context("Nothing was saved.")])


def connected(sentence: str, *, tools: int, reading: int, free: int) -> str:
    """Of the ``tools``, ``reading`` say that they only read, and ``free`` run without asking."""
    text = f":white_check_mark: {escaped(sentence)}."
    if free:
        does = "only reads and runs" if free == 1 else "only read and run"
        return f"{text} {_of(free, tools)} {does} without asking."
    if reading:
        says = "says that it only reads" if reading == 1 else "say that they only read"
        return f"{text} {_of(reading, tools)} {says}."
    return text


def _of(some: int, tools: int) -> str:
    return f"{'All' if some == tools > 1 else some} of them"


def token_refused(sentence: str, left: int) -> View:
    """The page is still open in the browser, and takes another try."""
    tries = "1 more try" if left == 1 else f"{left} more tries"
    again = f"The page in your browser takes {tries}: enter the token there once more."
    over = "That was the last try. Start again with `/mcp connect`."
    return modal(TITLE, [alert(escaped(sentence)), context(again if left else over)])


def done(text: str) -> View:
    hint = "Ask me in our direct message, or mention me in a channel. `/mcp tools` shows what may run without asking."
    return modal(TITLE, [section(text), context(hint)], close="Done")


def failed(text: str) -> View:
    """After a form without fields: there is nothing to correct."""
    return modal(TITLE, [alert(escaped(text)), context("Nothing was saved.")])


def not_connected(sentence: str) -> str:
    """For a direct message, when the modal was closed before it could say so."""
    return f":warning: {safe(sentence, 2500)} Nothing was saved."
