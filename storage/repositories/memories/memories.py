"""What a member may find again: added once, searched by words, gone with its conversation."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage.members import Member
from storage.repositories.memories.whose import who
from storage.repositories.repository import Insert, Repository, insert_into, table_of
from storage.search.rankings import by_bm25, rarities
from storage.search.words import asked, for_fts5, for_tsquery, indexed
from storage.tables import Conversation, Memory

CANDIDATES = 200
"""Ranked in Python, by the same rule on both databases."""
CLASSES = 4
"""Of words by their rarity, for which PostgreSQL ranks apart: its own ranks know none."""
FTS5 = (
    "SELECT s.rowid, s.words FROM search_memories AS s{join} WHERE search_memories MATCH :query{only}"
    " ORDER BY bm25(search_memories, 0, 1) LIMIT :most"
)
FTS5_JOIN = " JOIN memories AS m ON m.number = s.rowid"
FTS5_HAVING = (
    "SELECT value, (SELECT count(*) FROM search_memories"
    " WHERE search_memories MATCH 'who:' || :who || ' AND words:\"' || value || '\"') FROM json_each(:words)"
)
TSEARCH = (
    "SELECT m.number, m.words FROM memories AS m"
    " WHERE m.who = :who AND m.search_words @@ CAST(:query AS tsquery){only}"
    " ORDER BY {rank} DESC, m.number DESC LIMIT :most"
)
RANK = "CAST(:worth{place} AS float) * ts_rank(m.search_words, CAST(:class{place} AS tsquery), 1)"
HAVING = (
    "SELECT word, (SELECT count(*) FROM memories"
    " WHERE who = :who AND search_words @@ CAST('''' || word || '''' AS tsquery))"
    " FROM unnest(CAST(:words AS text[])) AS word"
)


@cache
def _anew(on_postgres: bool) -> Insert:
    insert = insert_into(table_of(Memory), on_postgres)
    again = {name: insert.excluded[name] for name in ("at", "conversation_id")}
    return insert.on_conflict_do_update(index_elements=["workspace_id", "member_id", "digest"], set_=again)


@dataclass(frozen=True)
class Piece:
    """Of a conversation, to be remembered."""

    text: str
    kind: str = "said"
    source: str = ""
    about: str = ""


@dataclass(frozen=True)
class Within:
    """Where to look; what is not said is no limit."""

    since: datetime | None = None
    until: datetime | None = None
    source: str = ""
    """A part of the tool's title."""

    @property
    def sql(self) -> str:
        """More conditions on the row ``m``; empty without a limit."""
        since, until = self.since and " AND m.at >= :since", self.until and " AND m.at < :until"
        return f"{since or ''}{until or ''}{' AND lower(m.source) LIKE :source' if self._part else ''}"

    @property
    def values(self) -> dict[str, Any]:
        like = f"%{self._part}%" if self._part else None
        named = {"since": self.since, "until": self.until, "source": like}
        return {name: value for name, value in named.items() if value is not None}

    def fits(self, memory: Memory) -> bool:
        early = self.since is not None and memory.at < self.since
        late = self.until is not None and memory.at >= self.until
        return not early and not late and (not self._part or self._part in memory.source.lower())

    @property
    def _part(self) -> str:
        return self.source.strip().lower().replace("%", "").replace("_", "")


class Memories(Repository):
    async def add(self, member: Member, conversation_id: str, pieces: Sequence[Piece], at: datetime) -> None:
        """The same text of the same source is kept once; what comes again is dated anew."""
        rows = {row["digest"]: row for row in (_row(member, conversation_id, piece, at) for piece in pieces)}
        if not rows:
            return
        await self._transaction.add(_anew(self._on_postgres), list(rows.values()))

    async def by_words(self, member: Member, query: str, within: Within, most: int = 50) -> list[int]:
        """Numbers of those that have any of the words, best first."""
        words = asked(query)
        if not words:
            return []
        whose = who(member)
        rarity = rarities(await self._having(whose, words), await self.count(member))
        look = self._on_tsearch if self._on_postgres else self._on_fts5
        return by_bm25(rarity, await look(whose, rarity, within))[:most] if rarity else []

    async def _having(self, whose: str, words: list[str]) -> dict[str, int]:
        """How many of the member's own have each word."""
        query, told = (HAVING, words) if self._on_postgres else (FTS5_HAVING, json.dumps(words))
        return {word: n for word, n in await self._session.execute(sa.text(query), {"who": whose, "words": told})}

    async def _on_fts5(self, whose: str, rarity: Mapping[str, float], within: Within) -> list[tuple[int, str]]:
        text = FTS5.format(join=FTS5_JOIN if within.sql else "", only=within.sql)
        # The member as a word of the index: twice as fast among 100,000 of all members as joined to their rows.
        query = f"who:{whose} AND words:({for_fts5(list(rarity))})"
        return await self._candidates(text, {"query": query, **within.values})

    async def _on_tsearch(self, whose: str, rarity: Mapping[str, float], within: Within) -> list[tuple[int, str]]:
        rarest = sorted(rarity, key=lambda word: -rarity[word])
        size = -(-len(rarest) // CLASSES)
        classes = [rarest[start : start + size] for start in range(0, len(rarest), size)]
        # A rank is divided by the number of its words, and their rarities add up to what it is worth.
        values = {f"class{place}": for_tsquery(each) for place, each in enumerate(classes)}
        worth = {f"worth{place}": sum(rarity[word] for word in each) for place, each in enumerate(classes)}
        rank = " + ".join(RANK.format(place=place) for place in range(len(classes)))
        text = TSEARCH.format(only=within.sql, rank=rank)
        given = {"who": whose, "query": for_tsquery(rarest), **values, **worth, **within.values}
        return await self._candidates(text, given)

    async def _candidates(self, text: str, values: dict[str, Any]) -> list[tuple[int, str]]:
        values["most"] = CANDIDATES
        return [(number, told) for number, told in await self._session.execute(_bound(text, values), values)]

    async def shown(
        self, member: Member, numbers: Sequence[int], within: Within
    ) -> list[tuple[Memory, dict[str, Any]]]:
        """In this order, with the place of each one's conversation; only the member's own, whatever is asked for."""
        mine = (Memory.workspace_id == member.workspace, Memory.member_id == member.id)
        query = (
            sa.select(Memory, Conversation.place)
            .join(Conversation, Conversation.id == Memory.conversation_id)
            .where(Memory.number.in_(numbers), *mine, Conversation.member_id == member.id)
        )
        rows = {memory.number: (memory, place) for memory, place in await self._session.execute(query)}
        there = [rows[number] for number in numbers if number in rows]
        return [(memory, place) for memory, place in there if within.fits(memory)]

    async def count(self, member: Member) -> int:
        mine = sa.select(sa.func.count()).select_from(Memory).where(Memory.who == who(member))
        return await self._session.scalar(mine) or 0

    async def count_of(self, workspace: str, conversation_id: str) -> int:
        here = (Memory.workspace_id == workspace, Memory.conversation_id == conversation_id)
        return await self._session.scalar(sa.select(sa.func.count()).select_from(Memory).where(*here)) or 0

    async def forget(self, member: Member) -> int:
        """All of a member's; how many."""
        mine = (Memory.workspace_id == member.workspace, Memory.member_id == member.id)
        return await self._count(sa.delete(Memory).where(*mine))

    async def optimize(self) -> None:
        """Deleted words stay readable in SQLite's file until its index is written anew."""
        if not self._on_postgres:
            await self._session.execute(sa.text("INSERT INTO search_memories(search_memories) VALUES ('optimize')"))


def _row(member: Member, conversation_id: str, piece: Piece, at: datetime) -> dict[str, Any]:
    told = f"{piece.source}\0{piece.about}\0{piece.text}".encode(errors="replace")
    return {
        "workspace_id": member.workspace,
        "member_id": member.id,
        "conversation_id": conversation_id,
        "kind": piece.kind,
        "source": piece.source[:200],
        "about": piece.about[:200],
        "at": at,
        "text": piece.text,
        "who": who(member),
        "words": indexed(f"{piece.source} {piece.about} {piece.text}"),
        "digest": hashlib.blake2b(told, digest_size=16).digest(),
        "due_at": at,
        "tries": 0,
    }


def _bound(text: str, values: dict[str, Any]) -> sa.TextClause:
    times = [sa.bindparam(name, type_=Memory.at.type) for name in ("since", "until") if name in values]
    return sa.text(text).bindparams(*times)
