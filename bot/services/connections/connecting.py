"""A member connects a tool: by the form alone, or with a secret entered on a ticket's page."""

import logging
from collections.abc import Mapping
from typing import Any, NoReturn

from bot.errors import FormError
from bot.services.admin_notes import tell_admins
from bot.services.connections.editing.keeping import Edit, Keeping
from bot.services.connections.editing.values import EDITS
from bot.services.connections.entering.entries import answers_of, checked_entries, kept_answers
from bot.services.connections.entering.signing_in import PAGES, SigningIn
from bot.services.connections.failures import for_admins, form_error
from bot.services.connections.oauth.offering import Offering
from bot.services.connections.saving import Also, Saving
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

NO_PAGE_CODE = "no_page_for_secrets"
NO_PAGE = (
    "A member could not connect a tool that needs a secret, because there is no page here to enter one on. Set "
    "PUBLIC_BASE_URL to the https address of this server; until then admins can enter theirs on the machine that Usher "
    "runs on. ALLOW_SECRETS_IN_SLACK=true would let members type secrets into a form of Slack's, which Slack may keep."
)
log = logging.getLogger(__name__)


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
        self._bus = bus
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
        if card.needs_secrets and entry is Entry.NOWHERE:
            await self._no_way(member, card)  # before anything is asked that would lead nowhere
        values = card.filled(values)
        title = await self._checked(member, card, values)
        if card.needs_secrets and entry in PAGES:
            return await self._ticket(member, card, values, title, view, entry)
        try:
            offer = await self._pool.try_out(card.server(values), card.shared_secrets, title=title)
        except AuthorizationNeeded as error:
            if (needed := await self._signs_in(member, card, values, title, view, entry, error)) is not None:
                return needed
            if card.secret and entry in PAGES:
                bearer = error.challenge is not None
                return await self._ticket(member, card, values, title, view, entry, unfolded=not bearer)
            if card.secret and entry is Entry.NOWHERE:
                await self._no_way(member, card)
            raise await self._told(member, card, error) from error
        except ServerError as error:
            raise await self._told(member, card, error) from error
        used = card.shared_secrets
        return await self._saving.save(member, card, title, card.server(values), offer, used, answers=values)

    async def _signs_in(
        self,
        member: Member,
        card: RunCard,
        values: Values,
        title: str,
        view: dict[str, Any] | None,
        entry: Entry,
        refused: AuthorizationNeeded,
    ) -> TicketNeeded | None:
        """A page that leads to the service's own sign-in, where it has one."""
        payload = {"values": kept_answers(card, values), "title": title, "view": view}
        try:
            return await self._oauth.offer(member, card, card.server(values), refused.challenge, entry, payload)
        except NoSecretsHere:
            await self._no_way(member, card)
        except ServerError as error:
            raise await self._told(member, card, error) from error

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

    async def begin_with_secrets(self, member: Member, card: RunCard, values: Values, secrets: Secrets) -> Connected:
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
        if ticket and ticket.payload.get(EDITS):
            return await self._edited(connection, card, secrets, ticket, tell)
        entered = checked_entries(card, secrets)
        member = Member(connection.workspace_id, connection.member_id)
        answers = answers_of(connection, card) | entered.answers
        spec = card.server(answers) if entered.answers else from_json(connection.spec)
        offer = await self.tried(member, card, spec, entered.secrets, connection.title)
        async with self._db.begin() as tables:
            made = await self._signing_in.renew(tables, connection, offer, entered.secrets, ticket)
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
            return await self._pool.try_out(spec, secrets, title=title)
        except ServerError as error:
            raise await self._told(member, card, error) from error

    async def _ticket(
        self,
        member: Member,
        card: RunCard,
        values: Values,
        title: str,
        view: dict[str, Any] | None,
        entry: Entry,
        *,
        unfolded: bool = False,
    ) -> TicketNeeded:
        """``unfolded``: it may want something else than a bearer token, so the page shows all that it can take."""
        told = {"title": title, "view": view, "unfolded": unfolded}
        payload = {"card": card.name, "values": kept_answers(card, values), **told}
        issued = await self._tickets.issue(member, payload, entry)
        return TicketNeeded(issued.url, issued.expires_at, title, entry is Entry.OWN_MACHINE)


def _member(connection: Connection) -> Member:
    return Member(connection.workspace_id, connection.member_id)
