"""What is compiled once says the same as SQLAlchemy's own way, and refuses what it could not."""

from typing import Any

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.engines.prepared import Prepared
from storage.repositories.repository import made, table_of
from storage.schema import now
from storage.tables import Conversation, Event
from tests.storage import rows

EVENT = table_of(Event)


async def test_values_come_back_as_by_sqlalchemys_own_way(db: Database) -> None:
    conversation = await rows.conversation(db)
    body = {"text": "nul \0, half \ud83d, \N{GRINNING FACE}", "number": 1.5, "none": None}
    async with db.begin() as tables:
        await tables.events.add_all(conversation.workspace_id, conversation.id, None, [("notice", body), ("end", {})])
    async with db.read() as tables:
        usual = list(await tables.session.scalars(sa.select(Event).order_by(Event.seq)))
        short = await tables.events.after(conversation.workspace_id, conversation.id, 0)
        whole = await tables.transaction.first(
            sa.select(*table_of(Conversation).c).where(Conversation.id == sa.bindparam("key")), {"key": conversation.id}
        )
    assert [_values(each) for each in short] == [_values(each) for each in usual]
    assert whole and made(Conversation, whole).created_at == conversation.created_at


@pytest.mark.parametrize(
    "statement",
    [
        sa.select(EVENT.c.seq).where(EVENT.c.kind.in_(sa.bindparam("kinds", expanding=True))),
        sa.text("SELECT 1"),
    ],
)
def test_what_is_not_the_same_each_time_is_refused(statement: Any, sqlite_db: Database) -> None:
    with pytest.raises(TypeError):
        Prepared(statement, (), sqlite_db.engine.dialect)


async def test_a_value_that_is_not_given_is_no_null(sqlite_db: Database) -> None:
    async with sqlite_db.begin() as tables:
        with pytest.raises(KeyError):
            await tables.transaction.count(
                sa.delete(EVENT).where(EVENT.c.at < sa.bindparam("at"), EVENT.c.seq == sa.bindparam("seq")),
                {"at": now()},
            )


def _values(event: Event) -> dict[str, Any]:
    return {column: getattr(event, column) for column in EVENT.c.keys()}  # noqa: SIM118
