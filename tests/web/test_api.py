"""The interface for programs: by a token, within what that and its member may do, in one form whatever goes wrong."""

import asyncio
import html
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services.links import Draft
from bot.services.tokens.access import Standing, Wanted, make
from bot.services.tokens.pace import MINUTE
from bot.web.api.describing import description
from bot.web.api.paging import cursor_after
from bot.web.api.routes import OPERATIONS
from storage.members import Member
from storage.repositories.work.rates import SECOND
from storage.tables import ApiRequest, Connection, ModelUsage
from tests.web.caller import Answer, Caller
from tests.web.sidecar import OWNER, House

ALL = ("links:read", "links:write", "connections:read", "usage:read", "audit:read")
KEY = "k" * 16
NOWHERE = "00000000-0000-7000-8000-000000000000"


@dataclass
class Program:
    """What holds a token."""

    house: House
    token: str

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Sec-Fetch-Site": None}
        data = None if body is None else body if isinstance(body, bytes | AsyncIterator) else json.dumps(body).encode()
        return await Caller(self.house.url).ask(method, f"/api/v1{path}", data=data, headers={**sent, **headers})

    async def told(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.ask(method, path, body, **headers)
        assert answer.status < 300, answer.text
        return json.loads(answer.text)


async def program(house: House, *scopes: str, member: Member = OWNER) -> Program:
    async with house.db.begin() as tables:
        await tables.workspaces.ensure(member.workspace)
        return Program(house, (await make(tables, member, Wanted("Test", scopes or ALL))).token)


def problem(answer: Answer, status: int) -> dict[str, Any]:
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    told: dict[str, Any] = json.loads(answer.text)
    assert told["status"] == status and told["title"]
    return told


async def test_a_program_makes_a_link_that_guests_can_open_and_ends_it(house: House) -> None:
    caller = await program(house)
    wanted = {"title": "Supplier survey", "guests": 3, "questions": ["How many?"], "hours": 2}
    made = await caller.told("POST", "/links", wanted)
    assert (made["state"], made["most_guests"], made["questions"]) == ("live", 3, ["How many?"])
    guest = Caller(house.url)
    await guest.start(made["url"])
    one = await caller.told("GET", f"/links/{made['id']}")
    assert one["guests"] == 1 and "url" not in one
    usage = await caller.told("GET", f"/links/{made['id']}/usage")
    assert usage["guests"] == {"started": 1, "chatting": 1, "wrote": 0, "answered_all": 0, "left_early": 0}
    [result] = (await caller.told("GET", f"/links/{made['id']}/results"))["results"]
    assert result["answers"] == [{"question": "How many?", "answer": None}] and not result["complete"]
    assert (await caller.told("DELETE", f"/links/{made['id']}"))["state"] == "revoked"
    assert (await Caller(house.url).ask("GET", made["url"])).status == 404
    async with house.db.read() as tables:
        entries = {each.action: each for each in await tables.audit.of(OWNER.workspace)}
    [row] = await house.tokens.of(OWNER)
    for action in ("link.created", "link.exported", "link.revoked"):
        assert (entries[action].actor, entries[action].detail["token"]) == (OWNER.id, row.id)


async def test_links_come_in_pages_and_each_once(house: House) -> None:
    caller = await program(house)
    made = [(await house.link(f"Link {number}")).link.id for number in range(5)]
    seen, cursor = [], ""
    while True:
        page = await caller.told("GET", f"/links?limit=2&cursor={cursor}")
        seen += [each["id"] for each in page["links"]]
        if len(seen) == 2:
            await house.link("In between")
        if not (cursor := page["next"]):
            break
    assert seen == made[::-1]
    for wrong in ("nonsense", "WyJ4Il0", "e30", "W10", "WzFd", "//4"):
        told = problem(await caller.ask("GET", f"/links?cursor={wrong}"), 422)
        assert told["errors"][0]["field"] == "cursor"


async def test_the_same_request_with_the_same_key_is_done_once(house: House) -> None:
    caller = await program(house)
    wanted, key = {"title": "Once"}, {"Idempotency-Key": KEY}
    first, again = [await caller.told("POST", "/links", wanted, **key) for _ in range(2)]
    assert first == again and len(await house.links.of(OWNER)) == 1
    told = problem(await caller.ask("POST", "/links", {"title": "Another"}, **key), 422)
    assert told["errors"][0]["field"] == "Idempotency-Key"
    other = await program(house)
    assert (await other.told("POST", "/links", wanted, **key))["id"] != first["id"], "a key is its own token's"
    at_once = await asyncio.gather(
        *(caller.ask("POST", "/links", {"title": "At once"}, **{"Idempotency-Key": "m" * 16}) for _ in range(4))
    )
    assert {each.status for each in at_once} <= {201, 409}
    assert [each.title for each in await house.links.of(OWNER)].count("At once") == 1
    async with house.db.read() as tables:
        kept = list(await tables.session.scalars(sa.select(ApiRequest.answer)))
    assert all(answer and b"/temp-chat/" not in answer for answer in kept), "the address lies sealed"
    refused = {"Idempotency-Key": "r" * 16}
    problem(await caller.ask("POST", "/links", {"title": "Long", "hours": 8000}, **refused), 422)
    assert (await caller.told("POST", "/links", {"title": "Long"}, **refused))["title"] == "Long"
    problem(await caller.ask("POST", "/links", wanted, **{"Idempotency-Key": "short"}), 422)


async def test_a_token_is_good_for_its_scopes_alone_and_only_while_it_lives(house: House) -> None:
    reads = await program(house, "links:read")
    assert "links:write" in problem(await reads.ask("POST", "/links", {"title": "No"}), 403)["detail"]
    assert await reads.told("GET", "/me") | {"token": ""} == {
        "workspace": OWNER.workspace,
        "member": OWNER.id,
        "token": "",
        "scopes": ["links:read"],
    }
    [row] = await house.tokens.of(OWNER)
    await house.tokens.revoke(OWNER, row.id)
    answer = await reads.ask("GET", "/me")
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for kind in ("Basic", "", "Bearer Bearer"):
        problem(await reads.ask("GET", "/me", Authorization=f"{kind} {reads.token}"), 401)


async def test_a_token_that_is_revoked_while_a_request_is_on_its_way_does_nothing_any_more(house: House) -> None:
    caller = await program(house)
    [row] = await house.tokens.of(OWNER)

    async def body() -> AsyncIterator[bytes]:
        yield b'{"title": '
        await house.tokens.revoke(OWNER, row.id)
        yield b'"Survey"}'

    problem(await caller.ask("POST", "/links", body()), 401)
    assert await house.links.of(OWNER) == []


async def test_the_audit_is_for_admins_as_long_as_they_are(house: House) -> None:
    caller, link = await program(house), await house.link()
    assert "admins" in problem(await caller.ask("GET", "/audit"), 403)["detail"]
    problem(await caller.ask("GET", "/audit"), 403)
    house.standings.admins = True
    page = await caller.told("GET", "/audit?limit=2")
    assert [each["action"] for each in page["entries"]] == ["token.refused", "link.created"]
    assert page["entries"][0]["outcome"] == "refused" and page["entries"][1]["subject"] == link.link.id
    [first] = (await caller.told("GET", f"/audit?cursor={page['next']}"))["entries"]
    assert first["action"] == "token.created" and first["number"] == 1
    found = await caller.told("GET", "/audit?action=link.created")
    assert [each["subject"] for each in found["entries"]] == [link.link.id] and found["next"] is None
    assert (await caller.told("GET", f"/audit?actor={OWNER.id}x"))["entries"] == []
    house.standings.admins = False
    problem(await caller.ask("GET", "/audit"), 403)


async def test_nobody_sees_or_ends_what_is_anothers(house: House) -> None:
    mine = await house.link()
    for other in (Member(OWNER.workspace, "U2"), Member("T2", OWNER.id)):
        caller = await program(house, member=other)
        assert (await caller.told("GET", "/links"))["links"] == []
        for method, path in [("GET", ""), ("GET", "/usage"), ("GET", "/results"), ("DELETE", "")]:
            answer = await caller.ask(method, f"/links/{mine.link.id}{path}")
            missing = await caller.ask(method, f"/links/{NOWHERE}{path}")
            assert problem(answer, 404) == problem(missing, 404)
    assert len(await house.links.of(OWNER)) == 1


async def test_a_link_gets_more_time_is_paused_and_goes_on(house: House) -> None:
    caller = await program(house)
    made = await caller.told("POST", "/links", {"title": "Survey", "hours": 2})
    here = f"/links/{made['id']}"
    longer = await caller.told("POST", f"{here}/extend", {"hours": 3})
    ends = [datetime.fromisoformat(each["expires_at"]) for each in (made, longer)]
    assert ends[1] - ends[0] == timedelta(hours=3)
    assert (await caller.told("POST", f"{here}/pause"))["state"] == "paused"
    assert (await Caller(house.url).start(made["url"])).status != 201
    assert (await caller.told("POST", f"{here}/resume"))["state"] == "live"
    assert (await Caller(house.url).start(made["url"])).status == 201
    problem(await caller.ask("POST", f"{here}/extend", {"hours": 8_000}), 409)
    problem(await caller.ask("POST", f"{here}/extend", {"hours": -1}), 422)
    other = await program(house, member=Member(OWNER.workspace, "U2"))
    for path, body in [("extend", {"hours": 1}), ("pause", None), ("resume", None)]:
        problem(await other.ask("POST", f"{here}/{path}", body), 404)
    await caller.told("DELETE", here)
    problem(await caller.ask("POST", f"{here}/pause"), 409)


async def test_admins_set_budgets_and_nobody_else_sees_them(house: House) -> None:
    caller = await program(house, "usage:read", "budgets:write")
    problem(await caller.ask("GET", "/budgets"), 403)
    problem(await caller.ask("PUT", "/budgets", {"whose": "workspace", "usd": 1}), 403)
    house.standings.admins = True
    for whose, usd in [("workspace", 50), ("members", 5), ("U2", 0.25)]:
        told = await caller.told("PUT", "/budgets", {"whose": whose, "usd": usd})
    assert (told["limit_usd"], told["each_member_usd"], told["of_their_own"]) == (50, 5, {"U2": 0.25})
    await caller.told("PUT", "/budgets", {"whose": "U2", "usd": None})
    assert (await caller.told("GET", "/budgets"))["of_their_own"] == {}
    for wrong in ({"whose": "agent:x", "usd": 1}, {"whose": "U2", "usd": -1}, {"whose": "U2"}, {"whose": "", "usd": 1}):
        problem(await caller.ask("PUT", "/budgets", wrong), 422)
    async with house.db.read() as tables:
        entries = [each for each in await tables.audit.of(OWNER.workspace) if each.action == "budget.limited"]
    assert len(entries) == 4 and all(each.detail["token"] for each in entries)
    reads = await program(house, "usage:read")
    problem(await reads.ask("PUT", "/budgets", {"whose": "workspace", "usd": 1}), 403)


async def test_a_member_sees_the_figures_of_their_own_use_and_an_admin_everybodys_in_pages(house: House) -> None:
    made = await house.link()
    async with house.db.begin() as tables:
        row = {"workspace_id": OWNER.workspace, "card": "notes", "title": "Notes", "slug": "n", "spec": {}}
        held = await tables.connections.add(Connection(**row, member_id=OWNER.id))
        for tool, member in [("add", OWNER.id)] * 5 + [("look", OWNER.id), ("add", "U2")]:
            outcome = "failed" if tool == "look" else "done"
            whose = (OWNER.workspace, member, tool, outcome, 100)
            await tables.usage.add(*whose, connection_id=held.id, left_out=400)
        asked = {"workspace_id": OWNER.workspace, "purpose": "answer", "prompt": 90, "money": 50_000}
        brought = [[held.id, "add", 40]]
        mine = ModelUsage(id="r1", member_id=OWNER.id, link_id=made.link.id, **asked)
        await tables.model_usage.add(OWNER.workspace, [mine])
        await tables.model_usage.add(OWNER.workspace, [ModelUsage(id="r2", member_id="U2", brought=brought, **asked)])
    caller = await program(house)
    mine = (await caller.told("GET", "/analytics"))["figures"]
    assert [(each["key"], each["tool"], each["calls"], each["success"]) for each in mine] == [
        ("notes", "add", 5, 1.0),
        ("notes", "look", 1, None),
    ]
    assert (mine[0]["left_out_tokens"], mine[0]["seconds"], mine[1]["failed"]) == (500, 0.1, 1)
    [link] = (await caller.told("GET", "/analytics?by=link"))["figures"]
    assert (link["title"], link["usd"], link["prompt_tokens"]) == (made.link.title, 0.05, 90)
    [one] = (await caller.told("GET", "/analytics?by=connection&days=1"))["figures"]
    assert (one["key"], one["title"], one["calls"]) == (held.id, "Notes", 7)
    assert "admins" in problem(await caller.ask("GET", "/analytics/workspace"), 403)["detail"]
    house.standings.admins = True
    first = await caller.told("GET", "/analytics/workspace?limit=1")
    assert (first["figures"][0]["calls"], first["figures"][0]["result_tokens"]) == (6, 40)
    second = await caller.told("GET", f"/analytics/workspace?limit=1&cursor={first['next']}")
    assert (second["figures"][0]["tool"], second["next"]) == ("look", None)
    for by, keys in (("member", ["U1", "U2"]), ("link", [made.link.id]), ("agent", [""]), ("purpose", ["answer"])):
        found = await caller.told("GET", f"/analytics/workspace?by={by}")
        assert [each["key"] for each in found["figures"]] == keys, by
    for wrong in ("by=words", "days=0", "cursor=nonsense", f"cursor={cursor_after('x')}"):
        problem(await caller.ask("GET", f"/analytics?{wrong}"), 422)
    async with house.db.read() as tables:
        assert [each.subject for each in await tables.audit.of(OWNER.workspace) if each.action == "token.refused"]


async def test_whatever_is_wrong_is_told_in_one_form(house: House) -> None:
    caller = await program(house)
    problem(await caller.ask("GET", "/nothing"), 404)
    problem(await caller.ask("GET", "/links/x"), 404)
    answer = await caller.ask("PATCH", "/links")
    problem(answer, 405)
    assert answer.headers["Allow"] == "GET,POST"
    problem(await caller.ask("POST", "/links", b"{"), 400)
    problem(await caller.ask("POST", "/links", b"[" * 100_000), 413)
    problem(await caller.ask("POST", "/links", b"[" * 50_000), 400)
    problem(await caller.ask("POST", "/links", b"title=x", **{"Content-Type": "text/plain"}), 415)
    problem(await caller.ask("POST", "/links", b"{}", **{"Content-Type": "application/json; charset=nonsense"}), 415)
    told = problem(await caller.ask("POST", "/links", {"title": "", "guests": "3", "colour": "red"}), 422)
    assert {each["field"] for each in told["errors"]} == {"title", "guests", "colour"}
    told = problem(await caller.ask("POST", "/links", {"title": "Long", "questions": ["x" * 500]}), 422)
    assert [each["field"] for each in told["errors"]] == ["questions"]
    problem(await caller.ask("GET", "/links?limit=2&limit=3"), 422)
    problem(await caller.ask("GET", "/links?limit=0"), 422)
    problem(await caller.ask("GET", "/me?as=U2"), 422)


async def test_a_token_that_asks_too_often_waits_and_another_does_not(house: House) -> None:
    caller, other = await program(house), await program(house)
    before = await caller.ask("GET", "/me")
    assert before.headers["RateLimit-Policy"] == '"default";q=300;w=60'
    [row] = [each for each in await house.tokens.of(OWNER) if each.tail == caller.token[-4:]]
    async with house.db.begin() as tables:
        at = time.time_ns() // 1_000 + MINUTE.window + 60 * SECOND
        await tables.rates.hold(f"api:{row.id}", at)
    answer = await caller.ask("GET", "/me")
    problem(answer, 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 61 and "r=0" in answer.headers["RateLimit"]
    assert (await other.ask("GET", "/me")).status == 200


async def test_who_may_not_ask_usher_may_not_by_a_program(house: House) -> None:
    caller = await program(house)
    house.standings.standing_is = Standing.TURNED_AWAY
    problem(await caller.ask("GET", "/links"), 401)


async def test_connections_and_usage_are_told_without_secrets(house: House) -> None:
    caller = await program(house)
    assert await caller.told("GET", "/connections") == {"connections": []}
    month = await caller.told("GET", "/usage")
    assert month["own"]["requests"] == 0 and month["limit_usd"] is None


async def test_the_description_is_made_of_the_same_table_and_can_be_read_without_a_token(house: House) -> None:
    caller = Caller(house.url)
    told = json.loads((await caller.ask("GET", "/api/v1/openapi.json")).text)
    assert told == json.loads(json.dumps(description(OPERATIONS, house.url)))
    assert told["openapi"].startswith("3.1")
    page = await caller.ask("GET", "/api/v1/docs", headers={"Accept": "text/html"})
    assert page.status == 200 and "<script" not in page.text
    names = {model.__name__ for each in OPERATIONS for model in (each.answer, each.body) if model}
    assert names <= set(told["components"]["schemas"]), "each shape has a name of its own"
    for each in OPERATIONS:
        assert f'id="{each.name}"' in page.text and each.summary in html.unescape(page.text)


async def test_the_first_to_ask_are_answered_alike_and_only_under_its_own_path(house: House) -> None:
    caller = await program(house)
    first = await asyncio.gather(*(caller.ask("GET", "/links") for _ in range(3)))
    assert [each.status for each in first] == [200, 200, 200]
    problem(await caller.ask("PUT", "/links"), 405)
    for under in ("/nothing", "/", ""):
        problem(await caller.ask("GET", under), 404)
    for beside in ("/api/v1x/links", "/api"):
        answer = await Caller(house.url).ask("GET", beside)
        assert answer.status == 404 and "problem" not in answer.headers["Content-Type"]


@pytest.mark.parametrize("draft", [Draft("Mine")])
async def test_what_was_made_in_slack_is_there_too(house: House, draft: Draft) -> None:
    await house.links.create(OWNER, draft)
    assert [each["title"] for each in (await (await program(house)).told("GET", "/links"))["links"]] == ["Mine"]
