"""Words that a link's creator may paste into a mail: who invites, to what, until when, and that an AI answers."""

from datetime import datetime, tzinfo

from bot.services.chats.member_turns import Person
from bot.services.links.values import Created
from bot.slack.screens.blocks.text import clipped, one_line
from bot.slack.screens.links import access

LONGEST_NAME, LONGEST_PURPOSE = 40, 250


def invitation(made: Created, host: Person) -> str:
    """Plain text, and nothing in it that would end a block of code."""
    link, name = made.link, one_line(host.name, LONGEST_NAME)
    lines = [
        f"{name} invites you to a chat: {link.title}" if name else f"You are invited to a chat: {link.title}",
        *([clipped(link.purpose.strip(), LONGEST_PURPOSE)] if link.purpose.strip() else []),
        "",
        f"Open this address in any browser and press Start; you need no account:\n{made.url}",
        *access.to_guest(link),
        "",
        f"An AI assistant answers{f' on behalf of {name}' if name else ''}. {_reads(name)}",
        f"{_for_whom(link.max_sessions)} It works until {_moment(link.expires_at, host.zone)}.",
    ]
    return "\n".join(lines).replace("```", "'''")


def _reads(name: str) -> str:
    return f"{name or 'Whoever sent you this'} can read what is written there, so please write no passwords."


def _for_whom(guests: int) -> str:
    if guests == 1:
        return "The address is for you alone: it opens one chat."
    return f"The address opens {guests} chats, for whoever comes first."


def _moment(at: datetime, zone: tzinfo | None) -> str:
    """In its creator's own time, and it says which that is."""
    local = at.astimezone(zone) if zone else at
    key = str(getattr(local.tzinfo, "key", "")).removeprefix("Etc/").replace("_", " ")
    name = key or f"UTC{local:%z}".removesuffix("+0000")
    return f"{local:%A, %-d %B %Y, %H:%M} ({name})"
