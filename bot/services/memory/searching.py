"""A member finds again what was said and what their tools gave: by words always, by meaning where that is to be had."""

import logging

from bot.agent.embeddings.embedder import Embedder, Later, NoEmbeddings
from bot.errors import Refused
from bot.services.limits.budgets.embedding import paid
from bot.services.limits.budgets.ledger import Ledger
from bot.services.memory.values import Found, Hit
from storage.database import Database
from storage.members import Member
from storage.repositories.memories.memories import Within
from storage.search.rankings import fused

LOOKED_AT = 50
"""Of each ranking."""
WEIGHTS = (1.0, 0.7)
"""Words and meaning: with these more is found than by either."""
LONGEST_QUERY = 1_000
ANYWHERE = Within()

log = logging.getLogger(__name__)


class Searching:
    def __init__(self, db: Database, embedder: Embedder | None, ledger: Ledger) -> None:
        self._db = db
        self._embedder = embedder
        self._ledger = ledger

    async def search(self, member: Member, query: str, within: Within = ANYWHERE, most: int = 8) -> Found:
        """Only what is the member's own, whoever else was there when it was said."""
        query = query[:LONGEST_QUERY]
        vector = await self._vector(member, query) if query.strip() else None
        async with self._db.read() as tables:
            ranked = await tables.memories.by_words(member, query, within, LOOKED_AT)
            if vector is not None and self._embedder:
                # What the limits leave out goes only after that, so more are looked at where there are limits.
                near = await tables.vectors.nearest(member, vector, self._embedder.tag, LOOKED_AT)
                ranked = fused(ranked, near, weights=WEIGHTS, most=2 * LOOKED_AT)
            shown = await tables.memories.shown(member, ranked, within)
        hits = [Hit(m.kind, m.source, m.about, m.at, m.text, place) for m, place in shown]
        return Found(hits[:most], words_only=vector is None)

    async def _vector(self, member: Member, query: str) -> list[float] | None:
        """None also where the member's budget is used up: words cost nothing."""
        if self._embedder is None:
            return None
        try:
            async with paid(self._ledger, member, self._embedder.model, [query], patient=False):
                return await self._embedder.query(query)
        except (Later, NoEmbeddings, Refused) as away:
            log.info("a search goes by words alone: %s", type(away).__name__)
            return None
