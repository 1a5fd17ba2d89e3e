"""From what a member changes about a connection to a draft, which is tried, shown and then saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.errors import FormError, UserError
from bot.services.connections.editing.keeping import MEANWHILE, Edit, Keeping
from bot.services.connections.editing.values import EDITS, Draft, changes_between, fingerprint, same_place
from bot.services.connections.editing.wanted import Wanted, apart, fields_of, filled_in
from bot.services.connections.entering.entries import answers_of, checked_entries, kept_answers
from bot.services.connections.entering.signing_in import PAGES, RENEWS
from bot.services.connections.oauth.offering import Offering
from bot.services.connections.saving import Saving
from bot.services.connections.telling.failures import ABOUT_THE_SECRET, form_error
from bot.services.connections.values import Connected, NoSecretsHere, TicketNeeded
from bot.services.tickets import Entry, Tickets, use
from mcp_runtime.errors import AuthorizationNeeded, ServerError
from mcp_runtime.oauth.grants import FIELD as GRANT
from mcp_runtime.sessions.pool import Offer, Pool
from mcp_runtime.specs import HttpSpec, Secrets, from_json
from run_cards.card import ANOTHER, Field, RunCard, Values
from run_cards.checks import own_name
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.tables import Connection, Ticket

PURPOSE = "edit"
TOO_LATE = "This was saved already, or its 15 minutes are over. Open Edit again."
ELSEWHERE = "This leads to another server, and the old token is not sent there: enter one for it."
CARD_GONE = "Its card is not here any more, so only its name can be changed. Leave the rest as it was."


@dataclass(frozen=True)
class Form:
    """What there is to change about a connection, and what it is now."""

    connection: Connection
    fields: tuple[Field, ...]
    answers: Mapping[str, str]
    secrets: tuple[Field, ...] = ()
    """What its card takes that is secret; nothing of it is ever shown."""
    signs_in: bool = False
    """Its member can sign in at the service, or has."""
    has_secret: bool = True
    """There is one that a new one would replace."""


class Finds(Protocol):
    async def __call__(self, member: Member, connection_id: str) -> Connection: ...


class Editing:
    """``own`` finds a member's connection."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        pool: Pool,
        tickets: Tickets,
        saving: Saving,
        keeping: Keeping,
        offering: Offering,
        cards: Mapping[str, RunCard],
        own: Finds,
    ) -> None:
        self._db = db
        self._bus = bus
        self._pool = pool
        self._tickets = tickets
        self._saving = saving
        self._keeping = keeping
        self._offering = offering
        self._cards = cards
        self._own = own

    async def form(self, member: Member, connection_id: str) -> Form:
        connection = await self._own(member, connection_id)
        card = self._cards.get(connection.card)
        if card is None:
            return Form(connection, (), {})
        async with self._db.read() as tables:
            known = await self._saving.secrets.of(tables, member, connection.id)
        signs_in = GRANT in known or self._offering.possible(card)
        return Form(connection, fields_of(card), answers_of(connection, card), card.secrets, signs_in, bool(known))

    async def begin(
        self,
        member: Member,
        connection_id: str,
        typed: Values,
        entry: Entry,
        *,
        view: dict[str, Any] | None = None,
        secrets: Secrets | None = None,
    ) -> Connected | Draft | TicketNeeded:
        """`Connected` where nothing has to be tried, or ``secrets`` came with it; raises `FormError`."""
        connection = await self._own(member, connection_id)
        title = typed.get(ANOTHER.name, "").strip() or connection.title
        if title != connection.title and (complaint := own_name(title)):
            raise FormError({ANOTHER.name: complaint})
        await self._free(member, connection, title)
        card = self._cards.get(connection.card)
        if card is None:
            return await self._named(member, connection, title)
        wanted = filled_in(card, connection, title, typed)
        given = {name: value for name, value in (secrets or {}).items() if value.strip()}
        if wanted.spec == from_json(connection.spec) and not given:
            return await self._named(member, connection, title, wanted.answers)
        if given:
            return await self._with_secrets(wanted, given)
        try:
            offer = await self._offer(wanted)
        except ABOUT_THE_SECRET as error:
            return await self._sign_in(wanted, entry, view, error)
        except ServerError as error:
            raise form_error(card, error) from error
        return await self._draft(wanted, offer)

    async def save(self, member: Member, token: str) -> Connected | Draft:
        """A draft as it was shown; another one to be shown when its server offers something else by now."""
        ticket = await self._tickets.look(token, PURPOSE)
        if ticket is None or (ticket.workspace_id, ticket.member_id) != (member.workspace, member.id):
            raise UserError(TOO_LATE)
        payload = ticket.payload
        connection = await self._own(member, payload["connection"])
        card = self._cards.get(connection.card)
        if card is None:
            raise UserError(CARD_GONE)
        if connection.version != payload["version"]:
            raise UserError(MEANWHILE)
        answers = payload["answers"]
        wanted = Wanted(card, connection, payload["title"], answers, card.server(card.filled(answers)))
        try:
            offer = await self._offer(wanted)
        except ServerError as error:
            raise form_error(card, error) from error
        if fingerprint(offer) != payload["shown"]:
            return await self._draft(wanted, offer, shown_before=True)
        return await self._kept(wanted, offer, None, ticket)

    async def _offer(self, wanted: Wanted) -> Offer:
        """With the secrets that it has, unless it leads elsewhere by now: there it is tried without any."""
        if same_place(from_json(wanted.connection.spec), wanted.spec):
            return await self._pool.try_changed(wanted.connection, wanted.spec)
        if wanted.card.needs_secrets:
            raise AuthorizationNeeded(wanted.title)
        return await self._pool.try_out(wanted.spec, {}, title=wanted.title, by=wanted.member)

    async def _draft(self, wanted: Wanted, offer: Offer, *, shown_before: bool = False) -> Draft:
        connection = wanted.connection
        async with self._db.read() as tables:
            known = await tables.tools.of(connection.workspace_id, connection.id)
        told = {"connection": connection.id, "version": connection.version, "title": wanted.title}
        payload = {**told, "answers": wanted.answers, "shown": fingerprint(offer)}
        token, _ = await self._tickets.kept(Member(connection.workspace_id, connection.member_id), payload, PURPOSE)
        host = wanted.spec.url.split("/")[2] if isinstance(wanted.spec, HttpSpec) else ""
        return Draft(token, wanted.title, changes_between(known, offer), host, shown_before)

    async def _sign_in(
        self, wanted: Wanted, entry: Entry, view: dict[str, Any] | None, refused: ServerError
    ) -> TicketNeeded:
        """The page where its secret is entered anew, or that leads to the service; it saves the edit as well."""
        card, connection = wanted.card, wanted.connection
        member = Member(connection.workspace_id, connection.member_id)
        answers = kept_answers(card, wanted.answers)
        payload = {"values": answers, "title": wanted.title, "view": view, RENEWS: connection.id, EDITS: True}
        challenge = refused.challenge if isinstance(refused, AuthorizationNeeded) else None
        try:
            offered = await self._offering.offer(member, card, wanted.spec, challenge, entry, payload)
        except ServerError as error:
            raise form_error(card, error) from error
        if offered is not None:
            return offered
        if card.secret is None:
            raise form_error(card, refused)
        if entry is Entry.SLACK:
            raise FormError({card.secret.name: ELSEWHERE})
        if entry not in PAGES:
            raise NoSecretsHere(wanted.title)
        issued = await self._tickets.issue(member, {"card": card.name, "unfolded": challenge is None, **payload}, entry)
        return TicketNeeded(issued.url, issued.expires_at, wanted.title, entry is Entry.OWN_MACHINE, code=issued.code)

    async def _with_secrets(self, wanted: Wanted, given: Secrets) -> Connected:
        entered = checked_entries(wanted.card, {**apart(wanted), **given})
        try:
            offer = await self._pool.try_out(wanted.spec, entered.secrets, title=wanted.title, by=wanted.member)
        except ServerError as error:
            raise form_error(wanted.card, error) from error
        return await self._kept(wanted, offer, entered.secrets)

    async def _kept(
        self, wanted: Wanted, offer: Offer, secrets: Secrets | None, ticket: Ticket | None = None
    ) -> Connected:
        edit = Edit(wanted.connection, wanted.title, wanted.spec, wanted.answers, offer, secrets)
        ends = await self._keeping.old_grant(edit)
        async with self._db.begin() as tables:
            if ticket:
                await use(tables, ticket)
            made = await self._keeping.keep(tables, edit, ends)
        await self._pool.forget(wanted.connection.id)
        await self._bus.tell("jobs")
        return made

    async def _named(
        self, member: Member, connection: Connection, title: str, answers: Mapping[str, Any] | None = None
    ) -> Connected:
        """Nothing but its name: its server is not asked, and its session stays."""
        async with self._db.begin() as tables:
            if title != connection.title:
                await self._saving.rename(tables, member, connection, title)
            if answers is not None and answers != connection.answers:
                await tables.connections.update(member.workspace, connection.id, answers=dict(answers))
                await tables.audit.add(member.workspace, member.id, "connection.edited", connection.id)
            connection.title = title
        await self._bus.tell("jobs")
        return Connected(connection, 0, 0, edited="")

    async def _free(self, member: Member, connection: Connection, title: str) -> None:
        """Before its server is asked, which takes time."""
        async with self._db.read() as tables:
            await self._saving.unnamed(tables, member, connection, title)
