"""What a call that is refused, or takes longer than its card allows, leaves behind."""

from collections.abc import Mapping
from typing import Any

from mcp_runtime.specs import HttpSpec, ServerSpec
from mcp_runtime.tools.policies.terms import Terms
from mcp_runtime.tools.tools import ToolCall
from storage.database import Database
from storage.schema import now
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.servers import Notes

SECRET = "what nobody may read again"


def never(arguments: Mapping[str, Any], spec: ServerSpec) -> str | None:
    return "No notes today."


async def test_a_refused_call_leaves_a_usage_row_and_an_audit_entry_and_reaches_no_server(
    make_pool: MakePool, connect: Connect, http: HttpSpec, notes: Notes, sqlite_db: Database
) -> None:
    begun = now()
    pool = make_pool(notes.host, terms=lambda _: Terms(checks={"add_note": never}))
    connection = await connect(pool, http, notes.token, free=frozenset({"add_note", "list_notes"}))
    mine = await pool.toolset(MEMBER, turn_id="turn-1")
    refused = await mine.call(ToolCall("", "notes__add_note", {"text": SECRET}))
    listed = await mine.call(ToolCall("", "notes__list_notes"))
    await pool.close()

    assert refused.error == "The call was not made: No notes today."
    assert SECRET not in str(listed.output)
    async with sqlite_db.read() as tables:
        used = await tables.usage.of(MEMBER.workspace, MEMBER.id, begun)
        entries = [each for each in await tables.audit.of(MEMBER.workspace) if each.action == "call.refused"]
        assert await tables.audit.verify(MEMBER.workspace)
    assert sorted((each.tool, each.outcome, each.turn_id) for each in used) == [
        ("add_note", "refused", "turn-1"),
        ("list_notes", "done", "turn-1"),
    ]
    [entry] = entries
    assert (entry.actor, entry.subject) == (MEMBER.id, connection.id)
    told = {"tool": "add_note", "server": "Notes", "by": "arguments", "turn": "turn-1"}
    assert (entry.detail, entry.outcome) == (told, "refused")


async def test_a_call_that_may_change_something_leaves_an_audit_entry_that_says_how_it_ended(
    make_pool: MakePool, connect: Connect, http: HttpSpec, notes: Notes, sqlite_db: Database
) -> None:
    terms = [Terms()]
    pool = make_pool(notes.host, terms=lambda _: terms[-1])
    connection = await connect(pool, http, notes.token, free=frozenset({"list_notes"}))
    mine = await pool.toolset(MEMBER, turn_id="turn-1")
    for name, arguments in (("add_note", {"text": SECRET}), ("add_note", {}), ("list_notes", {})):
        await mine.call(ToolCall("", f"notes__{name}", arguments))
    terms.append(Terms(seconds=0.3))
    await mine.call(ToolCall("", "notes__wait"))
    await pool.close()

    async with sqlite_db.read() as tables:
        entries = [each for each in await tables.audit.of(MEMBER.workspace) if each.action == "call.made"]
    assert sorted((each.detail["tool"], each.outcome) for each in entries) == [
        ("add_note", "done"),
        ("add_note", "failed"),
        ("wait", "unclear"),
    ]
    assert {(each.actor, each.subject, each.detail["turn"]) for each in entries} == {
        (MEMBER.id, connection.id, "turn-1")
    }
    assert SECRET not in "".join(each.body for each in entries)


async def test_a_call_has_the_time_that_its_card_gives_it(
    make_pool: MakePool, connect: Connect, http: HttpSpec, notes: Notes, sqlite_db: Database
) -> None:
    begun = now()
    pool = make_pool(notes.host, terms=lambda _: Terms(seconds=0.2), call_timeout=60.0)
    await connect(pool, http, notes.token, free=frozenset({"wait"}))
    given = await (await pool.toolset(MEMBER)).call(ToolCall("", "notes__wait"))
    await pool.close()

    assert given.timed_out and "may still have happened" in given.error
    async with sqlite_db.read() as tables:
        [used] = await tables.usage.of(MEMBER.workspace, MEMBER.id, begun)
    assert (used.tool, used.outcome) == ("wait", "timed_out")
