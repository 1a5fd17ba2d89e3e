"""What a person said in Slack, of which messages are theirs, and what comes with their words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.edge.payload import Payload
from bot.slack.incoming.forwarded import ATTACHED, attached, forwarded, passed_on_files
from bot.slack.incoming.quoting import by
from bot.slack.incoming.rich_text import words_of
from bot.slack.incoming.sent_files import MOST_NAMED, Json, files_of
from bot.slack.screens.blocks.text import said

NOTHING_TYPED = "(The member typed nothing with it.)"
OF_PEOPLE = frozenset({None, "file_share", "me_message", "thread_broadcast"})
"""Subtypes: plain, with a file, «/me …», and a reply in a thread that was sent to the channel as well."""
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class Spoken:
    """``words`` are the member's own; ``beside`` is what came with them, marked as others' where it is."""

    words: str
    beside: str = ""
    files: tuple[Json, ...] = ()
    """As they are fetched."""

    @property
    def whole(self) -> str:
        """For the model; empty when there is nothing at all."""
        words = self.words or (NOTHING_TYPED if self.beside or self.files else "")
        return "\n\n".join(filter(None, (words, self.beside)))

    @property
    def alone(self) -> bool:
        """Nothing came with the words."""
        return not self.beside and not self.files


def by_a_person(event: Payload) -> bool:
    user = event.get("user")
    return not event.get("bot_id") and event.get("subtype") in OF_PEOPLE and bool(user) and user != SLACKBOT


def spoken(event: Payload, bot: str = "") -> Spoken:
    """``bot`` is our own user id."""
    words = said(str(event.get("text") or ""), bot)
    if not words and not event.get("text"):
        words = words_of(event.get("blocks"))
        words = words.removeprefix(f"@{bot}").strip() if bot else words
    return Spoken(words, forwarded(event), (*files_of(event), *passed_on_files(event))[:MOST_NAMED])


def shown(message: Mapping[str, Any], bot: str = "") -> str:
    """What anybody's message says, a program's too: its words, or what it has instead of them."""
    words = spoken(dict(message), bot)
    olds = [each for each in message.get("attachments") or [] if isinstance(each, Mapping)]
    names = ", ".join(by(str(file["name"])) for file in files_of(message))
    files = ATTACHED.format(names=names) if names else ""
    inside = [attached(each) for each in olds if not (each.get("is_share") or each.get("is_msg_unfurl"))]
    return "\n\n".join(filter(None, (words.words, words.beside, files, *inside)))


def own_id(body: Payload) -> str:
    """Our own user id, as the event tells it."""
    return next((str(each.get("user_id") or "") for each in body.get("authorizations") or []), "")
