"""Rows by the million: links that are over, each with a session, a chat, its messages and its events."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from storage.database import Database
from storage.schema import Base, UtcTime, now
from storage.tables import Conversation, Event, Link, Message, Session

TEAM = "T0LOCAL"
MESSAGES = 10
"""Of each chat, and as many events."""
LINKS_AT_ONCE = 20_000
"""In one transaction."""
SAID = {"role": "user", "parts": [{"text": "When do you open on Sunday, and until when?"}]}
TOLD = {"author": "guest", "name": "Robin", "text": "When do you open on Sunday, and until when?", "turn": "t"}


def token_hash(number: int) -> bytes:
    return b"token-%d" % number


def secret_hash(number: int) -> bytes:
    return b"secret-%d" % number


async def filled(db: Database, first: int, end: int) -> None:
    """Links from number ``first`` to the one before ``end``; made in the database itself, out of numbers."""
    async with db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
    for begin in range(first, end, LINKS_AT_ONCE):
        last = min(begin + LINKS_AT_ONCE, end)
        async with db.begin() as tables:
            for table, columns in _of_links(_numbers(begin, last)).items():
                await tables.session.execute(_inserted(table, columns))
            for table, columns in _of_chats(_numbers(begin * MESSAGES, last * MESSAGES)).items():
                await tables.session.execute(_inserted(table, columns))
    if db.is_postgres:
        async with db.begin() as tables:
            await tables.session.execute(sa.text("ANALYZE"))


def _of_links(number: Any) -> dict[type[Base], dict[str, Any]]:
    link, chat, over = _named("l", number), _named("c", number), {"ended_at": now()}
    return {
        Link: {"id": link, "creator_id": "U1", "title": "Help", "token_hash": _hash("token-", number)}
        | {"closed_at": now(), "expires_at": now()},
        Session: {"id": _named("s", number), "link_id": link, "conversation_id": chat, "idem_hash": _hash("k", number)}
        | {"secret_hash": _hash("secret-", number), **over},
        Conversation: {"id": chat, "member_id": "U1", "door": "link", "key": _named("session:s", number)}
        | {"last_seq": MESSAGES},
    }


def _of_chats(number: Any) -> dict[type[Base], dict[str, Any]]:
    whose, place = {"conversation_id": _named("c", number // MESSAGES)}, number % MESSAGES
    return {
        Message: {"id": _named("m", number), **whose, "position": place, "content": SAID},
        Event: {**whose, "seq": place + 1, "kind": "message", "body": TOLD},
    }


def _numbers(first: int, end: int) -> Any:
    """The column of these numbers."""
    counted = sa.select(sa.literal(first, sa.Integer).label("number")).cte("numbers", recursive=True)
    counted = counted.union_all(sa.select(counted.c.number + 1).where(counted.c.number < end - 1))
    return counted.c.number


def _named(letters: str, number: Any) -> Any:
    return sa.literal(letters, sa.String).concat(sa.cast(number, sa.String))


def _hash(letters: str, number: Any) -> Any:
    return sa.cast(_named(letters, number), sa.LargeBinary)


def _inserted(table: type[Base], given: Mapping[str, Any]) -> sa.Insert:
    """With what the table itself has for columns that nobody named."""
    columns = {**_usual(table), "workspace_id": TEAM, **given}
    typed = table.__table__.c
    values = [
        value if isinstance(value, sa.ColumnElement) else sa.literal(value, typed[name].type)
        for name, value in columns.items()
    ]
    return sa.insert(table).from_select(list(columns), sa.select(*values), include_defaults=False)


def _usual(table: type[Base]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in table.__table__.c:
        if column.nullable or column.server_default is not None or column.default is None:
            continue
        if column.default.is_scalar:
            found[column.name] = column.default.arg
        elif isinstance(column.type, UtcTime):
            found[column.name] = now()
        elif isinstance(column.type, sa.JSON):
            found[column.name] = {}
    return found
