"""The questions asked most often are answered by an index, however many rows there are."""

import re
from collections.abc import Awaitable, Callable

import sqlalchemy as sa

from storage.database import Database, Tables
from storage.engines.engine import open_engine
from storage.engines.walls import SETTING
from storage.repositories.conversations.among import Due
from storage.schema import now
from storage.tables import (
    Approval,
    Connection,
    Conversation,
    Event,
    Job,
    Link,
    Message,
    Session,
    Ticket,
    ToolUsage,
    Turn,
)
from tests.storage import rows
from tests.storage.rows import HOUR, NOON, T1
from tests.support.postgres import as_owner

# What a CTE gave may be looked through, a list that was given, a row made of nothing, and an index of open rows only.
OF_FEW = r"(?!CONSTANT|given|from_|due|next|again|following|lapsed|before|after)"
WHOLE_TABLE = re.compile(rf"Seq Scan|SCAN {OF_FEW}\w+\b(?! USING INDEX (?:ix_\w+_open|uq_turns_running))")
QUESTIONS: dict[str, tuple[str, Callable[[Tables], Awaitable[object]]]] = {
    "a link by its token": (
        "uq_temporary_chat_links_token_hash",
        lambda tables: tables.links.by_token_hash(b"7"),
    ),
    "a session by its secret": (
        "uq_temporary_chat_sessions_secret_hash",
        lambda tables: tables.sessions.by_secret("l7", b"7"),
    ),
    "a conversation by its key": (
        "uq_conversations_workspace_id_key",
        lambda tables: tables.conversations.keyed(T1, "k7"),
    ),
    "the messages of a conversation": (
        "uq_messages_conversation_id_position",
        lambda tables: tables.messages.of(T1, "c7"),
    ),
    "the events after a number": ("pk_events", lambda tables: tables.events.after(T1, "c7", 5)),
    "a turn to run": (
        "ix_turns_waiting",
        lambda tables: tables.turns.claim("p1", now(), 15, due=Due(False, {"slack": T1}, untold=False)),
    ),
    "a turn nobody has seen": ("ix_turns_untold", lambda tables: tables.turns.claim_untold("p1", now(), 15, 4)),
    "whether a turn is to be run": ("ix_turns_waiting", lambda tables: tables.turns.due(now(), 4)),
    "whether a turn is to be shown": ("ix_turns_untold", lambda tables: tables.turns.due(now(), 4)),
    "who stands in line for nobody": ("ix_turns_waiting", lambda tables: tables.turns.close_up()),
    "a ticket by its token": ("uq_tickets_hash", lambda tables: tables.tickets.by_hash(b"7")),
    "the connections of a member": (
        "uq_mcp_connections_workspace_id_member_id_slug",
        lambda tables: tables.connections.of(T1, "U7"),
    ),
    "how a connection is used": (
        "ix_mcp_tool_usage_connection",
        lambda tables: tables.usage.by_connection(T1, ["m7"], NOON),
    ),
    "due work": ("ix_scheduled_jobs_due", lambda tables: tables.jobs.claim(NOON, 10, 15)),
    "links that are over": ("ix_temporary_chat_links_open", lambda tables: tables.links.due_to_close(now())),
    "idle sessions": ("ix_temporary_chat_sessions_open", lambda tables: tables.sessions.idle(30, now())),
    "resting sessions": ("ix_temporary_chat_sessions_open", lambda tables: tables.sessions.resting(60, now())),
    "sessions to let rest": ("ix_temporary_chat_sessions_open", lambda tables: tables.sessions.restless(now())),
    "silences that end": ("ix_temporary_chat_links_open", lambda tables: tables.sessions.idle_limits()),
    "approvals whose time is up": ("ix_approvals_due", lambda tables: tables.approvals.expire(now())),
}


MANY = 2000


async def fill(db: Database) -> None:
    """Mostly what is over and done with, as in a database that has been used for long."""
    await rows.workspace(db)
    numbers = range(MANY)
    long_ago = {"created_at": NOON, "expires_at": NOON}
    links = [
        {"id": f"l{n}", "workspace_id": T1, "creator_id": f"U{n}", "title": "t", "token_hash": b"%d" % n, **long_ago}
        | {"closed_at": NOON if n else None}
        for n in numbers
    ]
    sessions = [
        {"id": f"s{n}", "workspace_id": T1, "link_id": f"l{n % 50}", "conversation_id": f"c{n}", "idem_hash": b"%d" % n}
        | {"secret_hash": b"%d" % n, "ended_at": NOON if n else None}
        for n in numbers
    ]
    chats = [{"id": f"c{n}", "workspace_id": T1, "member_id": "U1", "door": "slack", "key": f"k{n}"} for n in numbers]
    of_chat = [{"workspace_id": T1, "conversation_id": f"c{n % 50}"} for n in numbers]
    messages = [{**whose, "position": n, "content": {}} for n, whose in enumerate(of_chat)]
    events = [{**whose, "seq": n, "kind": "message", "body": {}} for n, whose in enumerate(of_chat)]
    turns = [
        {**whose, "source": f"m{n}", "status": "done" if n else "queued", "told": n > 0, "ended_at": NOON}
        for n, whose in enumerate(of_chat)
    ]
    asked = {"turn_id": "t", "member_id": "U1", "calls": [], "pause": {}, "digest": "d", "expires_at": NOON}
    approvals = [{**whose, **asked, "state": "denied" if n else "asked"} for n, whose in enumerate(of_chat)]
    owned = [
        {"workspace_id": T1, "member_id": f"U{n}", "card": "custom", "title": "t", "slug": "s", "spec": {}}
        for n in numbers
    ]
    tickets = [
        {"workspace_id": T1, "member_id": "U1", "purpose": "connect", "hash": b"%d" % n, "expires_at": NOON}
        for n in numbers
    ]
    calls = [
        {"id": f"u{n}", "workspace_id": T1, "member_id": "U1", "tool": "x", "outcome": "done", "milliseconds": 1}
        | {"connection_id": f"m{n}"}
        for n in numbers
    ]
    jobs = [{"kind": "greet", "once": f"{n}", "due_at": NOON + n * HOUR} for n in numbers]
    async with db.begin() as tables:
        for table, values in (
            *((Link, links), (Session, sessions), (Conversation, chats), (Message, messages), (Event, events)),
            *(
                (Turn, turns),
                (Approval, approvals),
                (Connection, owned),
                (Ticket, tickets),
                (Job, jobs),
                (ToolUsage, calls),
            ),
        ):
            await tables.session.execute(sa.insert(table), values)
    await analyzed(db)


async def analyzed(db: Database) -> None:
    if db.is_postgres:
        owner = open_engine(as_owner(str(db.engine.url)))
        async with owner.begin() as connection:
            await connection.execute(sa.text("ANALYZE"))
        await owner.dispose()


async def plan_of(db: Database, ask: Callable[[Tables], Awaitable[object]], generic: bool = False) -> str:
    """How the database answers what is asked; ``generic``: PostgreSQL, whatever the parameters are."""
    asked: list[tuple[str, object]] = []

    def hear(_connection, _cursor, statement, parameters, _context, _many) -> None:
        asked.append((statement, parameters))

    async with db.begin() as tables:
        connection = await tables.session.connection()
        sa.event.listen(connection.sync_connection, "before_cursor_execute", hear)
        await ask(tables)
        sa.event.remove(connection.sync_connection, "before_cursor_execute", hear)
        await tables.session.rollback()
    [(statement, parameters)] = [each for each in asked if "SAVEPOINT" not in each[0] and SETTING not in each[0]]
    explain = "EXPLAIN " if db.is_postgres else "EXPLAIN QUERY PLAN "
    async with db.read() as tables:
        connection = await tables.session.connection()
        if generic:
            name = f"p{hash(statement) & 0xFFFF}"
            await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
            await connection.exec_driver_sql(f"PREPARE {name} AS {statement}")
            unknown = ", ".join(["NULL"] * len(parameters))
            statement, parameters = f"EXECUTE {name}({unknown})", ()
        return "\n".join(str(row) for row in await connection.exec_driver_sql(explain + statement, parameters))


async def test_each_is_answered_by_its_index(db: Database) -> None:
    await fill(db)
    wrong = {}
    for question, (index, ask) in QUESTIONS.items():
        plan = await plan_of(db, ask)
        if not db.is_postgres and not index.startswith("ix_"):
            index = "USING INDEX sqlite_autoindex"  # SQLite names the indexes of constraints itself
        if index not in plan or WHOLE_TABLE.search(plan):
            wrong[question] = plan
    assert wrong == {}


async def test_who_claims_looks_at_few_however_many_wait_and_whatever_is_known_of_them(postgres_url: str) -> None:
    """As PostgreSQL plans what is asked often: without the parameters, and here for a queue of half of all rows."""
    db = Database(postgres_url)
    await fill(db)
    chats = [
        {"id": f"w{n}", "workspace_id": T1, "member_id": "U1", "door": "slack", "key": f"w{n}"} for n in range(MANY)
    ]
    turns = [
        {"workspace_id": T1, "conversation_id": f"w{n}", "source": f"w{n}", "asker": f"U{n % 9}"} for n in range(MANY)
    ]
    async with db.begin() as tables:
        await tables.session.execute(sa.insert(Conversation), chats)
        await tables.session.execute(sa.insert(Turn), turns)
    await analyzed(db)
    look: dict[str, Callable[[Tables], Awaitable[object]]] = {
        "look": lambda tables: tables.turns.due(now(), 4),
        "claim": lambda tables: tables.turns.claim("p1", now(), 15, due=Due(False, {"slack": T1}, untold=False)),
    }
    for name, ask in look.items():
        plan = await plan_of(db, ask, generic=True)
        assert not re.search(r"Seq Scan|Sort|Join|Bitmap", plan), f"{name}: {plan}"
        assert plan.count("ix_turns_waiting") >= 2
    await db.close()
