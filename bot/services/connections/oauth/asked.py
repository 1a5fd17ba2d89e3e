"""What a ticket or a flow is about: the server that is signed in to, and the connection when there is one already."""

from collections.abc import Mapping
from typing import Any

from bot.services.connections.editing.values import EDITS
from bot.services.connections.entering.signing_in import RENEWS
from mcp_runtime.specs import HttpSpec, ServerSpec, from_json
from run_cards.card import RunCard
from storage.database import Database
from storage.tables import Connection


class Asked:
    def __init__(self, db: Database, cards: Mapping[str, RunCard]) -> None:
        self._db = db
        self._cards = cards

    def card(self, payload: Mapping[str, Any]) -> RunCard | None:
        return self._cards.get(payload["card"])

    async def spec(self, payload: Mapping[str, Any], workspace: str) -> HttpSpec | None:
        spec: ServerSpec | None = None
        if not payload.get(RENEWS) or payload.get(EDITS):
            card = self.card(payload)
            spec = card.server(payload["values"]) if card else None
        elif connection := await self.connection(payload, workspace):
            spec = from_json(connection.spec)
        return spec if isinstance(spec, HttpSpec) else None

    async def connection(self, payload: Mapping[str, Any], workspace: str) -> Connection | None:
        if not (connection_id := payload.get(RENEWS)):
            return None
        async with self._db.read() as tables:
            return await tables.connections.get(workspace, connection_id)
