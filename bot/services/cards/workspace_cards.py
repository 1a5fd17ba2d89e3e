"""What administrators do with their workspace's cards: tried before they are saved, changed, taken back."""

from collections.abc import Collection
from dataclasses import asdict, dataclass

from bot.errors import FormError, UserError
from bot.services.cards.drafts import Draft
from bot.services.cards.shelf import TOPIC, Shelf, run_card
from mcp_runtime.errors import AuthorizationNeeded, ServerError
from mcp_runtime.sessions.pool import Pool
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.mcp.added_cards import Leaning
from storage.tables import AddedCard

MOST = 50
FULL = f"A workspace has at most {MOST} cards of its own. Take one back first."
NOT_THERE = "That card is not there any more."
CHANGED = "Somebody else has changed that card meanwhile. Look at it again."
WANTS_ONE = "It asks whoever comes to sign in. Choose how members do that."


@dataclass(frozen=True)
class CardView:
    card: AddedCard
    leaning: Leaning


class WorkspaceCards:
    """Whoever calls has seen to it that ``admin`` is one."""

    def __init__(self, db: Database, bus: Bus, pool: Pool, shelf: Shelf) -> None:
        self._db = db
        self._bus = bus
        self._pool = pool
        self._shelf = shelf

    async def of(self, workspace: str) -> list[CardView]:
        """By title, with how many lean on each."""
        async with self._db.read() as tables:
            cards, leaning = await tables.added_cards.of(workspace), await tables.added_cards.leaning(workspace)
        return [CardView(card, leaning.get(card.id, Leaning())) for card in cards]

    async def get(self, workspace: str, card_id: str) -> CardView:
        """Raises `UserError`."""
        if found := next((view for view in await self.of(workspace) if view.card.id == card_id), None):
            return found
        raise UserError(NOT_THERE)

    async def add(self, admin: Member, draft: Draft) -> AddedCard:
        """Raises `FormError`: nothing is saved then."""
        await self._checked(admin, draft, "")
        await self._tried(draft)
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(admin.workspace)
            await self._fits(tables, admin, draft, "")
            row = AddedCard(workspace_id=admin.workspace, created_by=admin.id, **_values(draft))
            card = await tables.added_cards.add(row)
            await tables.audit.add(admin.workspace, admin.id, "card.added", card.id, _told(draft))
        await self._shown_anew()
        return card

    async def change(self, admin: Member, card_id: str, version: int, draft: Draft) -> None:
        """Connections keep the address and the token that they were made with. Raises `FormError`, `UserError`."""
        await self._checked(admin, draft, card_id)
        await self._tried(draft)
        async with self._db.begin() as tables:
            await self._fits(tables, admin, draft, card_id)
            if not await tables.added_cards.change(admin.workspace, card_id, version, **_values(draft)):
                raise UserError(CHANGED if await tables.added_cards.get(admin.workspace, card_id) else NOT_THERE)
            await tables.added_cards.tell_members(admin.workspace, card_id)
            await tables.audit.add(admin.workspace, admin.id, "card.changed", card_id, _told(draft))
        await self._shown_anew()

    async def take_back(self, admin: Member, card_id: str) -> AddedCard:
        """Its connections stay, and are not permitted from the next call on. Raises `UserError`."""
        async with self._db.begin() as tables:
            if (gone := await tables.added_cards.remove(admin.workspace, card_id)) is None:
                raise UserError(NOT_THERE)
            await tables.added_cards.tell_members(admin.workspace, card_id)
            await tables.audit.add(admin.workspace, admin.id, "card.taken_back", card_id, {"title": gone.title})
        await self._shown_anew()
        return gone

    async def _shown_anew(self) -> None:
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

    async def _tried(self, draft: Draft) -> None:
        """It has to answer as MCP, with its tools or with a wish to be signed in, as the card says."""
        card = run_card(AddedCard(id="", workspace_id="", created_by="", **_values(draft)))
        try:
            await self._pool.try_out(card.server({}), {}, title=draft.title)
        except AuthorizationNeeded as error:
            if draft.signs_in == "none":
                raise FormError({"signs_in": WANTS_ONE}) from error
        except ServerError as error:
            raise FormError({"url": f"{error.reason[:1].upper()}{error.reason[1:]}. {error.cure}"}) from error


def _values(draft: Draft) -> dict[str, object]:
    listed: Collection[str] = ("reads", "questions", "audience")
    return {name: list(value) if name in listed else value.strip() for name, value in asdict(draft).items()}


def _told(draft: Draft) -> dict[str, object]:
    return {"title": draft.title, "url": draft.url, "for": len(draft.audience) or "everybody"}
