"""PostgreSQL lets transactions that notify commit one by one, so none that stores anything does.

All that goes to the database is written down: what goes by the pool, and what goes past it.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.engines import postgres
from tests.services.house import OWNER, open_house
from tests.services.workshop import Workshop
from tests.support.gemini import Scripted

NOTIFIES = "pg_notify"
STORES = ("INSERT ", "UPDATE ", "DELETE ")


class Transactions:
    """Each as the statements in it."""

    def __init__(self) -> None:
        self.over: list[list[str]] = []
        self._open: defaultdict[int, list[str]] = defaultdict(list)

    def asked(self, connection: sa.Connection, _: Any, statement: str, *more: Any) -> None:
        self._open[id(connection)].append(statement)

    def ends(self, connection: sa.Connection) -> None:
        self.over.append(self._open.pop(id(connection), []))

    def with_any(self, *words: str) -> list[list[str]]:
        return [each for each in self.over if any(word in statement for statement in each for word in words)]


@contextmanager
def written_down(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Transactions]:
    told, engine, execute = Transactions(), db.engine.sync_engine, postgres.Connection.execute

    async def past_the_pool(connection: postgres.Connection, query: str, *rest: Any, **how: Any) -> Any:
        if NOTIFIES in query:
            told.over.append([query] if not connection.is_in_transaction() else [query, *STORES])
        return await execute(connection, query, *rest, **how)

    monkeypatch.setattr(postgres.Connection, "execute", past_the_pool)
    hooks = [("before_cursor_execute", told.asked), ("commit", told.ends), ("rollback", told.ends)]
    for name, hook in hooks:
        sa.event.listen(engine, name, hook)
    yield told
    for name, hook in hooks:
        sa.event.remove(engine, name, hook)


async def test_no_transaction_that_stores_anything_notifies(
    postgres_db: Database, gemini: Scripted, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with written_down(postgres_db, monkeypatch) as told:
        async with open_house(postgres_db, gemini.model) as house:
            async with house.worker():
                await house.connect(workshop.url)
                gemini.will_call(("shop__build", {"thing": "a boat"}))
                await house.say("build a boat")
                asked = (await house.face.after()).bodies("approval")[0]["id"]
                gemini.will_say("Built.")
                await house.chats.decide(OWNER, asked, "approve")
                await house.face.after(2)
                gemini.will_say("Hello!")
                guest, _ = await house.guest()
                await house.chats.say_as_guest(guest, "hello", "c1")
                await house.face.after(3)
            await house.links.revoke(OWNER, guest.link.id)
    assert len(told.with_any(*STORES)) > 20
    notify = told.with_any(NOTIFIES)
    assert len(notify) > 3
    assert [each for each in notify if any(word in statement for statement in each for word in STORES)] == []


async def test_nothing_in_the_database_notifies_by_itself(postgres_db: Database) -> None:
    """A trigger would, in whichever transaction touches its table."""
    async with postgres_db.read() as tables:
        triggers = await tables.session.scalar(sa.text("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"))
    assert triggers == 0
