"""Rows to begin a test with; nothing in them matters but what a test says."""

import hashlib
from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.tables import (
    AccessToken,
    AddedCard,
    AllowedCalls,
    Approval,
    Connection,
    Conversation,
    Elicitation,
    FormerAuditEntry,
    GuestFile,
    Link,
    OAuthFlow,
    OAuthLease,
    PinnedTool,
    Secret,
    Session,
    Ticket,
    Turn,
)

T1 = "T1"
U1, U2 = "U1", "U2"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def workspace(db: Database, name: str = T1) -> str:
    async with db.begin() as tables:
        await tables.workspaces.ensure(name)
    return name


async def conversation(
    db: Database,
    key: str = "chat-1",
    where: str = T1,
    *,
    member: str = U1,
    door: str = "slack",
    place: dict[str, str] | None = None,
) -> Conversation:
    await workspace(db, where)
    async with db.begin() as tables:
        return await tables.conversations.open(where, member, door, f"{member}:{key}", place or {"channel": "C1"})


def former_audit_entry(where: str = T1) -> FormerAuditEntry:
    """As a process of the version before writes it, beside one of this version."""
    told = {"actor": U1, "action": "link.revoked", "subject": "l9", "detail": {"guests": 2}, "at": NOON}
    return FormerAuditEntry(workspace_id=where, number=1, **told, previous="0" * 64, hash="f" * 64)


async def turn(db: Database, chat: Conversation, source: str, at: datetime = NOON) -> Turn:
    async with db.begin() as tables:
        queued = await tables.turns.queue(
            Turn(workspace_id=chat.workspace_id, conversation_id=chat.id, source=source, created_at=at)
        )
    assert queued
    return queued


async def link(db: Database, said: str = "token", where: str = T1, **values: object) -> Link:
    await workspace(db, where)
    row = Link(
        **{
            "workspace_id": where,
            "creator_id": U1,
            "title": "Help",
            "token_hash": hashed(said),
            "expires_at": NOON + HOUR,
            **values,
        }
    )
    async with db.begin() as tables:
        return await tables.links.add(row)


def sign_in(of: Connection, where: str = T1) -> tuple[OAuthFlow, OAuthLease]:
    """Under way, and a grant that is being renewed."""
    sealed = {"key_id": "k1", "wrapped_key": b"w", "nonce": b"n", "ciphertext": b"c"}
    hashes = {"state_hash": hashed(f"state of {where}"), "browser_hash": hashed("browser")}
    flow = OAuthFlow(workspace_id=where, member_id=U1, expires_at=NOON + HOUR, **hashes, **sealed)
    return flow, OAuthLease(workspace_id=where, connection_id=of.id, holder="one", until=NOON)


def added_card(where: str = T1, **values: object) -> AddedCard:
    told = {"title": "Wiki", "about": "Pages.", "url": "https://wiki.example.org/mcp", "signs_in": "none"}
    return AddedCard(**{"workspace_id": where, "created_by": U1, "icon": "books", **told, **values})


def session(of: Link, press: str = "press", **values: object) -> Session:
    return Session(
        **{
            "workspace_id": of.workspace_id,
            "link_id": of.id,
            "conversation_id": "c1",
            "idem_hash": hashed(press),
            "secret_hash": hashed(f"secret of {of.id} {press}"),
            "started_at": NOON,
            "last_at": NOON,
            **values,
        }
    )


async def connection(db: Database, slug: str = "notes", member: str = U1, where: str = T1) -> Connection:
    await workspace(db, where)
    row = Connection(workspace_id=where, member_id=member, card="custom", title=slug.title(), slug=slug, spec={})
    async with db.begin() as tables:
        return await tables.connections.add(row)


def tool(of: Connection, name: str = "add_note", **values: object) -> PinnedTool:
    row = {"workspace_id": of.workspace_id, "connection_id": of.id, "name": name, "definition": {}, "pin": "p"}
    return PinnedTool(**{**row, **values})


def allowed(of: Connection, **values: object) -> AllowedCalls:
    row = {"workspace_id": of.workspace_id, "member_id": U1, "connection_id": of.id, "tool": "add_note", "pin": "p"}
    return AllowedCalls(**{**row, **values})


def secret(owner: str, member: str = U1, key_id: str = "k1", where: str = T1) -> Secret:
    sealed = {"wrapped_key": b"w", "nonce": b"n", "ciphertext": b"c"}
    return Secret(workspace_id=where, member_id=member, owner=owner, field="token", key_id=key_id, **sealed)


def approval(chat: Conversation, **values: object) -> Approval:
    row = {
        "workspace_id": chat.workspace_id,
        "conversation_id": chat.id,
        "turn_id": "t1",
        "member_id": U1,
        "calls": [],
        "pause": {},
        "digest": "d",
        "expires_at": NOON + HOUR,
    }
    return Approval(**{**row, **values})


def elicitation(chat: Conversation, **values: object) -> Elicitation:
    row = {
        "workspace_id": chat.workspace_id,
        "conversation_id": chat.id,
        "turn_id": "t1",
        "attempt": 1,
        "member_id": U1,
        "connection_id": "c1",
        "server": "Inn",
        "tool": "book",
        "text": "For whom?",
        "expires_at": NOON + HOUR,
    }
    return Elicitation(**{**row, **values})


def ticket(said: str = "ticket", where: str = T1) -> Ticket:
    return Ticket(workspace_id=where, member_id=U1, purpose="connect", hash=hashed(said), expires_at=NOON + HOUR)


def access_token(said: str = "access token", where: str = T1, **values: object) -> AccessToken:
    told = {"kind": "ushp", "name": "Editor", "tail": "a1B2", "scopes": ["links:read"], "expires_at": NOON + HOUR}
    return AccessToken(**{"workspace_id": where, "member_id": U1, "hash": hashed(said), **told, **values})


def guest_file(of: Session, **values: object) -> GuestFile:
    told = {"name": "notes.txt", "kind": "text", "mime": "text/plain", "size": 5, "tokens": 2, "content": b"notes"}
    return GuestFile(**{"workspace_id": of.workspace_id, "session_id": of.id, **told, **values})
