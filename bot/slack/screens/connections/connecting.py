"""The modals that lead from a card to a connection."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.services.tickets import Entry
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    alert,
    button,
    context,
    modal,
    section,
)
from bot.slack.screens.blocks.text import safe, unmarked, when
from bot.slack.screens.connections import listing as connections
from bot.slack.screens.connections import picker
from bot.slack.screens.connections.questions import question
from mcp_runtime.steps import Step
from run_cards.card import ANOTHER, Field, RunCard
from run_cards.seeds import USE
from storage.tables import Connection

FORM = "connect.form"
TICKET = "connect.ticket"

TITLE = picker.TITLE
SIGN_IN = "Sign in again"
SIGN_IN_FORM = "connect.sign_in_form"
ABOUT_THE_TOKEN = {
    Entry.SLACK: (
        "Your admins allow tokens to be typed in here. Slack shows what you type and may keep it; I seal the token as "
        "soon as it arrives and never show it again."
    ),
    Entry.NOWHERE: "Here this works only for servers that need no token: there is no page yet to enter one on.",
}
NEXT = {
    "token": "Next I ask for your token, on a page in your browser. Nothing secret is typed into Slack.",
    "either": "Next you sign in, or enter a token, in your browser. Nothing secret is typed into Slack.",
    "perhaps": "If it wants a password, token or sign-in, your browser is next. Nothing secret is typed into Slack.",
}
ON_THIS_MACHINE = "The page opens only on the machine that I run on."
CODE = "The page asks for this code first: `{code}`. It is for you alone: give it to nobody."
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


def form(
    card: RunCard,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    *,
    entry: Entry,
    signs_in: bool = False,
) -> View:
    """``values`` are what was typed before; a secret is never put back, and asked for in `Entry.SLACK` alone.

    ``signs_in``: its members can sign in at the service.
    """
    fields = questions_of(card, values or {}, entry)
    blocks: list[Block] = [alert(unmarked(text)) for text in dict.fromkeys((problems or {}).values())]
    blocks.append(section(f"{card.icon} *{unmarked(card.title)}*\n{unmarked(card.about)}"))
    # With a switch for the installation's own, none of theirs has to be typed.
    spared = any(each.name == USE for each in fields)
    blocks += [
        question(each, (values or {}).get(each.name, each.default), may_be_empty=spared and each.secret)
        for each in fields
    ]
    if card.documentation:
        blocks.append(context(f"<{card.documentation}|About this server>"))
    notes = [*card.notes, *_what_comes_next(card, entry, signs_in)]
    blocks += [context(unmarked(note)) for note in notes]
    return modal(TITLE, blocks, callback_id=FORM, submit="Connect", close="Cancel", metadata=card.name)


def questions_of(card: RunCard, values: Mapping[str, str], entry: Entry) -> list[Field]:
    """What is asked in Slack; empty: one click connects it."""
    asked = (*card.fields, *([ANOTHER] if ANOTHER.name in values else []))
    return [each for each in asked if not each.later and (not each.secret or entry is Entry.SLACK) and not each.fold]


def _what_comes_next(card: RunCard, entry: Entry, signs_in: bool) -> list[str]:
    if card.secret is None:
        return []
    if entry in ABOUT_THE_TOKEN:
        return [ABOUT_THE_TOKEN[entry]]
    told = NEXT["perhaps" if not card.needs_secrets else "either" if signs_in else "token"]
    return [told, *([ON_THIS_MACHINE] if entry is Entry.OWN_MACHINE else [])]


def working(card: RunCard) -> View:
    return stepping(card.title, Step.REACHING)


def stepping(title: str, step: Step) -> View:
    """What is done is ticked, and what is being done says so."""
    texts = {
        Step.REACHING: (f"Reaching {unmarked(title)}…", f"{unmarked(title)} lets me in."),
        Step.LISTING: ("Asking which tools it has…", "It has told me its tools."),
        Step.SAVING: ("Saving the connection…", ""),
    }
    done = [f":white_check_mark: {texts[each][1]}" for each in Step if each < step]
    return modal(TITLE, [section("\n".join([*done, f":hourglass_flowing_sand: {texts[step][0]}"]))])


def code_of(code: str) -> list[Block]:
    """Beside the button that leads to a page which asks for it; «123 456» is read and typed in two breaths."""
    return [section(CODE.format(code=f"{code[:3]} {code[3:]}"))] if code else []


def enter_token(title: str, url: str, expires_at: datetime, code: str = "", *, own_machine: bool = False) -> View:
    label = f"Enter the token for {title} in your browser"
    go = button("Enter the token", TICKET, url=url, style="primary", label=label)
    text = STEP_TWO.format(title=unmarked(title), until=when(expires_at))
    only_there = [section(ONLY_THERE)] if own_machine else []
    return modal(TITLE, [section(text), *only_there, *code_of(code), actions(go), context(RETURN)])


def token_needed(
    title: str, url: str, expires_at: datetime, code: str = "", *, own_machine: bool = False
) -> list[Block]:
    """For a direct message, when the modal was closed before it could ask."""
    go = button("Enter the token", TICKET, url=url, style="primary", label=f"Enter the token for {title}")
    only_there = [section(ONLY_THERE)] if own_machine else []
    text = STEP_TWO.format(title=unmarked(title), until=when(expires_at))
    return [section(text), *only_there, *code_of(code), actions(go)]


def still_needs(title: str) -> str:
    return f":key: {safe(title, 80)} still needs its token."


def sign_in_form(connection: Connection, asked: Sequence[Field], problem: str = "") -> View:
    """Only where Slack's form may ask for secrets."""
    blocks = [alert(unmarked(problem))] if problem else []
    blocks += [section(f"*{safe(connection.title, 80)}* gets a new token."), *(question(each) for each in asked)]
    blocks.append(context(unmarked(ABOUT_THE_TOKEN[Entry.SLACK])))
    return modal(SIGN_IN, blocks, callback_id=SIGN_IN_FORM, submit="Sign in", close="Cancel", metadata=connection.id)


def no_secrets(sentence: str) -> View:
    return modal(TITLE, [section(f":lock: {unmarked(sentence)}"), context("Nothing was saved.")])


def token_refused(sentence: str, left: int) -> View:
    """The page is still open in the browser, and takes another try."""
    tries = "1 more try" if left == 1 else f"{left} more tries"
    again = f"The page in your browser takes {tries}: enter the token there once more."
    if left:
        return modal(TITLE, [alert(unmarked(sentence)), context(again)])
    anew = button("Start again", connections.CONNECT)
    return modal(TITLE, [alert(unmarked(sentence)), context("That was the last try."), actions(anew)])


def failed(text: str, card: RunCard | None = None) -> View:
    """After a form without fields: there is nothing to correct, and ``card`` can be tried again."""
    again = [actions(_try_again(card))] if card else []
    return modal(TITLE, [alert(unmarked(text)), context("Nothing was saved."), *again])


def refused(told: str) -> View:
    """What may not be done here, as it stands."""
    return modal(TITLE, [section(told), context("Nothing was saved.")])


def _try_again(card: RunCard) -> Block:
    return button("Try again", picker.PICK, card.name, label=f"Try again to connect {card.title}")


def not_connected(title: str, sentence: str) -> str:
    """For a direct message, when the modal was closed before it could say so."""
    return f":warning: *{safe(title, 80)}* is not connected. {safe(sentence, 2500)} Nothing was saved."


def not_connected_blocks(text: str, card: RunCard) -> list[Block]:
    return [
        section(text),
        actions(_try_again(card)),
    ]
