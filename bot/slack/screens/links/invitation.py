"""Words that a link's creator may paste into a mail: who invites, to what, until when, and that an AI answers."""

from datetime import tzinfo

from bot import words
from bot.services.chats.members.turns import Person
from bot.services.links.values import Created
from bot.slack.screens.blocks.text import clipped, one_line
from bot.slack.screens.links import access
from bot.words import Value

LONGEST_NAME, LONGEST_PURPOSE = 40, 250


def invitation(made: Created, host: Person) -> str:
    """Plain text in the link's own language, else in English; nothing in it that would end a block of code."""
    link, told = made.link, words.of(made.link.language)
    who = one_line(host.name, LONGEST_NAME)
    whose: dict[str, Value] = {"named": bool(who), "who": who}
    at = link.expires_at.astimezone(host.zone) if host.zone else link.expires_at
    until = told("invite.until", day=at.date(), time=f"{at:%H:%M}", zone=_zone(at.tzinfo, f"{at:%z}"))
    lines = [
        told("invite.invites", **whose, title=link.title),
        *([clipped(link.purpose.strip(), LONGEST_PURPOSE)] if link.purpose.strip() else []),
        "",
        f"{told('invite.open')}\n{made.url}",
        *access.to_guest(link, told),
        "",
        *([told("invitation.channel")] if link.follow_channel else []),
        f"{told('invite.answers', **whose)} {told('invite.reads', **whose)}",
        f"{told('invite.for_whom', guests=link.max_sessions)} {until}",
    ]
    return "\n".join(lines).replace("```", "'''")


def _zone(zone: tzinfo | None, offset: str) -> str:
    """Which time it is said in: its creator's own."""
    key = str(getattr(zone, "key", "")).removeprefix("Etc/").replace("_", " ")
    return key or f"UTC{offset}".removesuffix("+0000")
