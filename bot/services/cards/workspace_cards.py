"""What administrators do with their workspace's cards: tried before they are saved, changed, taken back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot.errors import FormError, UserError
from bot.services.cards.added_card import run_card
from bot.services.cards.drafts import Draft, draft_from
from bot.services.cards.looking import Looked, Looking, not_reached
from bot.services.cards.programs import Programs
from bot.services.cards.shelf import SHARED, TOPIC, Shelf, holder_of
from bot.services.tickets import Entry, Issued, Tickets, use
from mcp_runtime.errors import AuthorizationNeeded, ServerError
from mcp_runtime.secrets import SecretStore
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import Secrets, as_json
from run_cards.card import RunCard
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.mcp.added_cards import Leaning
from storage.tables import AddedCard, Ticket

MOST = 50
DRAFT = "workspace_card"
"""In a ticket: the card whose token is entered."""
NO_PAGE = "There is no page here to enter a token on: set PUBLIC_BASE_URL, or do this on the machine that I run on."
Also = Callable[[Tables, str], Awaitable[None]]
FULL = f"A workspace has at most {MOST} cards of its own. Take one back first."
NOT_THERE = "That card is not there any more. Open the list of cards again."
CHANGED = "Somebody else has changed that card meanwhile. Look at it again."
ONLY_ADMINS = (
    "Only admins of this workspace add, change and take back its cards, so nothing was saved. Ask one of them."
)
IsAdmin = Callable[[Member], Awaitable[bool]]
WANTS_ONE = "It asks whoever comes to sign in. Choose how members do that."


@dataclass(frozen=True)
class CardView:
    card: AddedCard
    leaning: Leaning
    barred: str = ""
    """Why nobody can use it here now, as a clause; empty: they can."""


class WorkspaceCards:
    """Whoever calls has seen to it that ``admin`` is one, but for `may_still`."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        pool: Pool,
        shelf: Shelf,
        secrets: SecretStore,
        tickets: Tickets,
        is_admin: IsAdmin,
    ) -> None:
        self._is_admin = is_admin
        self._looking = Looking(pool, tickets)
        self._db = db
        self._secrets = secrets
        self._tickets = tickets
        self._bus = bus
        self._pool = pool
        self._shelf = shelf
        self.programs = Programs(pool, tickets)

    async def of(self, workspace: str) -> list[CardView]:
        """By title, with how many lean on each."""
        async with self._db.read() as tables:
            cards, leaning = await tables.added_cards.of(workspace), await tables.added_cards.leaning(workspace)
        hindered = self._shelf.hindrance
        return [CardView(card, leaning.get(card.id, Leaning()), await hindered(card)) for card in cards]

    async def get(self, workspace: str, card_id: str) -> CardView:
        """Raises `UserError`."""
        if found := next((view for view in await self.of(workspace) if view.card.id == card_id), None):
            return found
        raise UserError(NOT_THERE)

    async def look(self, admin: Member, url: str, entry: Entry) -> Looked:
        """What the server there needs and offers; raises `FormError`."""
        return await self._looking.at(admin, url, entry)

    async def may_still(self, ticket: Ticket) -> None:
        """Minutes pass before a page is sent off, and who was an admin may be none by then. Raises `UserError`."""
        if not await self._is_admin(Member(ticket.workspace_id, ticket.member_id)):
            raise UserError(ONLY_ADMINS)

    async def ask_token(
        self, admin: Member, draft: Draft, changed: tuple[str, int], entry: Entry, view_id: str
    ) -> Issued:
        """A page for the token that all will use; what is entered there saves the card. Raises `FormError`."""
        await self._checked(admin, draft, changed[0])
        if entry not in (Entry.PAGE, Entry.OWN_MACHINE):
            raise FormError({"signs_in": NO_PAGE})
        card = {DRAFT: {"draft": draft.payload, "changed": list(changed)}}
        payload = {"card": "", "values": {}, "title": draft.title, "view": {"id": view_id}, **card}
        return await self._tickets.issue(admin, payload, entry)

    async def keep(self, ticket: Ticket, secrets: Secrets, tools: int, also: Also) -> RunCard:
        """The card of a page on which its secrets were entered and tried; ``also`` is told the sentence for people."""
        admin, draft, (card_id, version) = Member(ticket.workspace_id, ticket.member_id), *_of(ticket)
        async with self._db.begin() as tables:
            await use(tables, ticket)
            row = await self._row(tables, admin, draft, card_id, version)
            for field, secret in secrets.items():
                await self._secrets.put(tables, holder_of(admin.workspace), row.id, secret, field)
            counted = "1 tool" if tools == 1 else f"{tools} tools"
            await also(tables, f"{draft.title} is {'saved' if card_id else 'added'} for your workspace: {counted}")
        await self._shown_anew(admin.workspace, card_id)
        return run_card(row, secrets)

    async def add(self, admin: Member, draft: Draft) -> AddedCard:
        """Raises `FormError`: nothing is saved then."""
        await self._checked(admin, draft, "")
        await self._tried(admin, draft)
        async with self._db.begin() as tables:
            card = await self._row(tables, admin, draft, "", 0)
        await self._shown_anew()
        return card

    async def _row(self, tables: Tables, admin: Member, draft: Draft, card_id: str, version: int) -> AddedCard:
        """New, or changed since this version; raises `FormError`, `UserError`."""
        await tables.workspaces.ensure(admin.workspace)
        await self._fits(tables, admin, draft, card_id)
        if not card_id:
            row = AddedCard(workspace_id=admin.workspace, created_by=admin.id, **draft.columns)
            card = await tables.added_cards.add(row)
            await tables.audit.add(admin.workspace, admin.id, "card.added", card.id, draft.told)
            return card
        changed = await tables.added_cards.change(admin.workspace, card_id, version, **draft.columns)
        there = await tables.added_cards.get(admin.workspace, card_id)
        if not changed or there is None:
            raise UserError(CHANGED if there else NOT_THERE)
        await self._secrets.delete(tables, holder_of(admin.workspace), card_id)  # it was for what the card was before
        await self._follow(tables, admin, card_id, draft)
        await tables.added_cards.tell_members(admin.workspace, card_id)
        await tables.audit.add(admin.workspace, admin.id, "card.changed", card_id, draft.told)
        return there

    async def _follow(self, tables: Tables, admin: Member, card_id: str, draft: Draft) -> None:
        """No member chose what a program is: all who use it have the one that was confirmed last."""
        if draft.program is None:
            return
        spec = as_json(draft.program) | ({SHARED: True} if draft.signs_in == "shared" else {})
        for each in await tables.connections.of_card(admin.workspace, card_id):
            await tables.connections.update(admin.workspace, each.id, spec=spec, version=each.version + 1)
            if draft.signs_in != "shared":
                await self._secrets.delete(tables, Member(admin.workspace, each.member_id), each.id)

    async def change(self, admin: Member, card_id: str, version: int, draft: Draft) -> None:
        """Connections keep the address and the token that they were made with; a program's follow what was confirmed.

        Raises `FormError`, `UserError`.
        """
        await self._checked(admin, draft, card_id)
        if not _leads_as_before((await self.get(admin.workspace, card_id)).card, draft):
            await self._tried(admin, draft)
        async with self._db.begin() as tables:
            await self._row(tables, admin, draft, card_id, version)
        await self._shown_anew(admin.workspace, card_id)

    async def take_back(self, admin: Member, card_id: str) -> AddedCard:
        """Its connections stay, and are not permitted from the next call on. Raises `UserError`."""
        async with self._db.begin() as tables:
            if (gone := await tables.added_cards.remove(admin.workspace, card_id)) is None:
                raise UserError(NOT_THERE)
            await self._secrets.delete(tables, holder_of(admin.workspace), card_id)
            await tables.added_cards.tell_members(admin.workspace, card_id)
            await tables.audit.add(admin.workspace, admin.id, "card.taken_back", card_id, {"title": gone.title})
        await self._shown_anew(admin.workspace, card_id)
        return gone

    async def _shown_anew(self, workspace: str = "", card_id: str = "") -> None:
        """And what runs of it ends, since it may be another by now, or none."""
        async with self._db.read() as tables:
            leaning = await tables.connections.of_card(workspace, card_id) if card_id else []
        for each in leaning:
            await self._pool.forget(each.id)
        await self._bus.tell("jobs")
        await self._bus.tell(TOPIC)

    async def _checked(self, admin: Member, draft: Draft, card_id: str) -> None:
        async with self._db.read() as tables:
            await self._fits(tables, admin, draft, card_id)

    async def _fits(self, tables: Tables, admin: Member, draft: Draft, card_id: str) -> None:
        others = [each for each in await tables.added_cards.of(admin.workspace) if each.id != card_id]
        if not card_id and len(others) >= MOST:
            raise FormError({"": FULL})
        ours = (word for card in self._shelf.fixed for word in (card.name, card.title))
        if complaints := draft.complaints([*ours, *(each.title for each in others)]):
            raise FormError(complaints)

    async def _tried(self, admin: Member, draft: Draft) -> None:
        """It has to answer as MCP, with its tools or with a wish to be signed in, as the card says."""
        card = run_card(AddedCard(id="", workspace_id="", created_by="", **draft.columns))
        try:
            await self._pool.try_out(card.server({}), {}, title=draft.title, by=admin)
        except AuthorizationNeeded as error:
            if draft.signs_in == "none":
                raise FormError({"signs_in": WANTS_ONE}) from error
        except ServerError as error:
            raise not_reached(error) from error


def _leads_as_before(card: AddedCard, draft: Draft) -> bool:
    """Whom it is for and what it says can be changed while its server is away."""
    return (card.url, card.signs_in, card.header, card.pin) == draft.leads_to


def to_be(ticket: Ticket) -> RunCard | None:
    """The card whose token a ticket's page asks for; None when the page is for something else."""
    if DRAFT not in ticket.payload:
        return None
    draft = replace(_of(ticket)[0], signs_in="token")
    return run_card(AddedCard(id="", workspace_id="", created_by="", **draft.columns))


def _of(ticket: Ticket) -> tuple[Draft, tuple[str, int]]:
    kept = ticket.payload[DRAFT]
    return draft_from(kept["draft"]), (str(kept["changed"][0]), int(kept["changed"][1]))
