"""A link whose address is shown, this once, and what can be done with it."""

from bot.services.chats.members.turns import Person
from bot.services.links.values import Created
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, modal, section
from bot.slack.screens.blocks.text import escaped, safe
from bot.slack.screens.links import access, changes, words
from bot.slack.screens.links.invitation import invitation
from bot.slack.screens.links.menu import card_menu
from storage.tables import Link

OPEN, CODE = "link.open", "link.code"
TITLE = "Temporary chat link"
ONCE = (
    "This is the only time I can show its address: I keep no copy. If it is lost, “New address” in the menu makes"
    " another."
)


def created(made: Created, host: Person, *, renewed: bool = False) -> list[Block]:
    """The address alone and within a ready invitation; ``renewed``: it takes the place of another."""
    link = made.link
    ready = "has a new address; the old one opens nothing any more" if renewed else "is ready"
    paused = [section(words.PAUSED)] if link.paused_at else []
    return [
        section(f":link: {words.title(link)} {ready}.\n{words.terms(link)}"),
        *paused,
        section(f"```{escaped(made.url)}```"),
        *access.key(made),
        section(f"*An invitation to copy*\n```{escaped(invitation(made, host))}```", expand=True),
        context(f":warning: {ONCE} {access.who_can(link)}"),
        actions(
            button("Open", OPEN, url=made.url, label=f"Open {link.title} as its guests see it"),
            button("QR code", CODE, made.url.rpartition("/")[2], label=f"QR code of {link.title}"),
            changes.revoke_button(link),
            card_menu(link),
        ),
    ]


def created_view(made: Created, host: Person, *, renewed: bool = False) -> View:
    return modal(TITLE, created(made, host, renewed=renewed), close="Done")


def code_sent(link: Link) -> str:
    return f":white_check_mark: The QR code of {words.title(link)} is in your direct message with me."


def created_text(made: Created) -> str:
    return f"Your temporary chat link {safe(made.link.title, 120)}: {escaped(made.url)}"
