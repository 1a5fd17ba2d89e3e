"""The answer to a COMMIT is lost: what became of it is found out, where it can be."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.engines import endings
from storage.engines.endings import InDoubt, ending_of, was_carried_out
from storage.engines.engine import is_away
from storage.engines.postgres import Patience
from tests.storage.rows import T1
from tests.support.audit import KEYS
from tests.support.lost_commits import losing_commits
from tests.support.postgres import running_postgres
from tests.support.way import PostgresWay, opened


@pytest.fixture(autouse=True)
def looked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.LOOKED_AFTER", (0.0, 0.0))


async def there(db: Database) -> bool:
    async with db.read() as tables:
        return await tables.workspaces.ids() == [T1]


@pytest.mark.parametrize("happens", [True, False])
async def test_who_changes_something_hears_what_became_of_it(postgres_db: Database, happens: bool) -> None:
    heard = False
    with losing_commits(postgres_db) as lost:
        lost.choose(1, happens=happens)
        try:
            async with postgres_db.begin() as tables:
                await tables.workspaces.ensure(T1)
            heard = True
        except sa.exc.SQLAlchemyError as error:
            assert is_away(error) and not isinstance(error, InDoubt)
        assert lost.lost == 1
    assert heard is happens is await there(postgres_db)


async def test_who_changed_nothing_need_not_care(postgres_db: Database) -> None:
    with losing_commits(postgres_db) as lost:
        lost.choose(1, happens=False)
        async with postgres_db.begin() as tables:
            await tables.workspaces.ids()
    assert lost.lost == 1


@pytest.fixture
async def way(postgres_url: str) -> AsyncIterator[PostgresWay]:
    async with opened(PostgresWay(postgres_url)) as way:
        yield way


async def test_where_nobody_can_say_it_is_neither_done_nor_not_done(
    way: PostgresWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "LOOK_TAKES", 0.05)
    db = Database(way.url, KEYS, Patience(command=5.0, ping=0.05, parting=0.05))
    with pytest.raises(InDoubt) as raised:
        async with db.begin() as tables:
            await tables.workspaces.ensure(T1)
            # The answer to COMMIT is the first that does not come.
            sa.event.listen(db.engine.sync_engine, "commit", lambda _: way.hold(), once=True)
    assert is_away(raised.value)
    way.cut()
    way.let_go()
    await db.close()


async def test_a_transaction_whose_end_the_server_has_not_heard_of_is_waited_for(postgres_db: Database) -> None:
    async with postgres_db.begin() as tables:
        await tables.workspaces.ensure(T1)
        ending = await ending_of(tables.transaction)
        assert await was_carried_out(postgres_db.engine, ending, [0.0, 0.0]) is None
        looking = asyncio.create_task(was_carried_out(postgres_db.engine, ending, [0.0] * 100_000))
        await asyncio.sleep(0)
    assert await looking


@pytest.mark.usefixtures("postgres")  # skipped where there is none
async def test_a_number_from_before_a_crash_proves_no_transaction_of_ours() -> None:
    """On a server of its own, which keeps what it committed: the others' one may forget it, and is right to say so."""
    with running_postgres(lasting=True) as postgres, postgres.database() as url:
        db = Database(url, KEYS)
        async with db.begin() as tables:
            await tables.session.execute(sa.text("CREATE TABLE written ()"))
            ending = await ending_of(tables.transaction)
        assert await was_carried_out(db.engine, ending, [0.0])
        postgres.crash()
        postgres.start()
        assert await was_carried_out(db.engine, ending, [0.0, 0.0]) is None
        await db.close()


@pytest.mark.parametrize(
    ("asked", "within", "away"),
    [
        ("SELECT pg_sleep(9)", 50, True),
        ("DO $$ BEGIN RAISE EXCEPTION 'both waited' USING ERRCODE = 'deadlock_detected'; END $$", 0, True),
        ("SELECT 1 / 0", 0, False),
    ],
)
async def test_what_the_server_gave_up_may_be_asked_again_and_what_is_wrong_may_not(
    postgres_db: Database, asked: str, within: int, away: bool
) -> None:
    with pytest.raises(sa.exc.DBAPIError) as raised:
        async with postgres_db.begin() as tables:
            await tables.session.execute(sa.text(f"SET LOCAL statement_timeout = {within}"))
            await tables.session.execute(sa.text(asked))
    assert is_away(raised.value) is away, raised.value
