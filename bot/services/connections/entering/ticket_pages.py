"""The page where a member enters secrets: what it shows, and what comes of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bot.errors import FormError, UserError
from bot.services.cards.workspace_cards import WorkspaceCards, to_be
from bot.services.connections.connecting import Connecting
from bot.services.connections.editing.values import EDITS
from bot.services.connections.entering.entries import answers_of, checked_entries
from bot.services.connections.entering.renewing import renew
from bot.services.connections.entering.signing_in import NOT_THERE, renewed
from bot.services.connections.saving import Saving
from bot.services.connections.telling.called import Called
from bot.services.connections.values import Connected, TicketView, Whose
from bot.services.links.hosting.values import Picture
from bot.services.tickets import PATHS, TRIES, TicketGone, Tickets, usable
from mcp_runtime.specs import HttpSpec, Secrets, ServerSpec, from_json
from run_cards.card import Field, RunCard
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Connection, Ticket


class TicketPages:
    def __init__(
        self,
        db: Database,
        bus: Bus,
        tickets: Tickets,
        connecting: Connecting,
        saving: Saving,
        cards: Mapping[str, RunCard],
        called: Called,
        workspace_cards: WorkspaceCards | None = None,
    ) -> None:
        self._db = db
        self._bus = bus
        self._tickets = tickets
        self._connecting = connecting
        self._saving = saving
        self._cards = cards
        self._called = called
        self._workspace_cards = workspace_cards

    def _card_of(self, ticket: Ticket) -> RunCard | None:
        return to_be(ticket) or self._cards.get(ticket.payload["card"])

    async def ticket(self, token: str) -> TicketView | None:
        ticket = await self._tickets.look(token)
        card = self._card_of(ticket) if ticket else None
        if ticket is None or card is None or not card.secrets:
            return None
        if not renewed(ticket):
            return await self._view(ticket, card, card.server(ticket.payload["values"]), ticket.payload["values"])
        connection = await self._renewed(ticket)
        if connection is None:
            return None
        if ticket.payload.get(EDITS):
            return await self._view(ticket, card, card.server(ticket.payload["values"]), ticket.payload["values"])
        return await self._view(ticket, card, from_json(connection.spec), answers_of(connection, card))

    async def _view(self, ticket: Ticket, card: RunCard, spec: ServerSpec, answers: Mapping[str, str]) -> TicketView:
        member = Member(ticket.workspace_id, ticket.member_id)
        return TicketView(
            title=ticket.payload["title"],
            card=card.title,
            host=urlsplit(spec.url).netloc if isinstance(spec, HttpSpec) else "",
            fields=tuple(_asked(each, answers) for each in card.entered),
            unfolded=bool(ticket.payload.get("unfolded")),
            workspace=await self._called.workspace(member),
            member=await self._called.member(member),
            expires_at=ticket.expires_at,
            own_server=urlsplit(spec.url).netloc if card.titled and isinstance(spec, HttpSpec) else "",
            pictured=await self._called.pictured(member),
        )

    async def _renewed(self, ticket: Ticket) -> Connection | None:
        async with self._db.read() as tables:
            return await tables.connections.get(ticket.workspace_id, renewed(ticket))

    async def whose(self, token: str) -> Whose | None:
        """Whom it is for, while it can be used, whatever its page does."""
        if (ticket := await self._usable(token)) is None:
            return None
        member = Member(ticket.workspace_id, ticket.member_id)
        workspace, name = await self._called.workspace(member), await self._called.member(member)
        return Whose(workspace, name, await self._called.pictured(member), ticket.purpose)

    async def picture(self, token: str) -> Picture | None:
        """Of whom it is for, while it can be used."""
        ticket = await self._usable(token)
        return await self._called.picture(Member(ticket.workspace_id, ticket.member_id)) if ticket else None

    async def _usable(self, token: str) -> Ticket | None:
        ticket = await self._tickets.known(token)
        return ticket if ticket and ticket.purpose in PATHS and usable(ticket) else None

    async def finished(self, token: str) -> str:
        ticket = await self._tickets.used(token)
        return str(ticket.payload.get("sentence", "")) if ticket else ""

    async def finish(self, ticket_token: str, secrets: Secrets) -> Connected | None:
        ticket = await self._tickets.tried(ticket_token)
        try:
            connected = await self._finished(ticket, secrets)
        except TicketGone:
            raise
        except UserError as error:
            async with self._db.begin() as tables:
                await _outcome(tables, ticket, ok=False, sentence=str(error), left=max(TRIES - ticket.tries, 0))
            await self._bus.tell("jobs")
            raise
        await self._bus.tell("jobs")
        return connected

    async def _workspace_card(self, ticket: Ticket, card: RunCard, cards: WorkspaceCards, secrets: Secrets) -> None:
        """A token for all who will connect this card; those that have it already use it from now on."""
        await cards.may_still(ticket)
        admin = Member(ticket.workspace_id, ticket.member_id)
        secrets = checked_entries(card, secrets).secrets
        offer = await self._connecting.tried(admin, card, card.server({}), secrets, card.title)

        async def also(tables: Tables, sentence: str) -> None:
            reading = sum(each.hinted_reading for each in offer.tools)
            counts = {"tools": len(offer.tools), "reading": reading, "free": None, "connection": ""}
            await tables.tickets.note(ticket.id, {**ticket.payload, "sentence": sentence})
            await _outcome(tables, ticket, ok=True, sentence=sentence, **counts, left_out="")

        kept = await cards.keep(ticket, secrets, len(offer.tools), also)
        await renew(self._db, self._saving.secrets, [kept])

    async def _finished(self, ticket: Ticket, secrets: Secrets) -> Connected | None:
        member, payload = Member(ticket.workspace_id, ticket.member_id), ticket.payload
        card = self._card_of(ticket)
        if card is None or not card.secrets:
            raise TicketGone

        async def tell(tables: Tables, connected: Connected) -> None:
            await tables.tickets.note(ticket.id, {**payload, "sentence": connected.sentence})
            await _outcome(tables, ticket, ok=True, sentence=connected.sentence, **connected.shown)

        try:
            if self._workspace_cards and to_be(ticket):
                await self._workspace_card(ticket, card, self._workspace_cards, secrets)
                return None
            if renewed(ticket):
                return await self._connecting.renew(await self._still_there(ticket), card, secrets, ticket, tell)
            await self._saving.permit(member, card.name, card.title)
            entered = checked_entries(card, secrets)
            answers = payload["values"] | entered.answers
            spec, title = card.server(answers), payload["title"]
            offer = await self._connecting.tried(member, card, spec, entered.secrets, title)
            return await self._saving.save(member, card, title, spec, offer, entered.secrets, ticket, tell, answers)
        except FormError as error:
            raise _on_the_page(card, error) from error

    async def _still_there(self, ticket: Ticket) -> Connection:
        if connection := await self._renewed(ticket):
            return connection
        raise UserError(NOT_THERE)


async def _outcome(tables: Tables, ticket: Ticket, **outcome: Any) -> None:
    """Slack tells how it went; afterwards, ring the jobs."""
    workspace, once = ticket.workspace_id, f"connect_outcome:{ticket.id}:{ticket.tries}"
    payload = {"workspace": workspace, "member": ticket.member_id, "view": ticket.payload["view"], **outcome}
    await tables.jobs.add("connect_outcome", once, payload, now(), workspace=workspace)


def _on_the_page(card: RunCard, error: FormError) -> FormError:
    """The page has no other fields than the secrets: what concerns another is told under the first."""
    first, asked = card.secrets[0].name, {each.name for each in card.entered}
    if error.errors.keys() <= asked:
        return error
    return FormError({first: str(error)})


def _asked(field: Field, answers: Mapping[str, str]) -> Field:
    """An optional secret's hint speaks of leaving it empty; who is here was asked for it."""
    if field.secret:
        return replace(field, hint="") if field.optional else field
    return replace(field, default=answers.get(field.name) or field.default)
