"""A connection whose server refuses the token gets a new one, and stays what it is: tools, names and policies."""

from collections.abc import Mapping
from typing import Any

from bot.errors import UserError
from bot.services.connections.entering.sign_in_notes import follow_note
from bot.services.connections.values import Connected, NoSecretsHere, TicketNeeded
from bot.services.limits.policies import permit
from bot.services.tickets import Entry, Tickets, use
from mcp_runtime.left_out import as_rows
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.sessions.pool import Offer
from mcp_runtime.specs import Secrets, ServerSpec, from_json
from run_cards.card import RunCard
from run_cards.seeds import USE
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Connection, Ticket

NOT_THERE = "That connection is not there any more. Type /mcp list to see which are."
ELSEWHERE = "Its address was changed meanwhile. Sign in once more, to where it leads now."
NOT_BY_YOU = "{title} uses access that your admins have set up for everybody. They renew it: please tell one of them."
NO_TOKEN = "{title} takes no token here. Please tell an administrator."  # noqa: S105  a sentence
PAGES = (Entry.PAGE, Entry.OWN_MACHINE)
RENEWS = "renews"
"""In a ticket: the connection that it is for."""


class SigningIn:
    def __init__(self, db: Database, secrets: SecretStore, tickets: Tickets, cards: Mapping[str, RunCard]) -> None:
        self._db = db
        self._secrets = secrets
        self._tickets = tickets
        self._cards = cards

    def card_of(self, connection: Connection) -> RunCard:
        """Raises `UserError` when its member can do nothing about its token."""
        card = self._cards.get(connection.card)
        if card is None or card.secret is None:
            told = NOT_BY_YOU if card and card.is_shared else NO_TOKEN
            raise UserError(told.format(title=connection.title))
        return card

    async def ticket(self, connection: Connection, entry: Entry, view: dict[str, Any] | None) -> TicketNeeded:
        """A page for the new token; raises `NoSecretsHere` where there is none."""
        card = self.card_of(connection)
        if entry not in PAGES:
            raise NoSecretsHere(connection.title)
        payload = {"card": card.name, "values": {}, "title": connection.title, "view": view, RENEWS: connection.id}
        member = Member(connection.workspace_id, connection.member_id)
        issued = await self._tickets.issue(member, payload, entry)
        here = entry is Entry.OWN_MACHINE
        return TicketNeeded(issued.url, issued.expires_at, connection.title, here, code=issued.code)

    async def renew(
        self,
        tables: Tables,
        connection: Connection,
        offer: Offer,
        secrets: Secrets,
        ticket: Ticket | None,
        led_to: ServerSpec,
    ) -> Connected:
        """In the caller's transaction; ``led_to`` is where the secrets were tried.

        Raises `UserError` when the connection has gone meanwhile, or leads to another server by now.
        """
        there = await tables.connections.get(connection.workspace_id, connection.id)
        if there is not None and from_json(there.spec) != led_to:
            raise UserError(ELSEWHERE)
        await permit(tables, connection.workspace_id, connection.card, connection.title)
        if ticket:
            await use(tables, ticket)
        # What was entered for it is its own from here on: it follows the installation's token no more.
        answers = {name: value for name, value in (connection.answers or {}).items() if name != USE}
        newer = {"version": connection.version + 1, "wants_rights": "", "answers": answers}
        if not await tables.connections.update(connection.workspace_id, connection.id, **newer):
            raise UserError(NOT_THERE)
        connection.left_out = as_rows(offer.left_out)
        await tables.connections.works(connection.workspace_id, connection.id, now(), left_out=connection.left_out)
        await follow_note(tables, connection)
        member = Member(connection.workspace_id, connection.member_id)
        await self._secrets.delete(tables, member, connection.id)
        for field, secret in secrets.items():
            await self._secrets.put(tables, member, connection.id, secret, field)
        detail = {"card": connection.card}
        await tables.audit.add(member.workspace, member.id, "connection.renewed", connection.id, detail)
        reading = sum(each.hinted_reading for each in offer.tools)
        return Connected(connection, len(offer.tools), reading, again=True)


def renewed(ticket: Ticket) -> str:
    """The connection that a ticket is for; empty when it makes a new one."""
    return str(ticket.payload.get(RENEWS, ""))
