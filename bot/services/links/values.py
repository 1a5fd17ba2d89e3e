"""What a link is made from, and what comes of it."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.services.limits.limits import LINK_TOKENS, SESSION_MESSAGES
from bot.services.links.admission.values import ANYONE
from bot.services.links.uploads.values import USUAL_FILES, FileTerms
from storage.members import Member
from storage.schema import now
from storage.tables import Link, Session

ERASED = {"guest": "deleted", "host": "erased", "time": "aged"}
"""Why nothing of a chat is there any more, by who wanted it so."""

NAMELESS = "Guest"
"""What a guest is called who gives no name; those who read it in another language have a word of their own."""


def short(link_id: str) -> str:
    """As logs name a link: enough to find it by, and nothing that its pages could be asked for with."""
    return link_id[-8:]


@dataclass(frozen=True)
class Draft:
    """What its creator chose; ``tools`` are (connection id, tool name) pairs of `Links.candidates`."""

    title: str
    purpose: str = ""
    instructions: str = ""
    hours: float = 24.0
    max_sessions: int = 1
    tools: tuple[tuple[str, str], ...] = ()
    starters: tuple[str, ...] = ()
    """What a guest may begin with, at one press."""
    covers: tuple[str, ...] = ()
    """What the agent asks in the course of the chat."""
    messages: int = SESSION_MESSAGES
    """Of each guest."""
    tokens: int = LINK_TOKENS
    """Of all guests together."""
    language: str = ""
    """Its code, in which guests are spoken to; empty: as each one's browser asks."""
    keep_hours: int | None = None
    """For how long what was said is kept after a chat's end; None: as long as the installation keeps it."""
    cents: int = 0
    """US cents, of all guests together; 0: as much as the installation lets a link cost."""
    idle_minutes: int = 0
    """Silence that ends a chat; 0: it only rests."""
    summary: bool = True
    """Each chat is summed up for its creator when it ends."""
    follow_channel: str = ""
    """In which its creator follows the chats; empty: in their direct message."""
    access: str = ANYONE
    """Who may start: see `admission.values`."""
    files: int = 0
    """How many each guest may send; 0: none."""
    file_kinds: tuple[str, ...] = ()
    """Of `uploads.values.KINDS`; empty: all that the installation allows."""
    file_megabytes: int = 0
    """Of each file; 0: as much as the installation allows."""
    addressee: str = ""
    """A member's id, or an address of mail, where it is for one person."""
    agent: Mapping[str, str] = field(default_factory=dict)
    """Who answers: its id, and once it was looked at name and instructions; empty: the workspace's default."""
    passcode: str = field(default="", repr=False)
    """As its creator typed it; empty: one is made."""
    passcode_hash: str = field(default="", repr=False)
    """In hexadecimal; in the place of ``passcode`` once that may be forgotten."""


@dataclass(frozen=True)
class Terms:
    """What this installation allows; hours are how long links live: unless somebody chooses, and at most."""

    usual_hours: float = 24.0
    most_hours: float = 720.0
    keep_hours: float = 720.0
    """For how long what was said is kept after a chat's end."""

    def kept(self, link: Link) -> timedelta:
        """How long what was said on this link is there after a chat's end."""
        return timedelta(hours=min(self.keep_hours, link.keep_hours or self.keep_hours))

    link_cents: int = 100
    """What a link may cost at most."""
    mail: bool = False
    """Whether codes can be sent by mail."""
    work: str = "auto"
    """When a start has to be worked for: auto (in crowds) | always | off"""
    files: FileTerms = USUAL_FILES
    """Which files guests may send, where a link's creator allows it."""


@dataclass(frozen=True)
class Created:
    """``url`` is shown once, to the creator alone: only its hash is kept."""

    link: Link
    url: str = field(repr=False)
    repeated: bool = False
    """It had been made before, by the very same form."""
    passcode: str = field(default="", repr=False)
    """One that was made for it, to be shown this once; empty: it has none, or one that its creator typed."""


@dataclass(frozen=True)
class Candidate:
    """A tool that a link may offer; ``free`` ones run without asking the creator."""

    connection_id: str
    name: str
    title: str
    server: str
    free: bool
    exposed: str = ""
    """By which name the agent knows it."""


@dataclass(frozen=True)
class Started:
    """``secret`` goes into the guest's cookie and nowhere else."""

    link: Link
    session: Session
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Guest:
    """One guest on one link, proven by the session's secret; the session may have ended."""

    link: Link
    session: Session

    @property
    def workspace(self) -> str:
        return self.session.workspace_id

    @property
    def conversation_id(self) -> str:
        return self.session.conversation_id

    @property
    def creator(self) -> Member:
        return Member(self.link.workspace_id, self.link.creator_id)

    @property
    def name(self) -> str:
        return self.session.guest_name

    def came_by(self, token_hash: bytes) -> bool:
        """It is the link's address, or was."""
        former = [bytes.fromhex(each) for each in self.link.former_hashes]
        return any([hmac.compare_digest(each, token_hash) for each in [self.link.token_hash, *former]])

    @property
    def ended(self) -> bool:
        return bool(self.reason)

    @property
    def reason(self) -> str:
        """Why it ended: guest, host, revoked, expired, idle, unused; empty while it lives. When it was deleted: why."""
        if self.session.erase_asked_by:
            return ERASED[self.session.erase_asked_by]
        if self.session.ended_at is not None:
            return self.session.end_reason
        if self.link.revoked_at is not None:
            return "revoked"
        return "expired" if self.link.expires_at <= now() else ""


def is_live(link: Link, at: datetime) -> bool:
    return link.revoked_at is None and link.closed_at is None and link.expires_at > at


def has_room(link: Link, at: datetime) -> bool:
    """Somebody new may start."""
    return is_live(link, at) and link.paused_at is None and link.used_sessions < link.max_sessions


def why_no_room(link: Link, at: datetime) -> str:
    """Of a start that the link itself did not allow; no stranger is told."""
    if link.revoked_at:
        return "revoked"
    if not is_live(link, at):
        return "expired"
    if link.paused_at:
        return "paused"
    return "full" if link.used_sessions >= link.max_sessions else "ended"


def place_of(link: Link, session_id: str) -> dict[str, Any]:
    return {"link_id": link.id, "session_id": session_id, "title": link.title}


def silence(link: Link) -> timedelta:
    """That ends a chat on it; none when none does."""
    return timedelta(minutes=link.idle_minutes)


def lasting(hours: float) -> str:
    minutes = round(hours * 60)
    if minutes < 1:
        return "less than a minute"
    for size, noun in ((1440, "day"), (60, "hour")):
        if minutes % size == 0 and (noun == "hour" or minutes > size):
            number = minutes // size
            return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
    return f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
