"""From the page that asks «is this you?» to a connection: out to the service, and back in any process."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from bot.errors import UserError
from bot.services.connections.failures import sentence
from bot.services.connections.oauth.ending import Revoking
from bot.services.connections.oauth.flows import Flows
from bot.services.connections.oauth.offering import Offering, challenge_in, found_in
from bot.services.connections.oauth.values import Outcome, People, SignInView, Started
from bot.services.connections.saving import SHARED, Saving
from bot.services.connections.signing_in import NOT_THERE, RENEWS, SigningIn
from bot.services.connections.values import Connected, TicketNeeded
from bot.services.tickets import SIGN_IN, Entry, TicketGone, Tickets, use
from mcp_runtime.errors import ServerError
from mcp_runtime.oauth.errors import SignInRefused
from mcp_runtime.oauth.grants import FIELD, Grant, Pending, as_json, pending_from
from mcp_runtime.oauth.registration import Site
from mcp_runtime.oauth.token_endpoint import check_issuer
from mcp_runtime.oauth.web_addresses import origin
from mcp_runtime.secrets import CannotOpen, SecretStore, StoreAway
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec, ServerSpec, from_json
from run_cards.card import RunCard
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Connection, OAuthFlow, Ticket

DENIED = "access_denied"
NOT_ALLOWED = "{title} is not connected: you did not allow it at {host}. Nothing was changed."
FAILED = "{title} is not connected. {why} Nothing was changed."


class OAuthSignIn:
    def __init__(
        self,
        db: Database,
        bus: Bus,
        pool: Pool,
        store: SecretStore,
        tickets: Tickets,
        saving: Saving,
        signing_in: SigningIn,
        cards: Mapping[str, RunCard],
        people: People | None = None,
    ) -> None:
        self._db = db
        self._bus = bus
        self._pool = pool
        self._store = store
        self._tickets = tickets
        self._saving = saving
        self._signing_in = signing_in
        self._cards = cards
        self._people = people
        self._flows = Flows(db, store.vault)
        self.offering = Offering(pool.sign_ins, tickets)
        self.revoking = Revoking(db, store, pool.sign_ins)

    async def again(self, connection: Connection, entry: Entry, view: dict[str, Any] | None) -> TicketNeeded | None:
        """A page for a new grant; None for a connection that is signed in to by a token.

        Raises `UserError`, and `NoSecretsHere` where there is no page.
        """
        card, spec = self._cards.get(connection.card), from_json(connection.spec)
        if card is None or connection.spec.get(SHARED) or await self._by_token(connection):
            return None
        try:
            return await self.offering.again(connection, card, spec, entry, view)
        except ServerError as error:
            raise UserError(FAILED.format(title=connection.title, why=sentence(error))) from error

    async def _by_token(self, connection: Connection) -> bool:
        member = Member(connection.workspace_id, connection.member_id)
        async with self._db.read() as tables:
            known = await self._store.of(tables, member, connection.id)
        return bool(known) and FIELD not in known

    async def view(self, token: str) -> SignInView | None:
        """What the page shows; looking changes nothing. None when the ticket cannot be used any more."""
        ticket = await self._tickets.look(token, SIGN_IN)
        card = self._cards.get(ticket.payload["card"]) if ticket else None
        if ticket is None or card is None or (spec := await self._spec(ticket.payload, ticket.workspace_id)) is None:
            return None
        found, member = found_in(ticket.payload), Member(ticket.workspace_id, ticket.member_id)
        return SignInView(
            title=ticket.payload["title"],
            card=card.title,
            server=urlsplit(spec.url).netloc,
            host=found.host,
            leads_to=origin(found.server.authorization_endpoint),
            member=await self._name(member),
            workspace=await self._workspace(member),
            expires_at=ticket.expires_at,
        )

    async def start(self, token: str) -> Started:
        """Uses the ticket up; raises `TicketGone`, or `UserError` when the service cannot be asked now."""
        ticket = await self._tickets.tried(token, SIGN_IN)
        card, payload = self._cards.get(ticket.payload["card"]), ticket.payload
        if card is None:
            raise TicketGone
        granted = await self._granted(ticket)
        try:
            begun = await self._pool.sign_ins.begin(
                payload["title"],
                found_in(payload),
                Site(payload["site"]),
                needed=card.oauth.scopes if card.oauth else (),
                challenge=challenge_in(payload),
                granted=granted,
            )
        except ServerError as error:
            raise UserError(sentence(error)) from error
        async with self._db.begin() as tables:
            await use(tables, ticket)
            return await self._flows.add(tables, ticket, begun)

    async def finish(self, state: str, browser: str, answer: Mapping[str, str]) -> Outcome:
        """With the service's answer; raises `FlowGone`. Whatever else goes wrong is told as an outcome."""
        flow, kept = await self._flows.take(state, browser)
        payload, pending = kept["asked"], pending_from(kept["pending"])
        try:
            connected = await self._finished(flow, payload, pending, answer)
            outcome = Outcome(True, connected.sentence)
        except (UserError, ServerError) as error:
            outcome = Outcome(False, _told(error, payload))
            async with self._db.begin() as tables:
                await _tell(tables, flow, payload, ok=False, sentence=outcome.sentence, left=0)
        await self._bus.tell("jobs")
        return outcome

    async def _finished(
        self, flow: OAuthFlow, payload: Mapping[str, Any], pending: Pending, answer: Mapping[str, str]
    ) -> Connected:
        title = payload["title"]
        check_issuer(title, pending, answer.get("iss"))
        if "error" in answer or not answer.get("code"):
            refused = SignInRefused(title)
            refused.code = answer.get("error", "")
            raise refused
        grant = await self._pool.sign_ins.finish(title, pending, answer["code"])
        try:
            return await self._kept(flow, payload, grant)
        except (UserError, ServerError):
            with suppress(ServerError):  # what leads to nothing here is ended there
                await self._pool.sign_ins.revoke(title, grant)
            raise

    async def _kept(self, flow: OAuthFlow, payload: Mapping[str, Any], grant: Grant) -> Connected:
        """Tried out first: what is saved works."""
        card, member = self._cards.get(payload["card"]), Member(flow.workspace_id, flow.member_id)
        spec = await self._spec(payload, flow.workspace_id)
        if card is None or spec is None:
            raise UserError(NOT_THERE)
        offer = await self._pool.try_out(spec, {}, title=payload["title"], grant=grant)
        secrets = {FIELD: as_json(grant)}

        async def tell(tables: Tables, connected: Connected) -> None:
            counts = {"tools": connected.tools, "reading": connected.reading, "free": connected.free}
            more = {"connection": connected.connection.id, "example": card.example, "left_out": connected.left_out}
            await _tell(tables, flow, payload, ok=True, sentence=connected.sentence, **counts, **more)

        if (connection := await self._connection(payload, flow.workspace_id)) is None:
            return await self._saving.save(member, card, payload["title"], spec, offer, secrets, also=tell)
        async with self._db.begin() as tables:
            made = await self._signing_in.renew(tables, connection, offer, secrets, None)
            await tell(tables, made)
        return made

    async def _granted(self, ticket: Ticket) -> Grant | None:
        """What the member allowed before, where they sign in again."""
        connection = await self._connection(ticket.payload, ticket.workspace_id)
        return await self._grant(connection) if connection else None

    async def _grant(self, connection: Connection) -> Grant | None:
        try:
            return await self._pool.grants.of(connection)
        except (CannotOpen, StoreAway):
            return None  # its key has changed: who we were there is forgotten with it

    async def _spec(self, payload: Mapping[str, Any], workspace: str) -> HttpSpec | None:
        spec: ServerSpec | None = None
        if not payload.get(RENEWS):
            card = self._cards.get(payload["card"])
            spec = card.server(payload["values"]) if card else None
        elif connection := await self._connection(payload, workspace):
            spec = from_json(connection.spec)
        return spec if isinstance(spec, HttpSpec) else None

    async def _connection(self, payload: Mapping[str, Any], workspace: str) -> Connection | None:
        if not (connection_id := payload.get(RENEWS)):
            return None
        async with self._db.read() as tables:
            return await tables.connections.get(workspace, connection_id)

    async def _name(self, member: Member) -> str:
        name = (await self._people.about(member)).name if self._people else ""
        return f"{name} ({member.id})" if name else member.id

    async def _workspace(self, member: Member) -> str:
        async with self._db.read() as tables:
            known = await tables.workspaces.get(member.workspace)
        return f"{known.name} ({member.workspace})" if known and known.name else member.workspace


def _told(error: UserError | ServerError, payload: Mapping[str, Any]) -> str:
    title = payload["title"]
    if isinstance(error, SignInRefused) and error.code == DENIED:
        return NOT_ALLOWED.format(title=title, host=found_in(payload).host)
    return FAILED.format(title=title, why=str(error) if isinstance(error, UserError) else sentence(error))


async def _tell(tables: Tables, flow: OAuthFlow, payload: Mapping[str, Any], **outcome: Any) -> None:
    """Slack tells how it went; afterwards, ring the jobs."""
    workspace = flow.workspace_id
    told = {"workspace": workspace, "member": flow.member_id, "view": payload["view"], "signed_in": True, **outcome}
    await tables.jobs.add("connect_outcome", f"connect_outcome:{flow.id}", told, now(), workspace=workspace)
