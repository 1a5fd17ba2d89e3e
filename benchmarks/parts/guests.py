"""Guests whose chats have begun: rows in the database, and a client that speaks with their cookies."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import aiohttp

from benchmarks.parts.audit_keys import AUDIT_KEYS
from bot.services import tokens
from bot.services.links import Draft, Links
from bot.services.links.values import place_of
from storage.bus.bus import open_bus
from storage.database import Database
from storage.members import Member
from storage.schema import new_id
from storage.tables import Conversation, Link, Session

TEAM = "T0LOCAL"
SITE = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Chat:
    """One guest's address and cookie."""

    link_id: str
    secret: str = field(repr=False)

    @property
    def path(self) -> str:
        return f"/temp-chat/sessions/{self.link_id}/"

    @property
    def headers(self) -> dict[str, str]:
        return {**SITE, "Cookie": f"tc_{self.link_id}={self.secret}"}

    def message(self, text: str) -> dict[str, str]:
        return {"text": text, "client_id": os.urandom(8).hex()}


class Frame(NamedTuple):
    """``place`` in the log; empty where it is in none."""

    place: str
    kind: str
    body: dict[str, Any]


async def seated(
    database_url: str, base_url: str, count: int, *, each_link: int = 20, creator: Member | None = None
) -> list[Chat]:
    """So many guests, as rows: to press Start so often would take minutes, and is not what is measured.

    Of one ``creator``, else of another for each link: nobody may have more than fifty.
    """
    db = Database(database_url, AUDIT_KEYS)
    try:
        async with open_bus(db) as bus:
            links = Links(db, bus, base_url=base_url, master_key=os.urandom(32))
            chats: list[Chat] = []
            while len(chats) < count:
                whose = creator or Member(TEAM, f"U{len(chats)}")
                created = await links.create(whose, Draft("Benchmark", max_sessions=each_link))
                chats += await _guests(db, created.link, min(each_link, count - len(chats)))
            return chats
    finally:
        await db.close()


async def _guests(db: Database, link: Link, count: int) -> list[Chat]:
    chats = []
    async with db.begin() as tables:
        for _ in range(count):
            secret = tokens.mint(tokens.Kind.SESSION)
            session = _session(link, secret)
            tables.session.add_all([session, _conversation(link, session)])
            chats.append(Chat(link.id, secret))
    return chats


def _session(link: Link, secret: str) -> Session:
    return Session(
        id=new_id(),
        workspace_id=link.workspace_id,
        link_id=link.id,
        conversation_id=new_id(),
        idem_hash=os.urandom(32),
        secret_hash=tokens.at_rest(secret),
    )


def _conversation(link: Link, session: Session) -> Conversation:
    return Conversation(
        id=session.conversation_id,
        workspace_id=link.workspace_id,
        member_id=link.creator_id,
        door="link",
        key=f"session:{session.id}",
        place=place_of(link, session.id),
    )


async def answered(session: aiohttp.ClientSession, chat: Chat, words: str, within: float) -> tuple[float, float]:
    """Say it; seconds until the first words of the answer, and until the whole of it."""
    async with asyncio.timeout(within), session.get(f"{chat.path}events", headers=chat.headers) as stream:
        told = frames(stream)
        await anext(told)
        begun, first = time.perf_counter(), 0.0
        sent = asyncio.create_task(session.post(f"{chat.path}messages", json=chat.message(words), headers=chat.headers))
        async for kind, shown in told:
            over = kind == "message" and shown["author"] == "agent"
            # A short answer may be in the log before its running text has gone out.
            if over or kind == "delta":
                first = first or time.perf_counter() - begun
            if over:
                (await sent).close()
                return first, time.perf_counter() - begun
    raise RuntimeError("the stream ended before the answer")


async def frames(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Kind and body of each frame of an event stream."""
    async for frame in numbered(answer):
        yield frame.kind, frame.body


async def numbered(answer: aiohttp.ClientResponse) -> AsyncIterator[Frame]:
    place = kind = ""
    async for line in answer.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "id":
            place = value
        elif name == "event":
            kind = value
        elif name == "data":
            yield Frame(place, kind, json.loads(value))
            place = ""
