"""«Sign in with Slack» in the place of the six digits: Slack itself says who sits before a member's page.

A sign-in under way is a ticket of its own, whose token is the ``state``. It is bound to the page that it is for and to
the browser that began it, is good once, and costs one of the page's tries, which a right one gets back.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from bot.errors import UserError
from bot.services import tokens
from bot.services.tickets.tickets import (
    PATHS,
    READING,
    SECRET,
    SIGN_IN,
    TOKEN,
    TicketGone,
    Tickets,
    at_work,
    usable,
    use,
)
from storage.database import Database
from storage.members import Member
from storage.tables import Ticket

UNDER_WAY = "slack_sign_in"
CALLBACK = "/members/slack/callback"
PAGES = (SECRET, SIGN_IN, READING, TOKEN)
REFUSED = "ticket.stranger"
"""In the audit: somebody signed in as another member than the page is for."""


class SignInGone(UserError):
    """Used, too old, begun in another browser or for another page, or never begun."""

    def __init__(self) -> None:
        super().__init__(
            "This sign-in was begun in another browser, was used already, or took too long. "
            "Open the page from Slack once more."
        )


class NotSignedIn(UserError):
    """Slack did not say, or not in a way that can be believed, who this is."""


class SomebodyElse(UserError):
    """Signed in, as another than the page is for."""


@dataclass(frozen=True)
class Person:
    """Whom Slack vouches for."""

    team: str
    user: str
    enterprise: str = ""


class Slack(Protocol):
    """Slack's OpenID door."""

    @property
    def origin(self) -> str:
        """Where it is: the page's form leads there."""

    def address(self, redirect: str, state: str, nonce: str, workspace: str) -> str: ...

    async def person(self, code: str, redirect: str, nonce: str) -> Person:
        """Raises `NotSignedIn`."""


@dataclass(frozen=True)
class Started:
    """The browser goes on to ``url``, and keeps ``browser``, by which it is known when it comes back."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    browser: str = field(repr=False)


class SlackSignIn:
    """``base_url`` is where everybody reaches the pages: Slack sends browsers back to below it alone."""

    def __init__(self, db: Database, tickets: Tickets, slack: Slack, base_url: str) -> None:
        self._db = db
        self._tickets = tickets
        self._slack = slack
        self._redirect = base_url.rstrip("/") + CALLBACK

    @property
    def origin(self) -> str:
        return self._slack.origin

    async def start(self, page: str) -> Started:
        """For the ticket of this page; raises `TicketGone`."""
        purpose = await self._purpose(page)
        # Counted like a code: without it, whoever has the address could have any number of sign-ins kept for them.
        ticket = await self._tickets.tried(page, purpose)
        member, browser = Member(ticket.workspace_id, ticket.member_id), secrets.token_urlsafe(32)
        bound = {"page": _hash(page), "browser": _hash(browser)}
        state, _ = await self._tickets.kept(member, bound, UNDER_WAY)
        url = self._slack.address(self._redirect, state, _nonce(browser), member.workspace)
        return Started(url, state, browser)

    async def finish(self, state: str, browser: str, page: str, code: str) -> str:
        """The path of the page, whose member this browser's has shown to be.

        Raises `SignInGone`, `NotSignedIn`, `SomebodyElse` or `TicketGone`.
        """
        await self._take(state, browser, page)
        if not code:  # «Cancel» at Slack
            raise NotSignedIn
        person = await self._slack.person(code, self._redirect, _nonce(browser))
        ticket = await self._tickets.known(page)
        # After Slack has answered: the page may have been used, or its time be over, while somebody signed in.
        if ticket is None or ticket.purpose not in PAGES or not at_work(ticket):
            raise TicketGone
        if not _is(person, ticket):
            await self._note(ticket, person)
            raise SomebodyElse
        async with self._db.begin() as tables:
            await tables.tickets.take_back_try(ticket.id)
        return PATHS[ticket.purpose].format(page)

    async def path(self, page: str) -> str | None:
        """Of the page, while it can still be used."""
        ticket = await self._tickets.known(page)
        return PATHS[ticket.purpose].format(page) if ticket and ticket.purpose in PAGES and usable(ticket) else None

    async def _purpose(self, page: str) -> str:
        ticket = await self._tickets.known(page)
        if ticket is None or ticket.purpose not in PAGES:
            raise TicketGone
        return ticket.purpose

    async def _take(self, state: str, browser: str, page: str) -> None:
        """Gone from here on. Another browser does not even use it up: it could end what somebody else has begun."""
        under_way = await self._tickets.look(state, UNDER_WAY)
        if under_way is None:
            raise SignInGone
        for name, given in (("browser", browser), ("page", page)):
            if not hmac.compare_digest(under_way.payload[name], _hash(given)):
                raise SignInGone
        try:
            async with self._db.begin() as tables:
                await use(tables, under_way)
        except TicketGone:
            raise SignInGone from None

    async def _note(self, ticket: Ticket, person: Person) -> None:
        detail = {"by": person.user, "team": person.team, "purpose": ticket.purpose}
        async with self._db.begin() as tables:
            await tables.audit.add(ticket.workspace_id, "usher", REFUSED, ticket.id, detail)


def _is(person: Person, ticket: Ticket) -> bool:
    """An organisation's installation has its members under the organisation's id."""
    homes = {person.team, person.enterprise} - {""}
    return ticket.workspace_id in homes and person.user == ticket.member_id


def _hash(secret: str) -> str:
    return tokens.at_rest(secret).hex()


def _nonce(browser: str) -> str:
    """Made from what only this browser keeps, so that an id_token of another's sign-in is worth nothing here."""
    return hashlib.sha256(f"nonce\0{browser}".encode(errors="replace")).hexdigest()
