import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from mcp_runtime.tools import pins
from storage.database import Database
from storage.repositories.mcp.connections import text_pin
from storage.repositories.mcp.tools import pin_of
from tests.storage import rows
from tests.storage.rows import HOUR, NOON, T1, U1, U2


async def test_a_member_has_a_slug_once(db: Database) -> None:
    await rows.connection(db, "notes")
    await rows.connection(db, "notes", member=U2)
    with pytest.raises(IntegrityError):
        await rows.connection(db, "notes")


async def test_a_connection_is_found_by_slug_or_title_in_capitals_or_not(db: Database) -> None:
    first, second = await rows.connection(db, "notes"), await rows.connection(db, "notes-2")
    async with db.begin() as tables:
        await tables.connections.update(T1, second.id, title="Meine Übersicht")
        by_slug = await tables.connections.named(T1, U1, " NOTES ")
        by_title = await tables.connections.named(T1, U1, "meine ÜBERSICHT")
        assert await tables.connections.named(T1, U2, "notes") is None
        assert await tables.connections.slugs(T1, U1) == {"notes", "notes-2"}
    assert by_slug and by_slug.id == first.id
    assert by_title and by_title.id == second.id


async def test_one_workspace_or_member_cannot_touch_anothers_connection(db: Database) -> None:
    mine = await rows.connection(db)
    async with db.begin() as tables:
        assert await tables.connections.get("T2", mine.id) is None
        assert not await tables.connections.update("T2", mine.id, title="theirs")
        assert await tables.connections.remove(T1, U2, mine.id) is None
        assert [each.id for each in await tables.connections.of(T1, U1)] == [mine.id]


async def test_a_removed_connection_takes_its_tools_with_it_and_is_told(db: Database) -> None:
    mine = await rows.connection(db)
    async with db.begin() as tables:
        await tables.tools.save([rows.tool(mine)])
    async with db.begin() as tables:
        removed = await tables.connections.remove(T1, U1, mine.id)
        assert removed and removed.title == "Notes"
        assert await tables.connections.remove(T1, U1, mine.id) is None
        assert await tables.tools.of(T1, mine.id) == []


async def test_saving_a_tool_changes_what_is_named_and_leaves_the_rest(db: Database) -> None:
    mine = await rows.connection(db)
    async with db.begin() as tables:
        await tables.tools.save([rows.tool(mine, title="Add note", policy="free"), rows.tool(mine, "list")])
        assert await tables.tools.set_policy(T1, mine.id, "add_note", "always")
        await tables.tools.save([rows.tool(mine, state="set_aside", offered={"name": "add_note"})])
    async with db.read() as tables:
        [changed, _] = await tables.tools.of(T1, mine.id)
        assert [each.name for each in await tables.tools.of_many(T1, [mine.id, "other"])] == ["add_note", "list"]
        assert await tables.tools.of("T2", mine.id) == []
    assert (changed.title, changed.policy, changed.state) == ("Add note", "always", "set_aside")


def waits(offered: dict[str, Any]) -> dict[str, Any]:
    return {"state": "set_aside", "offered": offered, "offered_pin": pin_of(offered)}


async def test_accepting_a_changed_tool_makes_its_new_definition_the_pinned_one(db: Database) -> None:
    mine = await rows.connection(db)
    offered = {"name": "add_note", "description": "Fügt eine Notiz hinzu", "inputSchema": {"b": 1, "a": [1.5, None]}}
    async with db.begin() as tables:
        await tables.tools.save([rows.tool(mine, policy="always", **waits(offered))])
        assert not await tables.tools.accept(T1, mine.id, "add_note", pin_of({**offered, "description": "Other"}))
        assert await tables.tools.accept(
            T1, mine.id, "add_note", pin_of(offered), title="Add a note", description="Neu"
        )
        assert not await tables.tools.accept(T1, mine.id, "add_note", pin_of(offered))
        tool = await tables.tools.get(T1, mine.id, "add_note")
    assert tool and (tool.definition, tool.offered, tool.state) == (offered, None, "accepted")
    assert (tool.title, tool.description) == ("Add a note", "Neu")
    assert tool.pin == pin_of(offered) == pins.pin_of(tool.definition)


@pytest.mark.parametrize(("before", "after"), [("always", "ask"), ("free", "ask"), ("ask", "ask"), ("off", "off")])
async def test_what_was_allowed_for_the_old_definition_is_asked_again_for_the_new_one(
    db: Database, before: str, after: str
) -> None:
    mine = await rows.connection(db)
    async with db.begin() as tables:
        await tables.tools.save([rows.tool(mine, policy=before, **waits({"name": "add_note"}))])
        assert await tables.tools.accept(T1, mine.id, "add_note", pin_of({"name": "add_note"}))
        tool = await tables.tools.get(T1, mine.id, "add_note")
    assert tool and tool.policy == after


async def test_a_connection_that_fails_keeps_since_when_until_it_works(db: Database) -> None:
    mine = await rows.connection(db)
    first, later = NOON, NOON + 2 * HOUR
    async with db.begin() as tables:
        assert await tables.connections.failed(T1, mine.id, status="failing", trouble="it is down", at=first, wait=30)
        there = await tables.connections.get(T1, mine.id)
    assert there and (there.failing_since, there.retry_at) == (first, first + HOUR / 120)
    async with db.begin() as tables:
        assert await tables.connections.failed(T1, mine.id, status="sign_in", trouble="no token", at=later)
        there = await tables.connections.get(T1, mine.id)
    assert there and (there.status, there.failing_since, there.checked_at, there.retry_at) == (
        "sign_in",
        first,
        later,
        None,
    )
    async with db.begin() as tables:
        assert await tables.connections.works(T1, mine.id, later)
        assert not await tables.connections.works("T2", mine.id, later)
        there = await tables.connections.get(T1, mine.id)
    assert there and (there.status, there.trouble, there.failing_since) == ("connected", "", None)


async def test_a_servers_new_words_are_taken_by_their_member_alone_and_only_as_they_were_shown(db: Database) -> None:
    mine = await rows.connection(db)
    new = "Zuerst suchen. \U0001f600"
    async with db.begin() as tables:
        await tables.connections.update(T1, mine.id, instructions="Search.", instructions_offered=new)
        accept = tables.connections.accept_instructions
        assert not await accept(T1, U2, mine.id, text_pin(new))
        assert not await accept("T2", U1, mine.id, text_pin(new))
        assert not await accept(T1, U1, mine.id, text_pin("Search."))
        assert await accept(T1, U1, mine.id, text_pin(new))
        assert not await accept(T1, U1, mine.id, text_pin(new))
    async with db.read() as tables:
        there = await tables.connections.get(T1, mine.id)
    assert there and (there.instructions, there.instructions_offered) == (new, None)


async def test_a_tool_cannot_be_saved_over_one_of_another_workspace(db: Database) -> None:
    mine = await rows.connection(db)
    await rows.workspace(db, "T2")
    async with db.begin() as tables:
        await tables.tools.save([rows.tool(mine, title="mine")])
        await tables.tools.save([rows.tool(mine, title="theirs", workspace_id="T2")])
        [tool] = await tables.tools.of(T1, mine.id)
    assert tool.title == "mine"


async def test_a_secret_is_replaced_and_deleted_with_all_its_fields(db: Database) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        await tables.secrets.put(rows.secret("c1"))
        await tables.secrets.put(rows.secret("c1", key_id="k2"))
        await tables.secrets.put(rows.secret("c1", member=U2))
        found = await tables.secrets.get(T1, U1, "c1", "token")
        assert found and found.key_id == "k2"
        assert await tables.secrets.delete_of(T1, U1, "c1") == 1
        assert await tables.secrets.get(T1, U1, "c1", "token") is None
        assert await tables.secrets.get(T1, U2, "c1", "token")


def _newer(key: str, wrapped: bytes) -> tuple[str, bytes]:
    return "new", wrapped + b"+"


async def test_a_row_whose_key_does_not_open_is_passed_over_when_keys_change(db: Database) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        for number in range(3):
            await tables.secrets.put(rows.secret(f"c{number}", key_id="old"))
    opens = iter([True, False, True])
    async with db.begin() as tables:
        found = await tables.secrets.rewrap_some(["old"], lambda *_: ("new", b"n") if next(opens) else None, None)
    assert found.done == 2 and found.last and found.last.owner == "c2"
    async with db.read() as tables:
        (left,) = await tables.secrets.not_under("new", None, 9)
    assert (left.owner, left.key_id, left.wrapped_key) == ("c1", "old", b"w")


async def test_secrets_get_another_master_key_in_batches_and_each_once(db: Database) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        for number in range(25):
            await tables.secrets.put(rows.secret(f"c{number}", key_id="old" if number else "new"))

    async def rewrap() -> int:
        done, after = 0, None
        while True:
            async with db.begin() as tables:
                moved = await tables.secrets.rewrap_some(["old"], _newer, after, 4)
            done, after = done + moved.done, moved.last
            if not after:
                return done

    assert sum(await asyncio.gather(rewrap(), rewrap(), rewrap())) == 24
    async with db.read() as tables:
        assert await tables.secrets.key_ids() == {"new"}
        found = [await tables.secrets.get(T1, U1, f"c{number}", "token") for number in range(25)]
    assert [each.wrapped_key for each in found if each] == [b"w"] + [b"w+"] * 24


async def test_usage_says_what_was_called_and_how_it_went(db: Database) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        await tables.usage.add(T1, U1, "add_note", "done", 12, connection_id="c1", turn_id="t1")
        await tables.usage.add(T1, U2, "add_note", "failed", 3)
        [mine] = await tables.usage.of(T1, U1, since=NOON - 9999 * HOUR)
    assert (mine.tool, mine.outcome, mine.milliseconds, mine.connection_id) == ("add_note", "done", 12, "c1")


async def test_how_each_connection_is_used_is_told_for_it_alone(db: Database) -> None:
    used, unused = await rows.connection(db, "notes"), await rows.connection(db, "time")
    async with db.begin() as tables:
        await tables.usage.add(T1, U1, "add_note", "done", 12, connection_id=used.id)
        await tables.usage.add(T1, U1, "add_note", "failed", 3, connection_id=used.id)
        await tables.usage.add(T1, U1, "gone", "done", 3, connection_id="gone")
    async with db.read() as tables:
        found = await tables.usage.by_connection(T1, [used.id, unused.id], NOON - 9999 * HOUR)
        later = await tables.usage.by_connection(T1, [used.id], NOON + 9999 * HOUR)
        assert await tables.usage.by_connection("T2", [used.id], NOON) == {}
    assert (found[used.id].calls, found[unused.id].calls, later[used.id].calls) == (2, 0, 0)
    assert found[used.id].last == later[used.id].last and found[used.id].last is not None
    assert found[unused.id].last is None


async def test_a_leaving_connection_is_nowhere_and_comes_back_as_it_was(db: Database) -> None:
    mine = await rows.connection(db, "notes")
    async with db.begin() as tables:
        await tables.tools.save([rows.tool(mine, policy="always", state="accepted")])
        assert await tables.connections.leave(T1, U2, mine.id, NOON) is None
        left = await tables.connections.leave(T1, U1, mine.id, NOON)
        assert left and left.id == mine.id
        assert await tables.connections.leave(T1, U1, mine.id, NOON) is None
    async with db.read() as tables:
        assert await tables.connections.of(T1, U1) == []
        assert await tables.connections.get(T1, mine.id) is None
        assert await tables.connections.users_by_card(T1) == {}
        assert await tables.connections.slugs(T1, U1) == {"notes"}
        assert [each.id for each in await tables.connections.leaving(T1, U1)] == [mine.id]
    assert await db.standing.of(T1, U1, mine.id, "add_note") is None
    async with db.begin() as tables:
        assert await tables.connections.keep(T1, U2, mine.id, "Notes") is None
        assert await tables.connections.keep(T1, U1, mine.id, "Notes") is not None
        assert await tables.connections.keep(T1, U1, mine.id, "Notes") is None
        assert await tables.connections.users_by_card(T1) == {"custom": 1}
    assert await db.standing.of(T1, U1, mine.id, "add_note") == ("accepted", "always")


async def test_only_what_has_been_leaving_for_long_enough_is_removed(db: Database) -> None:
    mine = await rows.connection(db, "notes")
    async with db.begin() as tables:
        assert await tables.connections.remove(T1, U1, mine.id, left_by=NOON + HOUR) is None
        await tables.connections.leave(T1, U1, mine.id, NOON)
        assert await tables.connections.remove(T1, U1, mine.id, left_by=NOON - HOUR) is None
        assert await tables.connections.remove(T1, U1, mine.id, left_by=NOON) is not None
