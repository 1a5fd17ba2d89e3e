"""Guests whose chats have begun: rows in the database, and a client that speaks with their cookies."""

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

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


async def seated(database_url: str, base_url: str, count: int, *, each_link: int = 20) -> list[Chat]:
    """So many guests, as rows: to press Start so often would take minutes, and is not what is measured."""
    db = Database(database_url)
    try:
        async with open_bus(db) as bus:
            links = Links(db, bus, base_url=base_url, master_key=os.urandom(32))
            chats: list[Chat] = []
            while len(chats) < count:
                creator = Member(TEAM, f"U{len(chats)}")  # nobody may have more than fifty links
                created = await links.create(creator, Draft("Benchmark", max_sessions=each_link))
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


async def frames(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Kind and body of each frame of an event stream."""
    kind = ""
    async for line in answer.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)
