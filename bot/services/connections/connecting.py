"""A member connects a tool: by the form alone, or with a secret entered on a ticket's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import FormError
from bot.services.connections.editing.keeping import Edit, Keeping
from bot.services.connections.editing.values import EDITS
from bot.services.connections.entering.entries import answers_of, checked_entries, kept_answers
from bot.services.connections.entering.signing_in import PAGES, SigningIn
from bot.services.connections.oauth.offering import Offering
from bot.services.connections.saving import Also, Saving
from bot.services.connections.telling.cures import Cures
from bot.services.connections.values import Connected, NoSecretsHere, TicketNeeded
from bot.services.tickets import Entry, Tickets, use
from mcp_runtime.errors import AuthorizationNeeded, ServerError
from mcp_runtime.sessions.pool import Offer, Pool
from mcp_runtime.specs import Secrets, ServerSpec, as_json, from_json
from run_cards.card import ANOTHER, RunCard, Values
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.tables import Connection, Ticket


@dataclass(frozen=True)
class _NewConnection:
    """As the member has filled it in, and well."""

    member: Member
    card: RunCard
    values: Values
    title: str
    view: dict[str, Any] | None
    entry: Entry

    @property
    def spec(self) -> ServerSpec:
        return self.card.server(self.values)

    @property
    def payload(self) -> dict[str, Any]:
        """What a page keeps of it: no secret."""
        return {"values": kept_answers(self.card, self.values), "title": self.title, "view": self.view}


class Connecting:
    def __init__(
        self,
        db: Database,
        bus: Bus,
        pool: Pool,
        tickets: Tickets,
        saving: Saving,
        signing_in: SigningIn,
        oauth: Offering,
        keeping: Keeping,
        cards: Mapping[str, RunCard],
    ) -> None:
        self._cards = cards
        self._db = db
        self._cures = Cures(db, bus)
        self._pool = pool
        self._tickets = tickets
        self._saving = saving
        self._signing_in = signing_in
        self._oauth = oauth
        self._keeping = keeping

    async def begin(
        self, member: Member, card: RunCard, values: Values, view: dict[str, Any] | None, entry: Entry | None
    ) -> Connected | TicketNeeded:
        entry = entry or self._tickets.for_members
        await self._saving.permit(member, card.name, card.title)
        if card.needs_secrets and entry is Entry.NOWHERE:
            await self._cures.no_page(member, card)  # before anything is asked that would lead nowhere
        values = card.filled(values)
        wanted = _NewConnection(member, card, values, await self._checked(member, card, values), view, entry)
        if card.needs_secrets and entry in PAGES and not self._oauth.possible(card):
            return await self._ticket(wanted)
        try:
            offer = await self._pool.try_out(wanted.spec, card.shared_secrets, title=wanted.title, by=member)
        except AuthorizationNeeded as error:
            return await self._asked_in(wanted, error)
        except ServerError as error:
            raise await self._cures.told(member, card, error) from error
        if card.needs_secrets and not card.is_shared:  # it tells its tools to everybody, and calls none for nobody
            return await self._asked_in(wanted, AuthorizationNeeded(wanted.title))
        used = card.shared_secrets
        return await self._saving.save(member, card, wanted.title, wanted.spec, offer, used, answers=values)

    async def _asked_in(self, wanted: _NewConnection, refused: AuthorizationNeeded) -> TicketNeeded:
        """To the service's own sign-in, where it has one that can be used; else for a token, where that would do."""
        member, card, entry = wanted.member, wanted.card, wanted.entry
        try:
            needed = await self._oauth.offer(member, card, wanted.spec, refused.challenge, entry, wanted.payload)
        except NoSecretsHere:
            await self._cures.no_page(member, card)
        except ServerError as error:
            raise await self._cures.told(member, card, error) from error
        if needed is not None:
            return needed
        if card.secret and entry in PAGES:
            return await self._ticket(wanted, unfolded=refused.challenge is None)
        if card.secret and entry is Entry.NOWHERE:
            await self._cures.no_page(member, card)
        raise await self._cures.told(member, card, refused) from refused

    async def begin_with_secrets(self, member: Member, card: RunCard, values: Values, secrets: Secrets) -> Connected:
        await self._saving.permit(member, card.name, card.title)
        values = card.filled(values)
        title = await self._checked(member, card, values)
        entered = checked_entries(card, secrets)
        used, values = card.shared_secrets or entered.secrets, values | entered.answers
        offer = await self.tried(member, card, card.server(values), used, title)
        return await self._saving.save(member, card, title, card.server(values), offer, used, answers=values)

    async def sign_in(self, connection: Connection, secrets: Secrets) -> Connected:
        """With new ones that are at hand."""
        return await self.renew(connection, self._signing_in.card_of(connection), secrets)

    async def renew(
        self,
        connection: Connection,
        card: RunCard,
        secrets: Secrets,
        ticket: Ticket | None = None,
        tell: Also | None = None,
    ) -> Connected:
        await self._saving.permit(_member(connection), connection.card, connection.title)
        if ticket and ticket.payload.get(EDITS):
            return await self._edited(connection, card, secrets, ticket, tell)
        entered = checked_entries(card, secrets)
        member = Member(connection.workspace_id, connection.member_id)
        answers = answers_of(connection, card) | entered.answers
        spec = card.server(answers) if entered.answers else from_json(connection.spec)
        offer = await self.tried(member, card, spec, entered.secrets, connection.title)
        ends = await self._keeping.replaced(connection)
        async with self._db.begin() as tables:
            if ends:
                await self._keeping.end(tables, connection, ends)
            made = await self._signing_in.renew(
                tables, connection, offer, entered.secrets, ticket, from_json(connection.spec)
            )
            if entered.answers:
                newer = {"spec": as_json(spec), "answers": kept_answers(card, answers)}
                await tables.connections.update(member.workspace, connection.id, **newer)
            if tell:
                await tell(tables, made)
        return made

    async def _edited(
        self, connection: Connection, card: RunCard, secrets: Secrets, ticket: Ticket, tell: Also | None
    ) -> Connected:
        """What was changed about it leads to another server, or needs another secret: both are saved together."""
        entered = checked_entries(card, secrets)
        answers = ticket.payload["values"] | entered.answers
        spec, title = card.server(answers), ticket.payload["title"]
        offer = await self.tried(_member(connection), card, spec, entered.secrets, title)
        edit = Edit(connection, title, spec, answers, offer, entered.secrets)
        ends = await self._keeping.old_grant(edit)
        async with self._db.begin() as tables:
            await use(tables, ticket)
            made = await self._keeping.keep(tables, edit, ends)
            if tell:
                await tell(tables, made)
        await self._pool.forget(connection.id)
        return made

    async def _checked(self, member: Member, card: RunCard, values: Values) -> str:
        """The connection's title, once the form is well filled in."""
        if complaints := card.complaints(values):
            raise FormError(complaints)
        title = card.title_for(values).strip()
        if card.unnamed(values):
            title = await self._saving.free_title(member, title)
        try:
            await self._saving.check(member, card, title)
        except FormError as error:
            if ANOTHER.name in values:  # the name that was asked for is the one to change
                raise FormError({ANOTHER.name: str(error)}) from error
            raise
        return title

    async def tried(self, member: Member, card: RunCard, spec: ServerSpec, secrets: Secrets, title: str) -> Offer:
        try:
            return await self._pool.try_out(spec, secrets, title=title, by=member)
        except ServerError as error:
            raise await self._cures.told(member, card, error) from error

    async def _ticket(self, wanted: _NewConnection, *, unfolded: bool = False) -> TicketNeeded:
        """``unfolded``: it may want something else than a bearer token, so the page shows all that it can take."""
        payload = {"card": wanted.card.name, **wanted.payload, "unfolded": unfolded}
        issued = await self._tickets.issue(wanted.member, payload, wanted.entry)
        here = wanted.entry is Entry.OWN_MACHINE
        return TicketNeeded(issued.url, issued.expires_at, wanted.title, here, code=issued.code)


def _member(connection: Connection) -> Member:
    return Member(connection.workspace_id, connection.member_id)
