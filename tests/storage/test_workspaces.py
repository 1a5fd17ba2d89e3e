from datetime import timedelta

import sqlalchemy as sa

from storage.database import Database
from storage.members import Member
from storage.repositories.memories.memories import Piece
from storage.repositories.workspaces.security import Noted
from storage.repositories.workspaces.tallies import Happened
from storage.rules.access import Scope
from storage.rules.outside import Kind, Rule
from storage.schema import Base, now
from storage.tables import (
    Budget,
    ForgottenWorkspace,
    Installation,
    LinkDraft,
    MemberFile,
    ModelUsage,
    Note,
    OneTimeCode,
    RateLimit,
    Reminder,
    Reservation,
    SecretPlace,
    SecurityEvent,
    Turn,
    UsageDay,
)
from tests.storage import rows
from tests.storage.rows import NOON, U1

NOBODYS = (RateLimit.__tablename__, SecretPlace.__tablename__, ForgottenWorkspace.__tablename__)
"""Keyed by hashes and by chance; and what is left of a workspace."""


async def fill(db: Database, where: str) -> None:
    """A row in every table that a workspace has a part in."""
    chat = await rows.conversation(db, where=where)
    link = await rows.link(db, f"token of {where}", where)
    connection = await rows.connection(db, where=where)
    async with db.begin() as tables:
        await tables.installations.put(Installation(workspace_id=where, bot_user_id="U9", installed_by=U1))
        turn = await tables.turns.queue(Turn(workspace_id=where, conversation_id=chat.id, source="m1"))
        assert turn
        await tables.files.keep(where, turn.id, "call", "Camera: Photo", [("image/png", b"p")])
        await tables.member_files.add([MemberFile(workspace_id=where, conversation_id=chat.id, size=1, content=b"x")])
        await tables.ratings.put(where, turn.id, U1, helped=True)
        await tables.messages.add(where, chat.id, None, [{}])
        await tables.events.add(where, chat.id, None, "message", {})
        await tables.approvals.add(rows.approval(chat))
        await tables.elicitations.add(rows.elicitation(chat))
        member = Member(where, U1)
        await tables.memories.add(member, chat.id, [Piece("what was said")], NOON)
        [memory] = await tables.vectors.take(NOON, 1, timedelta(minutes=1))
        await tables.vectors.keep("m:1", {memory.number: [1.0]})
        await tables.notes.add(Note(workspace_id=where, member_id=U1, text="likes tables"), 1)
        session = await tables.sessions.insert(rows.session(link))
        await tables.guest_files.add(rows.guest_file(session))
        code = {"holder": where.encode(), "code_hash": b"c", "expires_at": NOON}
        await tables.codes.put(OneTimeCode(workspace_id=where, link_id=link.id, **code))
        await tables.results.hold(session, NOON)
        await tables.openings.count(link.id, NOON, people=1, machines=0)
        await tables.tools.save([rows.tool(connection)])
        usual = await tables.agents.default(where)
        assert usual
        await tables.grants.put(where, usual.id, connection.id, Scope.READ_ONLY, by=U1)
        await tables.agents.fix(where, usual.id, ["C1"])
        await tables.showing.allow(where, connection.member_id, "C1", [connection.id])
        await tables.allowed_calls.add(rows.allowed(connection, conversation_id=chat.id))
        await tables.added_cards.add(rows.added_card(where))
        tables.session.add_all(rows.sign_in(connection, where))
        await tables.security.add(
            [Noted(SecurityEvent(kind="forged", network="203.0.113.0", who="h", count=1, link_id=link.id))]
        )
        reservation = Reservation(
            id=f"request of {where}", workspace_id=where, link_id=link.id, keys=[], tokens=1, money=1
        )
        tables.session.add_all([Budget(workspace_id=where, key="k", kept_until=NOON), reservation])
        await tables.budgets.set_limit(where, "members", money=1)
        await tables.model_usage.add(where, [ModelUsage(id=f"request of {where}", member_id=U1, purpose="answer")])
        tables.session.add(LinkDraft(workspace_id=where, member_id=U1, chosen={}, frozen="f"))
        await tables.secrets.put(rows.secret(connection.id, where=where))
        await tables.usage.add(where, U1, "add_note", "done", 1)
        tables.session.add(UsageDay(workspace_id=where, kind="all", day=NOON.date(), key=""))
        await tables.home_tabs.go(where, U1, "people", 0, NOON)
        await tables.policies.put(where, "cards", {"forbidden": ["custom"]}, by=U1)
        await tables.outside.set_rule(where, Kind.GUESTS, Rule.ASK, ["C1"], by=U1)
        await tables.outside.ask(where, U1, Kind.GUESTS, where, {"text": "x"}, now() + timedelta(days=1))
        await tables.handled.first_time(where, f"Ev of {where}")
        await tables.jobs.add("greet", f"job of {where}", {}, NOON, workspace=where)
        await tables.reminders.add(Reminder(workspace_id=where, member_id=U1, text="tea", place={}, due_at=NOON))
        await tables.tickets.add(rows.ticket(f"ticket of {where}", where))
        token = await tables.access_tokens.add(rows.access_token(f"token of {where}", where))
        await tables.api_requests.begin(where, token.id, "key", b"d", NOON)
        await tables.tallies.count([(Happened(where, link.id, "link.opened"), 1)], NOON)
        await tables.audit.add(where, U1, "link.created", link.id)
        tables.session.add(rows.former_audit_entry(where))


async def counts(db: Database) -> dict[str, int]:
    async with db.read() as tables:
        return {
            table.name: await tables.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name not in NOBODYS
        }


async def test_deleting_a_workspace_leaves_nothing_of_it_and_all_of_the_others(db: Database) -> None:
    await fill(db, "T1")
    await fill(db, "T2")
    assert set((await counts(db)).values()) == {2}
    async with db.begin() as tables:
        assert await tables.workspaces.delete("T1")
        assert not await tables.workspaces.delete("T1")
    assert set((await counts(db)).values()) == {1}
    async with db.begin() as tables:
        assert await tables.workspaces.delete("T2")
    assert set((await counts(db)).values()) == {0}


async def test_every_table_says_whose_its_rows_are(db: Database) -> None:
    whose = {table.name for table in Base.metadata.sorted_tables if "workspace_id" in table.columns}
    assert {table.name for table in Base.metadata.sorted_tables} - whose == {
        "workspaces",
        "rate_limits",
        "secret_places",
        "forgotten_workspaces",
    }


async def test_a_workspace_is_made_once_and_its_name_follows_the_last_one_told(db: Database) -> None:
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
        await tables.workspaces.ensure("T1", "Acme")
        await tables.workspaces.ensure("T1")
        await tables.workspaces.ensure("T1", "Acme & Sons")
        found = await tables.workspaces.get("T1")
    assert found and found.name == "Acme & Sons"


async def test_of_a_forgotten_workspace_nothing_is_left_but_that_and_when(db: Database) -> None:
    await fill(db, "T1")
    async with db.begin() as tables:
        assert await tables.workspaces.forget("T1", NOON)
        assert not await tables.workspaces.forget("T2", NOON)
        assert await tables.workspaces.forgotten_at("T1") == NOON
        assert await tables.workspaces.forgotten_at("T2") is None
    assert set((await counts(db)).values()) == {0}
