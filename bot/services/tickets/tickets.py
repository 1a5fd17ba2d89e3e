"""Tickets: single-use URLs for one act of one member, such as entering a secret.

An address can be sent on, and who opens it may be somebody else: so its page asks for a code that Usher shows its
member in Slack. Code and proof are made from a key of ours, so that nothing of them is stored.
"""

import hashlib
import hmac
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from bot.errors import UserError
from bot.services import tokens
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.workspaces.audit import USHER
from storage.schema import now
from storage.tables import Ticket

if TYPE_CHECKING:
    from bot.services.tickets.slack_sign_in import SlackSignIn

LIFE = timedelta(minutes=15)
SECRET, SIGN_IN, READING, TOKEN = "connect", "sign_in", "reading", "token"
"""What a page is for: to enter a secret, to go on to a service's own sign-in, to read a guest's chat, or to be shown a
new access token."""
PATHS = {SECRET: "/connect/{}", SIGN_IN: "/oauth/start?ticket={}", READING: "/transcripts/{}", TOKEN: "/tokens/{}"}
TRIES = 5
DIGITS = 6
KEY = "tickets"
"""What the key that makes the codes is for: `tokens.server_key`."""
ALIKE = "code_of"
"""In a payload: what its code is made from, when that is another ticket's."""
GONE = "This page was used already, or its 15 minutes are over. Press Connect in Slack once more."


class TicketGone(UserError):
    """Used, expired, tried too often, or never there."""

    def __init__(self) -> None:
        super().__init__(GONE)


class Entry(Enum):
    """Where a member may enter a secret."""

    PAGE = "a page that everybody reaches"
    OWN_MACHINE = "a page that opens only on the machine that Usher runs on: for admins"
    SLACK = "a field of Slack's form, where the operator allows it knowingly"
    NOWHERE = "not yet"


@dataclass(frozen=True)
class Issued:
    url: str = field(repr=False)
    expires_at: datetime
    code: str = field(default="", repr=False)
    """What the page asks for: to be shown to its member alone."""


class Tickets:
    """``public_url`` is where everybody reaches the pages, None: nowhere; ``own_url`` where this machine does.

    ``secrets_in_slack``: without ``public_url`` Slack's form may ask for secrets. ``key`` makes the codes; without
    one they hold in this process alone.
    """

    def __init__(
        self,
        db: Database,
        public_url: str | None,
        *,
        own_url: str | None = None,
        secrets_in_slack: bool = False,
        key: bytes = b"",
    ) -> None:
        self.slack: SlackSignIn | None = None
        """Where the app has it: Slack itself says who is in front of a page, and the code is the other way."""
        self._key = key or os.urandom(32)
        self._db = db
        self._public_url = public_url
        self._own_url = own_url
        self._secrets_in_slack = secrets_in_slack

    @property
    def for_members(self) -> Entry:
        """What holds for somebody who is no admin, or of whom that is not known."""
        if self._public_url:
            return Entry.PAGE
        return Entry.SLACK if self._secrets_in_slack else Entry.NOWHERE

    async def entry(self, is_admin: Callable[[], Awaitable[bool]]) -> Entry:
        """``is_admin`` is asked only where it matters."""
        if self.for_members is Entry.NOWHERE and self._own_url and await is_admin():
            return Entry.OWN_MACHINE
        return self.for_members

    def base_url(self, entry: Entry) -> str:
        """Where the pages are for `Entry.PAGE` or `Entry.OWN_MACHINE`; without a slash at its end."""
        base = {Entry.PAGE: self._public_url, Entry.OWN_MACHINE: self._own_url}.get(entry)
        if base is None:
            raise ValueError(f"there is no page here: {entry}")
        return base.rstrip("/")

    async def issue(
        self,
        member: Member,
        payload: dict[str, Any],
        entry: Entry = Entry.PAGE,
        purpose: str = SECRET,
        beside: Issued | None = None,
    ) -> Issued:
        """``beside`` is another that is shown with it: the same code opens both."""
        base = self.base_url(entry)
        alike = {ALIKE: _token(beside)} if beside else {}
        token, expires_at = await self.kept(member, payload | alike, purpose)
        return Issued(base + PATHS[purpose].format(token), expires_at, self._code(alike.get(ALIKE) or _alike(token)))

    async def kept(self, member: Member, payload: dict[str, Any], purpose: str) -> tuple[str, datetime]:
        """Its token, and until when: also for a purpose that has no page."""
        token, expires_at = tokens.mint(tokens.Kind.TICKET), now() + LIFE
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            ticket = Ticket(
                workspace_id=member.workspace,
                member_id=member.id,
                purpose=purpose,
                hash=tokens.at_rest(token),
                payload=payload,
                expires_at=expires_at,
            )
            await tables.tickets.add(ticket)
        return token, expires_at

    async def look(self, token: str, purpose: str = SECRET) -> Ticket | None:
        """The ticket while it can still be used for this; looking changes nothing."""
        ticket = await self.known(token)
        return ticket if ticket and ticket.purpose == purpose and usable(ticket) else None

    async def proves(self, token: str, code: str, purpose: str = SECRET) -> bool:
        """Whether this is the code that its member was shown; a wrong one costs a try. Raises `TicketGone`."""
        ticket = await self.tried(token, purpose)  # counted before it is compared: many at once are no more than five
        right = self._code(ticket.payload.get(ALIKE) or _alike(token))
        if not hmac.compare_digest(tokens.digits(code).encode(), right.encode()):
            async with self._db.begin() as tables:
                await tables.audit.add(ticket.workspace_id, USHER, "ticket.code_failed", ticket.id)
            return False
        async with self._db.begin() as tables:
            await tables.tickets.take_back_try(ticket.id)
        return True

    def proof(self, token: str) -> str:
        """What the browser keeps that has proved it; who has only the address cannot make it."""
        return hmac.new(self._key, f"proved\0{token}".encode(), hashlib.sha256).hexdigest()

    def _code(self, alike: str) -> str:
        told = hmac.new(self._key, f"code\0{alike}".encode(), hashlib.sha256).digest()
        return f"{int.from_bytes(told[:8]) % 10**DIGITS:0{DIGITS}}"

    async def note(self, ticket: Ticket, payload: dict[str, Any]) -> None:
        """Keep this with it from now on."""
        async with self._db.begin() as tables:
            await tables.tickets.note(ticket.id, payload)

    async def used(self, token: str) -> Ticket | None:
        """The ticket once it has served its purpose."""
        ticket = await self.known(token)
        return ticket if ticket and ticket.used_at else None

    async def known(self, token: str) -> Ticket | None:
        """Used or expired too."""
        if tokens.parse(token, tokens.Kind.TICKET) is None:
            return None
        async with self._db.read() as tables:
            return await tables.tickets.by_hash(tokens.at_rest(token))

    async def tried(self, token: str, purpose: str = SECRET) -> Ticket:
        """The ticket with one try fewer; raises `TicketGone`."""
        ticket = await self.look(token, purpose)
        if ticket is None:
            raise TicketGone
        async with self._db.begin() as tables:
            ticket.tries = await tables.tickets.count_try(ticket.id)
        if ticket.tries > TRIES:
            raise TicketGone
        return ticket


def _alike(token: str) -> str:
    return tokens.at_rest(token).hex()


def _token(issued: Issued) -> str:
    return _alike(issued.url.replace("=", "/").rpartition("/")[2])


def usable(ticket: Ticket) -> bool:
    return at_work(ticket) and ticket.tries < TRIES


def at_work(ticket: Ticket) -> bool:
    """Usable, or it was until the try that is under way."""
    return ticket.used_at is None and ticket.expires_at > now() and ticket.tries <= TRIES


async def use(tables: Tables, ticket: Ticket) -> None:
    """Once, in the transaction of what it is used for; raises `TicketGone`."""
    if not await tables.tickets.use(ticket.id, now()):
        raise TicketGone
