"""A member's access tokens on the Home tab, the form for a new one, and the way to the page that shows it once."""

from collections.abc import Sequence

from bot.services.tickets.new_tokens import Offered
from bot.services.tokens.access import MOST_DAYS, USUAL_DAYS
from bot.services.tokens.scopes import OF_ADMINS, WORDS, Scope, in_words
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    context,
    field,
    modal,
    option,
    section,
    select,
    select_several,
    sure,
    text_input,
)
from bot.slack.screens.blocks.text import day, safe
from bot.slack.screens.connections.connecting import ONLY_THERE, code_of
from storage.tables import AccessToken

NEW, FORM, OPENED, REVOKE = "token.new", "token.form", "token.page", "token.revoke"
NAME, SCOPES, DAYS = "name", "scopes", "days"
TITLE = "A new access token"
NONE = "None. With one, programs of yours, such as an editor, can use me in your name."
ABOUT = "A token lets a program act for you, within what you allow it here. You can revoke it at any time."
ONCE = "The page shows the token once. It opens within 15 minutes, and I keep no copy."
SHOWN = 10
LIVES = {7: "a week", 30: "30 days", USUAL_DAYS: "90 days", 180: "half a year", MOST_DAYS: "a year"}


def listed(tokens: Sequence[AccessToken]) -> list[Block]:
    """The newest first."""
    new = actions(button("New token", NEW, label="New token for a program of yours"))
    return [*(rows(tokens) or [context(NONE)]), new]


def rows(tokens: Sequence[AccessToken], act: str = REVOKE) -> list[Block]:
    """Each with its way out; ``act`` is what that button is called."""
    more = [context(f"… and {len(tokens) - SHOWN} older ones.")] if len(tokens) > SHOWN else []
    return [*(section(_told(each), _revoke(each, act)) for each in tokens[:SHOWN]), *more]


def form(*, admin: bool) -> View:
    options = [option(_begun(WORDS[each]), each) for each in Scope if admin or each not in OF_ADMINS]
    lives = {days: option(_begun(told), str(days)) for days, told in LIVES.items()}
    name = text_input(placeholder="Editor on my laptop", most=80)
    shown = [
        section(ABOUT),
        field(NAME, "What is it for?", name, hint="A name by which you know it again."),
        field(SCOPES, "A program that has it can", select_several("value", options)),
        field(DAYS, "It lives for", select("value", list(lives.values()), lives[USUAL_DAYS])),
    ]
    return modal(TITLE, shown, callback_id=FORM, submit="Go on")


def page(name: str, offered: Offered) -> View:
    """The way to the page that makes it."""
    issued, only_there = offered.issued, [section(ONLY_THERE)] if offered.own_machine else []
    way = actions(
        button("Open the page", OPENED, url=issued.url, style="primary", label="Open the page with the token")
    )
    return modal(TITLE, [section(f"*{safe(name, 80)}*"), *only_there, *code_of(issued.code), way, context(ONCE)])


def _begun(words: str) -> str:
    """As a sentence begins: names in it stay as they are."""
    return words[:1].upper() + words[1:]


def _told(token: AccessToken) -> str:
    used = f"last used {day(token.used_at)}" if token.used_at else "not used yet"
    may = "; ".join(in_words(token.scopes))
    return f"*{safe(token.name, 80)}* `{token.kind}_…{token.tail}`\n{may}\n{used}, ends {day(token.expires_at)}"


def _revoke(token: AccessToken, act: str) -> Block:
    question = sure("Revoke this token?", f"Programs that use *{safe(token.name, 80)}* stop at once.", "Revoke it")
    return button("Revoke", act, token.id, confirm=question, label=f"Revoke the token {token.name}")
