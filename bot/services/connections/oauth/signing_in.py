"""From the page that asks «is this you?» to a connection: out to the service, and back in any process."""

from collections.abc import Mapping
from typing import Any

from bot.errors import UserError
from bot.services.cards.shelf import SHARED
from bot.services.connections.editing.keeping import Keeping
from bot.services.connections.entering.signing_in import SigningIn
from bot.services.connections.oauth.asked import Asked
from bot.services.connections.oauth.ending import Revoking
from bot.services.connections.oauth.finishing import FAILED, Finishing
from bot.services.connections.oauth.flows import Flows
from bot.services.connections.oauth.offering import Offering
from bot.services.connections.oauth.starting import Starting
from bot.services.connections.saving import Saving
from bot.services.connections.telling.called import Called
from bot.services.connections.telling.failures import sentence
from bot.services.connections.values import TicketNeeded
from bot.services.tickets import Entry, Tickets
from mcp_runtime.errors import ServerError
from mcp_runtime.oauth.grants import FIELD
from mcp_runtime.secrets import SecretStore
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import from_json
from run_cards.card import RunCard
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.tables import Connection


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
        called: Called,
    ) -> None:
        self._db = db
        self._store = store
        self._cards = cards
        flows, asked = Flows(db, store.vault), Asked(db, cards)
        starting = Starting(db, pool, tickets, flows, asked, called)
        self.view, self.start = starting.view, starting.start
        self.offering = Offering(pool.sign_ins, tickets)
        self.revoking = Revoking(db, store, pool.sign_ins)
        self.keeping = Keeping(saving, self.revoking)
        self.finish = Finishing(db, bus, pool, flows, saving, signing_in, asked, self.keeping).finish

    async def again(self, connection: Connection, entry: Entry, view: dict[str, Any] | None) -> TicketNeeded | None:
        """A page for a new grant; None where a token is all that it takes, or all that its member chose for it.

        Raises `UserError`, and `NoSecretsHere` where there is no page.
        """
        card, spec = self._cards.get(connection.card), from_json(connection.spec)
        if card is None or connection.spec.get(SHARED) or not await self._may_sign_in(connection, card):
            return None
        try:
            return await self.offering.again(connection, card, spec, entry, view)
        except ServerError as error:
            raise UserError(FAILED.format(title=connection.title, why=sentence(error))) from error

    async def _may_sign_in(self, connection: Connection, card: RunCard) -> bool:
        if card.oauth is not None:
            return self.offering.possible(card) or not card.needs_secrets
        return not await self._by_token(connection)

    async def _by_token(self, connection: Connection) -> bool:
        member = Member(connection.workspace_id, connection.member_id)
        async with self._db.read() as tables:
            known = await self._store.of(tables, member, connection.id)
        return bool(known) and FIELD not in known
