"""What is worked out of a tool's definition is so once for each pin, and kept while there is room."""

import pytest

from mcp_runtime.sessions.looking_through import MORE, routed
from mcp_runtime.specs import HttpSpec, as_json
from mcp_runtime.tools import toolsets
from mcp_runtime.tools.changes import pinned
from mcp_runtime.tools.kept import Kept
from mcp_runtime.tools.pins import offered
from mcp_runtime.tools.policies.terms import usual
from mcp_runtime.tools.toolsets import key_of
from storage.database import Database
from storage.tables import Connection, PinnedTool
from tests.mcp_runtime.conftest import MEMBER, MakePool
from tests.mcp_runtime.fair import Others


def made(kept: Kept[str], key: str, weight: int = 1) -> bool:
    """Whether it had to be made."""
    new: list[str] = []

    def make() -> tuple[str, int]:
        new.append(key)
        return key.upper(), weight

    assert kept.of(key, make) == key.upper()
    return bool(new)


def test_it_is_made_once_and_what_was_used_longest_ago_makes_room() -> None:
    kept: Kept[str] = Kept(10)
    assert made(kept, "a", 4) and not made(kept, "a", 4)
    assert made(kept, "b", 4) and not made(kept, "a")
    assert made(kept, "c", 4)
    assert "a" in kept and "c" in kept and "b" not in kept


def test_what_is_larger_than_all_the_room_is_not_kept_and_costs_nothing_else_its_place() -> None:
    kept: Kept[str] = Kept(10)
    assert made(kept, "a", 10) and made(kept, "z", 11) and made(kept, "z", 11)
    assert "a" in kept
    assert made(kept, "b", 1) and "a" not in kept


CONNECTION = Connection(id="c1", workspace_id="T1", member_id="U1", card="custom", title="Notes", slug="notes", spec={})


def rows(number: int) -> list[PinnedTool]:
    schema = {"type": "object", "properties": {f"p{at}": {"description": "x"} for at in range(200)}}
    definitions = [{"name": f"t{at}", "description": f"kept {number}", "inputSchema": schema} for at in range(number)]
    return [pinned(CONNECTION, offered(each)) for each in definitions]


async def test_a_definition_is_looked_through_once_for_all_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    described = toolsets.described

    def counted(schema: object) -> object:
        looked.append("")
        return described(schema)

    monkeypatch.setattr(toolsets, "described", counted)
    mine = rows(7)
    for _ in range(3):
        found, _ = await routed([CONNECTION], mine, usual)
        assert len(looked) == 7
    assert [each.tool.pin for each in found] == [each.pin for each in mine]
    assert found[0].tool.schema["properties"]["p0"] == {"description": "x"}


async def test_while_many_are_looked_through_others_have_their_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcp_runtime.transports.fair_turns.SLICE", 0.0)
    async with Others() as others:
        await routed([CONNECTION], rows(60), usual)
        assert others.turns >= 50


async def test_what_is_more_than_a_turn_can_hold_is_not_read_and_its_member_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ten servers may have two megabytes of definitions each."""
    mine = rows(9)
    monkeypatch.setattr(toolsets, "MAX_HELD", 4 * len(mine[0].definition_json) + 10)
    read: list[str] = []
    whole = PinnedTool.definition
    monkeypatch.setattr(PinnedTool, "definition", property(lambda row: read.append(row.name) or whole.fget(row)))
    found, told = await routed([CONNECTION], mine, usual)
    assert [each.row.name for each in found] == ["t0", "t1", "t2", "t3"] and len(read) <= 4
    assert told == [MORE.format(5, 4)]
    wanted = {key_of(mine[8])}
    assert [each.row.name for each in (await routed([CONNECTION], mine, usual, wanted))[0]] == ["t8"]


async def test_at_a_turn_no_definition_is_read_that_was_read_before(
    sqlite_db: Database, make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sqlite_db.begin() as tables:
        await tables.workspaces.ensure(MEMBER.workspace)
        row = Connection(workspace_id=MEMBER.workspace, member_id=MEMBER.id, card="custom", title="Notes", slug="n")
        row.spec = as_json(HttpSpec("https://notes.example/mcp"))
        of = await tables.connections.add(row)
        await tables.tools.save(
            [pinned(of, offered(each.definition | {"description": "at a turn"})) for each in rows(3)]
        )
    pool = make_pool()
    assert len((await pool.toolset(MEMBER)).tools) == 3
    monkeypatch.setattr(PinnedTool, "definition", property(lambda row: pytest.fail("read again")))
    assert [each.own_name for each in (await pool.toolset(MEMBER)).tools] == ["t0", "t1", "t2"]
