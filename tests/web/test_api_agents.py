"""Agents and grants by the interface for programs: narrowed at once, on one's own connections alone."""

from datetime import timedelta

from bot.services.agents.agents import Agents
from bot.services.agents.values import AgentForm
from storage.members import Member
from storage.schema import now
from tests.storage import rows
from tests.web.sidecar import OWNER, House
from tests.web.test_api import NOWHERE, Program, problem, program

SCOPES = ("agents:read", "grants:read", "grants:write")


async def ledger(house: House, where: str = OWNER.workspace) -> str:
    """The id of an agent that is called so."""
    return (await Agents(house.db).make(Member(where, "U0"), AgentForm("Ledger"))).id


async def pair(house: House) -> dict[str, str]:
    connection = await rows.connection(house.db, where=OWNER.workspace)
    async with house.db.begin() as tables:
        await tables.tools.save([rows.tool(connection)])
    return {"agent": await ledger(house), "connection": connection.id}


async def allowed(caller: Program, which: dict[str, str], tool: str) -> bool:
    return bool((await caller.told("POST", "/permissions/validate", {**which, "tool": tool}))["allowed"])


async def test_what_is_granted_and_revoked_holds_for_the_next_look(house: House) -> None:
    which, caller = await pair(house), await program(house, *SCOPES)
    async with house.db.read() as tables:
        [tool] = [each.name for each in await tables.tools.of_many(OWNER.workspace, [which["connection"]])]
    assert "Ledger" in [each["name"] for each in (await caller.told("GET", "/agents"))["agents"]]
    assert await allowed(caller, which, tool) and not await allowed(caller, which, "no_such_tool")
    await caller.told("POST", "/permissions/revoke", which)
    assert not await allowed(caller, which, tool)
    [told] = (await caller.told("GET", f"/agents/{which['agent']}/permissions"))["permissions"]
    assert (told["connection"], told["barred"]) == (which["connection"], "revoked")
    await caller.told("POST", "/permissions/grant", {**which, "scope": "custom", "tools": ["another"]})
    assert not await allowed(caller, which, tool)
    until = (now() + timedelta(days=1)).isoformat()
    await caller.told("POST", "/permissions/grant", {**which, "scope": "full_access", "expires_at": until})
    assert await allowed(caller, which, tool)
    async with house.db.read() as tables:
        entries = [each for each in await tables.audit.of(OWNER.workspace) if each.action.startswith("grant.")]
    assert len(entries) == 3 and all(each.detail["token"] for each in entries)


async def test_admins_make_change_and_archive_agents_and_members_see_them(house: House) -> None:
    caller = await program(house, "agents:read", "agents:write")
    wanted = {"name": "Ledger", "scope": "read_only", "usd_a_month": 2.5}
    problem(await caller.ask("POST", "/agents", wanted), 403)
    house.standings.admins = True
    made = await caller.told("POST", "/agents", wanted)
    assert (made["name"], made["scope"], made["archived_at"]) == ("Ledger", "read_only", None)
    assert await Agents(house.db).limits(OWNER.workspace) == {made["id"]: 2_500_000}
    here = f"/agents/{made['id']}"
    changed = await caller.told("PUT", here, {"name": "Books", "asks_first": True})
    assert (changed["name"], changed["scope"], changed["asks_first"]) == ("Books", "full_access", True)
    assert await Agents(house.db).limits(OWNER.workspace) == {}, "what is left out is as usual"
    for wrong in ({"name": "?"}, {"name": "Books", "scope": "custom"}, {"name": "Books", "used": "channels"}):
        problem(await caller.ask("PUT", here, wrong), 422)
    assert (await caller.told("DELETE", here))["archived_at"]
    assert "Books" not in [each["name"] for each in (await caller.told("GET", "/agents"))["agents"]]
    assert (await caller.told("POST", f"{here}/bring-back"))["archived_at"] is None
    [usual] = [each for each in (await caller.told("GET", "/agents"))["agents"] if each["default"]]
    problem(await caller.ask("DELETE", f"/agents/{usual['id']}"), 409)
    elsewhere = await program(house, "agents:write", member=Member("T2", "U1"))
    for method, path, body in [("PUT", here, wanted), ("DELETE", here, None), ("POST", f"{here}/bring-back", None)]:
        problem(await elsewhere.ask(method, path, body), 404)
    house.standings.admins = False
    problem(await caller.ask("DELETE", here), 403)


async def test_a_grant_is_checked_and_anothers_is_not_there(house: House) -> None:
    which, caller = await pair(house), await program(house, *SCOPES)
    for wrong in (
        {"scope": "everything"},
        {"scope": "custom"},
        {"scope": "full_access", "expires_at": "yesterday"},
        {"scope": "full_access", "expires_at": "2020-01-01T00:00:00Z"},
        {"scope": "full_access", "expires_at": "2999-01-01T00:00:00"},
    ):
        problem(await caller.ask("POST", "/permissions/grant", {**which, **wrong}), 422)
    strangers = [await program(house, *SCOPES, member=each) for each in (Member("T1", "U2"), Member("T2", "U1"))]
    for other in strangers:
        problem(await other.ask("POST", "/permissions/grant", {**which, "scope": "full_access"}), 404)
        problem(await other.ask("POST", "/permissions/revoke", which), 404)
        problem(await other.ask("POST", "/permissions/validate", {**which, "tool": "x"}), 404)
    problem(await strangers[1].ask("GET", f"/agents/{which['agent']}/permissions"), 404)
    problem(await caller.ask("GET", f"/agents/{NOWHERE}/permissions"), 404)
    reads = await program(house, "grants:read")
    problem(await reads.ask("POST", "/permissions/grant", {**which, "scope": "full_access"}), 403)
