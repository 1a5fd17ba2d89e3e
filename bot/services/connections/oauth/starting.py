"""The page before a sign-in, which asks «is this you?», and the way out to the service."""

from urllib.parse import urlsplit

from bot.errors import UserError
from bot.services.connections.editing.values import EDITS
from bot.services.connections.oauth.asked import Asked
from bot.services.connections.oauth.flows import Flows
from bot.services.connections.oauth.offering import challenge_in, found_in
from bot.services.connections.oauth.values import SignInView, Started
from bot.services.connections.telling.called import Called
from bot.services.connections.telling.failures import sentence
from bot.services.limits.policies import permit
from bot.services.tickets import SIGN_IN, TicketGone, Tickets, use
from mcp_runtime.errors import ServerError
from mcp_runtime.oauth.grants import Grant
from mcp_runtime.oauth.registration import Site
from mcp_runtime.oauth.web_addresses import origin
from mcp_runtime.secrets import CannotOpen, StoreAway
from mcp_runtime.sessions.pool import Pool
from storage.database import Database
from storage.members import Member
from storage.tables import Ticket


class Starting:
    def __init__(self, db: Database, pool: Pool, tickets: Tickets, flows: Flows, asked: Asked, called: Called) -> None:
        self._db = db
        self._pool = pool
        self._tickets = tickets
        self._flows = flows
        self._asked = asked
        self._called = called

    async def view(self, token: str) -> SignInView | None:
        """What the page shows; looking changes nothing. None when the ticket cannot be used any more."""
        ticket = await self._tickets.look(token, SIGN_IN)
        if ticket is None:
            return None
        card, spec = self._asked.card(ticket.payload), await self._asked.spec(ticket.payload, ticket.workspace_id)
        if card is None or spec is None:
            return None
        found, member = found_in(ticket.payload), Member(ticket.workspace_id, ticket.member_id)
        return SignInView(
            title=ticket.payload["title"],
            card="" if card.titled else card.title,
            server=urlsplit(spec.url).netloc,
            host=found.host,
            leads_to=origin(found.server.authorization_endpoint),
            member=await self._called.member(member),
            workspace=await self._called.workspace(member),
            expires_at=ticket.expires_at,
            pictured=await self._called.pictured(member),
        )

    async def start(self, token: str) -> Started:
        """Uses the ticket up; raises `TicketGone`, or `UserError` when the service cannot be asked now."""
        ticket = await self._tickets.tried(token, SIGN_IN)
        card, payload = self._asked.card(ticket.payload), ticket.payload
        if card is None:
            raise TicketGone
        async with self._db.read() as tables:
            await permit(tables, ticket.workspace_id, card.name, payload["title"])
        granted = await self._granted(ticket)
        try:
            begun = await self._pool.sign_ins.begin(
                payload["title"],
                found_in(payload),
                Site(payload["site"]),
                needed=card.oauth.scopes if card.oauth else (),
                challenge=challenge_in(payload),
                granted=granted,
                workspace=ticket.workspace_id,
            )
        except ServerError as error:
            raise UserError(sentence(error)) from error
        async with self._db.begin() as tables:
            await use(tables, ticket)
            return await self._flows.add(tables, ticket, begun)

    async def _granted(self, ticket: Ticket) -> Grant | None:
        """What the member allowed before, where they sign in again; at another server that says nothing."""
        if ticket.payload.get(EDITS):
            return None
        connection = await self._asked.connection(ticket.payload, ticket.workspace_id)
        try:
            return await self._pool.grants.of(connection) if connection else None
        except (CannotOpen, StoreAway):
            return None  # its key has changed: who we were there is forgotten with it
