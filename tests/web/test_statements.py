"""What a guest's message costs: how many questions the database is asked until the model is."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from playground.gemini import Reply, text
from tests.support.statements import BY_THE_CLOCK
from tests.web.sidecar import House

MOST = 12


@contextmanager
def until_asked(house: House) -> Iterator[asyncio.Future[list[str]]]:
    """The statements of the block, by the time the model is asked."""
    statements: list[str] = []
    asked: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(BY_THE_CLOCK):
            statements.append(statement)

    def answering(body: object, signature: object) -> Reply:
        asked.set_result(statements.copy())
        return Reply([[text("So it is.")]])

    engine = house.db.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    house.model.server.answering = answering
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


async def test_a_guests_message_asks_the_database_few_questions_before_the_model(house_on_each: House) -> None:
    house = house_on_each
    guest = await house.guest()
    with until_asked(house) as asked:
        assert (await guest.say("What do you know about lighthouses?")).status == 202
        async with asyncio.timeout(60):
            statements = [each.partition("\n")[0] for each in await asked]
    assert len(statements) <= MOST, statements
    assert any("INSERT INTO rate_limits" in each for each in statements), "what was asked is seen at all"
    await house.all_told()
