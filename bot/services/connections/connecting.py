"""A member connects a tool: by the form alone, or with a secret entered on a ticket's page."""

import logging
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

from bot.errors import FormError, UserError
from bot.services.admin_notes import tell_admins
from bot.services.connections.failures import for_admins, form_error
from bot.services.connections.saving import Saving
from bot.services.connections.values import Connected, NoSecretsHere, TicketNeeded, TicketView, needs_secret
from bot.services.tickets import TRIES, Entry, TicketGone, Tickets
from mcp_runtime.errors import AuthorizationNeeded, ServerError
from mcp_runtime.sessions.pool import Offer, Pool
from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import ANOTHER, Field, RunCard, Values
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Ticket

PAGES = (Entry.PAGE, Entry.OWN_MACHINE)
NO_PAGE_CODE = "no_page_for_secrets"
NO_PAGE = (
    "A member could not connect a tool that needs a secret, because there is no page here to enter one on. Set "
    "PUBLIC_BASE_URL to the https address of this server; until then admins can enter theirs on the machine that Usher "
    "runs on. ALLOW_SECRETS_IN_SLACK=true would let members type secrets into a form of Slack's, which Slack may keep."
)
log = logging.getLogger(__name__)


class Connecting:
    def __init__(
        self, db: Database, bus: Bus, pool: Pool, tickets: Tickets, saving: Saving, cards: Mapping[str, RunCard]
    ) -> None:
        self._cards = cards
        self._db = db
        self._bus = bus
        self._pool = pool
        self._tickets = tickets
        self._saving = saving

    async def begin(
        self, member: Member, card: RunCard, values: Values, view: dict[str, Any] | None, entry: Entry | None
    ) -> Connected | TicketNeeded:
        entry = entry or self._tickets.for_members
        if needs_secret(card) and entry is Entry.NOWHERE:
            await self._no_way(member, card)  # before anything is asked that would lead nowhere
        title = await self._checked(member, card, values)
        if needs_secret(card) and entry in PAGES:
            return await self._ticket(member, card, values, title, view, entry)
        try:
            offer = await self._pool.try_out(card.server(values), card.shared, title=title)
        except AuthorizationNeeded as error:
            if card.secret and entry in PAGES:
                return await self._ticket(member, card, values, title, view, entry)
            if card.secret and entry is Entry.NOWHERE:
                await self._no_way(member, card)
            raise await self._told(member, card, error) from error
        except ServerError as error:
            raise await self._told(member, card, error) from error
        return await self._saving.save(member, card, title, card.server(values), offer, card.shared)

    async def _no_way(self, member: Member, card: RunCard) -> NoReturn:
        await self._tell_admins(member, NO_PAGE_CODE, NO_PAGE)
        raise NoSecretsHere(card.title)

    async def _told(self, member: Member, card: RunCard, error: ServerError) -> FormError:
        if told := for_admins(card, error):
            log.warning("the card %s cannot be connected: %s", card.name, error.reason)
            await self._tell_admins(member, f"{type(error).__name__}:{card.name}", told)
        return form_error(card, error)

    async def _tell_admins(self, member: Member, code: str, text: str) -> None:
        """The cure that is in their hands alone; the member hears in plain words that it is."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            await tell_admins(tables, member.workspace, code, text)
        await self._bus.tell("jobs")

    async def begin_with_secret(self, member: Member, card: RunCard, values: Values, secret: str) -> Connected:
        title = await self._checked(member, card, values)
        _check_secret(card, secret)
        used = card.shared or secret.strip() or None
        offer = await self._try(member, card, card.server(values), used, title)
        return await self._saving.save(member, card, title, card.server(values), offer, used)

    async def ticket(self, token: str) -> TicketView | None:
        ticket = await self._tickets.look(token)
        card = self._cards.get(ticket.payload["card"]) if ticket else None
        return _view(ticket, card, card.secret) if ticket and card and card.secret else None

    async def finished(self, token: str) -> str:
        ticket = await self._tickets.used(token)
        return str(ticket.payload.get("sentence", "")) if ticket else ""

    async def finish(self, ticket_token: str, secret: str) -> Connected:
        ticket = await self._tickets.tried(ticket_token)
        try:
            connected = await self._finished(ticket, secret.strip())
        except TicketGone:
            raise
        except UserError as error:
            async with self._db.begin() as tables:
                await _outcome(tables, ticket, ok=False, sentence=str(error), left=max(TRIES - ticket.tries, 0))
            await self._bus.tell("jobs")
            raise
        await self._bus.tell("jobs")
        return connected

    async def _finished(self, ticket: Ticket, secret: str) -> Connected:
        member, payload = Member(ticket.workspace_id, ticket.member_id), ticket.payload
        card = self._cards.get(payload["card"])
        if card is None or card.secret is None:
            raise TicketGone

        async def tell(tables: Tables, connected: Connected) -> None:
            counts = {"tools": connected.tools, "reading": connected.reading, "free": connected.free}
            more = {"connection": connected.connection.id, "example": card.example, "left_out": connected.left_out}
            await tables.tickets.note(ticket.id, {**payload, "sentence": connected.sentence})
            await _outcome(tables, ticket, ok=True, sentence=connected.sentence, **counts, **more)

        try:
            _check_secret(card, secret)
            spec = card.server(payload["values"])
            offer = await self._try(member, card, spec, secret, payload["title"])
            return await self._saving.save(member, card, payload["title"], spec, offer, secret, ticket, tell)
        except FormError as error:
            # The page has this one field: whatever went wrong is told under it.
            raise FormError({card.secret.name: str(error)}) from error

    async def _checked(self, member: Member, card: RunCard, values: Values) -> str:
        """The connection's title, once the form is well filled in."""
        if complaints := card.complaints(values):
            raise FormError(complaints)
        title = card.title_for(values).strip()
        try:
            await self._saving.check(member, card, title)
        except FormError as error:
            if ANOTHER.name in values:  # the name that was asked for is the one to change
                raise FormError({ANOTHER.name: str(error)}) from error
            raise
        return title

    async def _try(self, member: Member, card: RunCard, spec: ServerSpec, secret: str | None, title: str) -> Offer:
        try:
            return await self._pool.try_out(spec, secret, title=title)
        except ServerError as error:
            raise await self._told(member, card, error) from error

    async def _ticket(
        self, member: Member, card: RunCard, values: Values, title: str, view: dict[str, Any] | None, entry: Entry
    ) -> TicketNeeded:
        kept = {field.name: values.get(field.name, "") for field in card.fields if not field.secret}
        payload = {"card": card.name, "values": kept, "title": title, "view": view}
        issued = await self._tickets.issue(member, payload, entry)
        return TicketNeeded(issued.url, issued.expires_at, own_machine=entry is Entry.OWN_MACHINE)


async def _outcome(tables: Tables, ticket: Ticket, **outcome: Any) -> None:
    """Slack tells how it went; afterwards, ring the jobs."""
    workspace, once = ticket.workspace_id, f"connect_outcome:{ticket.id}:{ticket.tries}"
    payload = {"workspace": workspace, "member": ticket.member_id, "view": ticket.payload["view"], **outcome}
    await tables.jobs.add("connect_outcome", once, payload, now(), workspace=workspace)


def _check_secret(card: RunCard, secret: str) -> None:
    complaint = card.secret.check(secret) if card.secret else None
    if card.secret and complaint:
        raise FormError({card.secret.name: complaint})


def _view(ticket: Ticket, card: RunCard, secret: Field) -> TicketView:
    spec = card.server(ticket.payload["values"])
    return TicketView(
        title=ticket.payload["title"],
        card=card.title,
        host=urlsplit(spec.url).netloc if isinstance(spec, HttpSpec) else "",
        label=secret.label,
        # An optional field's hint speaks of leaving it empty; who is here was asked for it.
        hint=secret.hint if secret.check("") else "",
        workspace=ticket.workspace_id,
        member=ticket.member_id,
        expires_at=ticket.expires_at,
    )
