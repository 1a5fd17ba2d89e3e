"""What a member's message costs: how many questions the database is asked until the model is."""

import asyncio
from typing import Any

import sqlalchemy as sa

from playground.gemini import Reply, text
from tests.support.slack import GENERAL, OWNER, Usher
from tests.support.statements import BY_THE_CLOCK

MOST = 12
USHER = "U0USHER"


async def test_a_members_message_asks_the_database_few_questions_before_the_model(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await usher.slack.command(OWNER, GENERAL, "/mcp help")  # where Usher is at home is asked once in a while
    await usher.message_with("/mcp connect", GENERAL)
    statements: list[str] = []
    asked: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(BY_THE_CLOCK):
            statements.append(statement.partition("\n")[0])

    def answering(body: object, signature: object) -> Reply:
        asked.set_result(statements.copy())
        return Reply([[text("So it is.")]])

    usher.gemini.server.answering = answering
    sa.event.listen(usher.services.db.engine.sync_engine, "before_cursor_execute", note)
    # By mention, since whoever writes for the first time in a direct message is greeted meanwhile.
    await usher.slack.person_says(OWNER, GENERAL, f"<@{USHER}> what do you do?")
    async with asyncio.timeout(60):
        found = await asked
    assert len(found) <= MOST, found
    assert any("mcp_tools" in each for each in found), "what was asked is seen at all"
    await usher.message_with("So it is.", GENERAL)
