"""The last step where a service signs its members in itself: out to its own page, and back."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.screens.blocks.elements import Block, View, actions, alert, button, context, modal, section
from bot.slack.screens.blocks.text import safe, unmarked, when
from bot.slack.screens.connections import listing as connections
from bot.slack.screens.connections.connecting import ONLY_THERE, RETURN, TICKET, TITLE, code_of

LAST_STEP = (
    "*Last step: sign in to {title} at {host}.*\n"
    "It asks you itself what I may do; your password stays with it. The page works once, until {until}."
)
BY_TOKEN = f"{TICKET}.by_token"
AGAIN = "Start again whenever you like."


def modal_of(asked: Sequence[Block]) -> View:
    """Around what `blocks_of` gives."""
    return modal(TITLE, [*asked, context(RETURN)])


def blocks_of(
    title: str,
    host: str,
    url: str,
    expires_at: datetime,
    token_url: str = "",
    code: str = "",
    *,
    own_machine: bool = False,
) -> list[Block]:
    """For a direct message as well, when the modal was closed before it could ask.

    ``token_url`` is another way, for who has a token of the service.
    """
    go = button("Sign in", TICKET, url=url, style="primary", label=f"Sign in to {title} in your browser")
    text = LAST_STEP.format(title=unmarked(title), host=safe(host, 100), until=when(expires_at))
    label = f"Use a token of {title} instead"
    instead = [button("Use a token instead", BY_TOKEN, url=token_url, label=label)] if token_url else []
    only_there = [section(ONLY_THERE)] if own_machine else []
    return [section(text), *only_there, *code_of(code), actions(go, *instead)]


def still_needs(title: str, host: str) -> str:
    return f":key: {safe(title, 80)} still needs you to sign in at {safe(host, 100)}."


def not_signed_in(sentence: str) -> View:
    again = actions(button("Start again", connections.CONNECT))
    return modal(TITLE, [alert(unmarked(sentence)), context(AGAIN), again])
