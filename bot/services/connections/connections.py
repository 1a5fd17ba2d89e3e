"""A member's connections: made, looked at, tested, ended."""

from collections.abc import Awaitable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from bot.agent.model import Model
from bot.errors import UserError
from bot.services.approvals import lapsing
from bot.services.cards import Shelf, WorkspaceCards
from bot.services.connections.checking import Checking
from bot.services.connections.connecting import Connecting
from bot.services.connections.editing.editing import Editing
from bot.services.connections.entering.renewing import follow, followed_from_now_on, renew
from bot.services.connections.entering.sign_in_notes import follow_note
from bot.services.connections.entering.signing_in import NOT_THERE, SigningIn
from bot.services.connections.entering.ticket_pages import TicketPages
from bot.services.connections.leaving import Leaving
from bot.services.connections.looking_up import LookingUp
from bot.services.connections.oauth import OAuthSignIn
from bot.services.connections.pausing import Pausing
from bot.services.connections.saving import Saving
from bot.services.connections.telling.called import Called, People
from bot.services.connections.tool_choices import ToolChoices
from bot.services.connections.using.offerings import Offered
from bot.services.connections.using.trying import Trying
from bot.services.connections.values import Connected, Tested, TicketNeeded, TicketView, Whose
from bot.services.links.ending import leaning
from bot.services.links.hosting.values import Picture, Pictures
from bot.services.tickets import Entry, Tickets
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import Secrets
from run_cards.card import RunCard, Values
from run_cards.seeds import Seeds
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.tables import Connection

Made = TypeVar("Made")


class Connections(LookingUp):
    """``tickets`` knows where secrets may be entered; in ``model``'s words the history of a lapsed question ends."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        pool: Pool,
        secrets: SecretStore,
        tickets: Tickets,
        cards: Mapping[str, RunCard] | Iterable[RunCard],
        model: Model,
        *,
        max_per_member: int = 10,
        people: People | None = None,
        pictures: Pictures | None = None,
        workspace_cards: WorkspaceCards | None = None,
    ) -> None:
        super().__init__(db, pool, cards if isinstance(cards, Mapping) else {card.name: card for card in cards})
        self.tickets = tickets
        self._bus = bus
        self._model = model
        self.offered = Offered(db, pool, self._cards)
        self._secrets = secrets
        self._signing_in = SigningIn(db, secrets, tickets, self._cards)
        self._saving = Saving(db, secrets, max_per_member)
        called = Called(db, people, pictures)
        self.oauth = OAuthSignIn(db, bus, pool, secrets, tickets, self._saving, self._signing_in, self._cards, called)
        offering = self.oauth.offering
        keeping = self.oauth.keeping
        self._connecting = Connecting(
            db, bus, pool, tickets, self._saving, self._signing_in, offering, keeping, self._cards
        )
        self.editing = Editing(db, bus, pool, tickets, self._saving, keeping, offering, self._cards, self.own)
        self._pages = TicketPages(
            db, bus, tickets, self._connecting, self._saving, self._cards, called, workspace_cards
        )
        self._checking = Checking(db, pool, self._cards)
        self.trying = Trying(db, pool)
        self._leaving = Leaving(db, bus, pool, max_per_member)
        self._pausing = Pausing(db, bus, pool, model)
        self.choices = ToolChoices(db, bus, model, self.own)

    async def begin(
        self,
        member: Member,
        card: RunCard,
        values: Values,
        *,
        view: dict[str, Any] | None = None,
        entry: Entry | None = None,
    ) -> Connected | TicketNeeded:
        """Connect without a secret, or make a ticket when the server wants one.

        ``entry`` is where this member may enter it: what holds for everybody, when it is not said. Raises
        `FormError`; `NoSecretsHere` where there is no way, of which the admins hear.
        """
        return await self._told(self._connecting.begin(member, card, values, view, entry))

    async def room(self, member: Member) -> None:
        """Raises `TooMany`, which names the one that was used least lately, where there is none for one more."""
        await self._saving.room(member)

    async def begin_with_secrets(self, member: Member, card: RunCard, values: Values, secrets: Secrets) -> Connected:
        """With secrets that are at hand, as from Slack's form where that is allowed; raises `FormError`."""
        return await self._told(self._connecting.begin_with_secrets(member, card, values, secrets))

    async def begin_with_installations(self, member: Member, card: RunCard, values: Values, seeds: Seeds) -> Connected:
        """With the token that the installation has for this card, which it follows; for admins. Raises `FormError`."""
        made = await self.begin_with_secrets(member, card, values, seeds.of(card).secrets)
        async with self._db.begin() as tables:
            await followed_from_now_on(tables, member, made.connection)
        return made

    def _fixed(self) -> Iterable[RunCard]:
        """Those of workspaces follow their tokens when these are entered."""
        return self._cards.fixed if isinstance(self._cards, Shelf) else self._cards.values()

    async def follow_installation(self, seeds: Seeds) -> int:
        """How many connections use a newer token of the installation's now."""
        renewed = await renew(self._db, self._secrets, self._fixed())
        return renewed + await follow(self._db, self._secrets, self._cards, seeds)

    def may_sign_in(self, card: RunCard) -> bool:
        """At the service itself, as far as can be known without asking it."""
        return self.oauth.offering.possible(card)

    async def sign_in(self, member: Member, connection_id: str, entry: Entry, *, view: dict[str, Any]) -> TicketNeeded:
        """A page for a new token of a connection that there is; raises `UserError` where that is not for its member."""
        connection = await self.own(member, connection_id)
        await self._saving.permit(member, connection.card, connection.title)
        if (needed := await self.oauth.again(connection, entry, view)) is not None:
            return needed
        return await self._signing_in.ticket(connection, entry, view)

    async def sign_in_with_secrets(self, member: Member, connection_id: str, secrets: Secrets) -> Connected:
        """With the new ones at hand; raises `FormError`."""
        return await self._told(self._connecting.sign_in(await self.own(member, connection_id), secrets))

    async def ticket(self, token: str) -> TicketView | None:
        """What the ticket's page shows; None when it cannot be used any more."""
        return await self._pages.ticket(token)

    async def finish(self, ticket_token: str, secrets: Secrets) -> Connected | None:
        """Connect with the secrets of a ticket's page; None when it was a workspace's card that it was for.

        `FormError` leaves the ticket, `TicketGone` says that it is used.
        """
        return await self._pages.finish(ticket_token, secrets)

    async def whose(self, ticket_token: str) -> Whose | None:
        """The member that a ticket is for, as their page names them, while it can be used."""
        return await self._pages.whose(ticket_token)

    async def picture(self, ticket_token: str) -> Picture | None:
        """Of the member that a ticket is for, while it can be used."""
        return await self._pages.picture(ticket_token)

    async def finished(self, ticket_token: str) -> str:
        """What a ticket has led to, as a sentence; empty when it was not used, or is forgotten."""
        return await self._pages.finished(ticket_token)

    async def test(self, member: Member, connection_id: str) -> Tested:
        """Ask the server for its tools now; how that went is kept, and shown from then on."""
        return await self._checking.test(await self.own(member, connection_id))

    async def look_again(self, member: Member) -> list[Connection]:
        """Those that failed and work by now: whoever looks at them need not press anything to learn it."""
        async with self._db.read() as tables:
            mine = await tables.connections.of(member.workspace, member.id)
        return await self._checking.look_again(mine)

    async def look_at_unseen(self) -> int:
        """In the background, those in use that nobody has looked at for hours; how many."""
        return await self._checking.look_at_unseen()

    async def leave(self, member: Member, connection_id: str) -> Connection:
        """Its tools stop at once; for `leaving.UNDO_FOR` it can be kept, and then it is disconnected."""
        return await self._leaving.leave(member, connection_id)

    async def keep(self, member: Member, connection_id: str) -> Connection:
        """Take a `leave` back: its secret, tools and policies are as they were. Raises `UserError` when it is gone."""
        return await self._leaving.keep(member, connection_id)

    async def leans_on(self, member: Member, connection_id: str) -> list[str]:
        """Titles of what stops working without it: links of the member's that have tools of it."""
        return await self._leaving.leans_on(member, connection_id)

    async def left(self, job: Mapping[str, Any]) -> None:
        """What the job `leaving.JOB` is for: nothing where the connection was kept."""
        member, since = Member(job["workspace"], job["member"]), datetime.fromisoformat(job["since"])
        with suppress(UserError):
            await self.disconnect(member, job["connection"], left_by=since)

    async def disconnect(
        self, member: Member, connection_id: str, *, left_by: datetime | None = None, by: str = ""
    ) -> Connection:
        """Gone with its tools, its secret and the questions that were open about it; cannot be taken back.

        ``by`` is the administrator who did it, where it was not its member.
        """
        grant = await self.oauth.revoking.of(member, connection_id)
        async with self._db.begin() as tables:
            removed = await tables.connections.remove(member.workspace, member.id, connection_id, left_by=left_by)
            if removed is None:
                raise UserError(NOT_THERE)
            if grant is not None:
                await self.oauth.revoking.later(tables, member, removed.title, grant)
            await self._secrets.delete(tables, member, connection_id)
            await follow_note(tables, removed)
            closed = await lapsing.gone(tables, self._model, member, connection_id, removed.title)
            await leaning.lost(tables, member, connection_id)
            detail = {"title": removed.title}
            await tables.audit.add(member.workspace, by or member.id, "connection.ended", connection_id, detail)
        await lapsing.ring(self._bus, closed)
        await self._bus.tell("jobs")
        await self._pool.forget(connection_id)
        return removed

    async def pause(self, member: Member, connection_id: str) -> None:
        """None of its tools is offered or called until it is resumed."""
        await self._pausing.pause(member, await self.own(member, connection_id))

    async def resume(self, member: Member, connection_id: str) -> None:
        await self._pausing.resume(member, await self.own(member, connection_id))

    async def _told(self, change: Awaitable[Made]) -> Made:
        """With the Home tab at once, where a job says that it has changed."""
        made = await change
        await self._bus.tell("jobs")
        return made
