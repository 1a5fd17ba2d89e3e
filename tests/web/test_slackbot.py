"""Slackbot at Usher's MCP server: for the member whom Slack's signature names, and for nobody else."""

import itertools
import json
import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from slack_sdk.signature import SignatureVerifier

from bot.services.links import Draft
from bot.services.tokens.access import Standing
from bot.services.tokens.forms import Kind
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import AccessToken
from tests.support.gemini import Scripted
from tests.web.caller import Answer, Caller
from tests.web.sidecar import OWNER, SIGNING, House, running

NUMBER = itertools.count(1)
"""No two requests of Slack's are alike."""
MINE = {"user_id": OWNER.id, "team_id": OWNER.workspace}
LOOKS = {"list_connections", "list_tools_of_connections", "test_connection", "list_temporary_chat_links"}


def message(method: str, slack: Any = None, **params: Any) -> dict[str, Any]:
    meta = {"_meta": {"slack": slack}} if slack else {}
    return {"jsonrpc": "2.0", "id": next(NUMBER), "method": method, "params": {**params, **meta}}


def call(tool: str, slack: Any = None, **arguments: Any) -> dict[str, Any]:
    return message("tools/call", slack, name=tool, arguments=arguments)


async def sent(
    house: House, told: Any, *, secret: str = SIGNING, ago: float = 0, body: str = "", **headers: str
) -> Answer:
    """As Slack does; ``body`` is what arrives in the place of what was signed."""
    text, stamp = json.dumps(told), str(int(time.time() - ago))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=text) or ""
    usual = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Sec-Fetch-Site": None}
    return await Caller(house.url).ask("POST", "/mcp", data=body or text, headers={**usual, **signed, **headers})


async def said(house: House, told: Any) -> str:
    answer = await sent(house, told)
    assert answer.status == 200, answer.text
    return "\n".join(each["text"] for each in answer.json["result"]["content"])


@pytest.fixture(autouse=True)
async def installed(house: House) -> None:
    async with house.db.begin() as tables:
        await tables.workspaces.ensure(OWNER.workspace)


async def own_tokens(house: House) -> list[AccessToken]:
    async with house.db.read() as tables:
        return list(await tables.session.scalars(sa.select(AccessToken).order_by(AccessToken.created_at)))


async def test_it_looks_for_its_member_and_passes_on_what_is_to_be_done(house: House) -> None:
    for member in (OWNER, Member(OWNER.workspace, "U2")):
        await house.links.create(member, Draft(f"Of {member.id}"))
    assert (await sent(house, message("initialize", **HELLO))).status == 200
    tools = (await sent(house, message("tools/list"))).json["result"]["tools"]
    assert {each["name"] for each in tools} == {*LOOKS, "search_memory", "ask_usher"}
    assert "“Of U1”" in (links := await said(house, call("list_temporary_chat_links", MINE))) and "Of U2" not in links
    assert await said(house, call("ask_usher", MINE, request="Make a chat link")) == "It is done."
    assert house.asked == [(OWNER, OWNER.workspace, "Make a chat link")]
    refused = await said(house, call("create_temporary_chat_link", MINE, title="At once"))
    assert "lacks the scope links:write" in refused and len(await house.links.of(OWNER)) == 1
    [row] = await own_tokens(house)
    assert (row.kind, row.member_id) == (Kind.INTERNAL, OWNER.id) and await house.tokens.of(OWNER) == []
    async with house.db.read() as tables:
        entries = {each.action: each for each in await tables.audit.of(OWNER.workspace)}
    assert (entries["token.created"].actor, entries["token.refused"].subject) == ("usher", row.id)


HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "Slackbot", "version": "1"}}


async def test_an_organisation_is_one_workspace_as_it_is_in_events(house: House) -> None:
    async with house.db.begin() as tables:
        await tables.workspaces.ensure("E1")
    await said(house, call("ask_usher", {**MINE, "enterprise_id": "E1"}, request="Hello"))
    assert house.asked == [(Member("E1", OWNER.id), OWNER.workspace, "Hello")]


async def test_what_is_not_signed_by_slack_now_and_as_it_is_gets_nothing(house: House) -> None:
    asked = call("ask_usher", MINE, request="Hello")
    others = json.dumps(call("ask_usher", {**MINE, "user_id": "U2"}, request="Hello"))
    for wrong in (
        {"secret": "another"},
        {"ago": 301},
        {"ago": -301},
        {"body": others},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "é"},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": ""},
    ):
        assert (await sent(house, asked, **wrong)).status == 401, wrong
    assert house.asked == [] and await own_tokens(house) == []


async def test_without_the_signing_secret_nobody_comes_in_by_a_signature(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, signed=False) as house:
        assert (await sent(house, message("tools/list"))).status == 401


async def test_for_nobody_it_may_look_which_tools_there_are_and_no_more(house: House) -> None:
    for whose in (None, {"user_id": OWNER.id}, {"team_id": OWNER.workspace}, {**MINE, "team_id": None}, ["U1"]):
        assert (await sent(house, call("list_connections", whose))).status == 401
    for method in ("resources/list", "prompts/list", "logging/setLevel"):
        assert (await sent(house, message(method))).status == 401
    assert (await sent(house, [call("ask_usher", MINE, request="Hello")])).status == 400, "one could speak for another"
    get = await Caller(house.url).ask("GET", "/mcp", headers={"X-Slack-Signature": "v0=0"})
    assert (get.status, get.headers["Allow"]) == (405, "POST")
    assert house.asked == []


async def test_a_request_that_somebody_saw_does_nothing_when_it_is_sent_again(house: House) -> None:
    asked = call("ask_usher", MINE, request="Hello")
    signed = float(int(time.time()))
    assert [(await sent(house, asked, ago=time.time() - signed)).status for _ in range(2)] == [200, 409]
    assert len(house.asked) == 1


async def test_whom_usher_does_not_serve_it_serves_by_slackbot_neither(house: House) -> None:
    elsewhere = {**MINE, "team_id": "T9"}
    assert (await sent(house, call("list_connections", elsewhere))).status == 403
    for standing in (Standing.TURNED_AWAY, Standing.UNKNOWN, Standing.GONE):
        house.standings.standing_is = standing
        assert (await sent(house, call("list_connections", MINE))).status == 403
    assert await own_tokens(house) == []
    house.standings.standing_is = Standing.MEMBER
    assert (await sent(house, call("list_connections", MINE))).status == 200
    assert await house.tokens.account_gone(OWNER) == 1
    house.standings.standing_is = Standing.GONE
    assert (await sent(house, call("list_connections", MINE))).status == 403


async def test_its_token_lives_ninety_days_and_is_renewed_before_they_are_over(house: House) -> None:
    await said(house, call("list_connections", MINE))
    await said(house, call("list_connections", MINE))
    [first] = await own_tokens(house)
    assert first.expires_at - first.created_at == timedelta(days=90)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(AccessToken).values(expires_at=now() + timedelta(days=13)))
    await said(house, call("list_connections", MINE))
    await said(house, call("list_connections", MINE))
    former, newer = await own_tokens(house)
    assert former.id == first.id and former.expires_at <= now() + timedelta(hours=1) < newer.expires_at
