"""A server that repeats the secret it was sent: nobody reads it, whatever it stands in."""

import asyncio
import base64
import json
import logging
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from mcp import types

from mcp_runtime.specs import HttpSpec
from mcp_runtime.transports.fair_turns import FairTurns
from mcp_runtime.transports.mending.echoes import AT_ONCE, LEAST, LEFT_OUT, Echoes
from storage.database import Database
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.fair import Others
from tests.mcp_runtime.hand_made import LOOK, Body, HandMade, called, error, result, running

SECRET = "sb-private/key+123456"


def left_out(echoes: Echoes, message: types.JSONRPCMessage) -> None:
    asyncio.run(echoes.leave_out(message, FairTurns()))


def told(said: Any, *secrets: str) -> str:
    message = types.JSONRPCResponse(jsonrpc="2.0", id=1, result={"said": said})
    left_out(Echoes(lambda: secrets), message)
    return str(message.result["said"])


FORMS = [SECRET, f"Bearer {SECRET}", quote(SECRET, safe=""), f"x{SECRET}{SECRET}y"]
FORMS += [base64.b64encode(f"{before}{SECRET}:tail".encode()).decode() for before in ("", "a", "ab", "user:")]
FORMS += [base64.urlsafe_b64encode(SECRET.encode()).decode()]


@pytest.mark.parametrize("form", FORMS)
def test_it_is_left_out_in_the_forms_in_which_it_is_sent(form: str) -> None:
    assert LEFT_OUT in told(f"You sent {form}.", SECRET)
    for part in (SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode()[:20]):
        assert part not in told(f"You sent {form}.", SECRET)


def test_the_secret_within_a_secret_is_left_out_too() -> None:
    basic = "Basic " + base64.b64encode(b"anna:correct horse").decode()
    assert "correct horse" not in told("No: correct horse", basic)
    address = "postgresql://anna:p%40ssword1@db.example/x"
    assert told("p%40ssword1 p@ssword1", address) == f"{LEFT_OUT} {LEFT_OUT}"
    assert told("the db is away", address, "the") == "the db is away"


def test_what_is_no_secret_is_left_as_it_is() -> None:
    said = {"a": ["sb-private", 1, None, {"key": "123456"}]}
    message = types.JSONRPCResponse(jsonrpc="2.0", id=1, result=said)
    left_out(Echoes(lambda: [SECRET]), message)
    assert message.result == {"a": ["sb-private", 1, None, {"key": "123456"}]}


def test_a_renewed_token_is_known_at_once() -> None:
    held = ["first-token"]
    kept = Echoes(lambda: held)
    for token in ("first-token", "second-token"):
        held[:] = [token]
        message = types.JSONRPCNotification(jsonrpc="2.0", method="x", params={"message": f"with {token}"})
        left_out(kept, message)
        assert message.params == {"message": f"with {LEFT_OUT}"}


def test_no_depth_is_too_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: Any = "nothing"
    for _ in range(100_000):
        deep = [deep]
    message = types.JSONRPCNotification(jsonrpc="2.0", method="x", params={"deep": deep})
    left_out(Echoes(lambda: [SECRET]), message)
    assert message.params and message.params["deep"] is deep
    while deep := deep[0] if isinstance(deep, list) else None:  # or Python would end it all at once
        pass


ANSWERS: dict[str, Any] = {
    "text": lambda body, sent: result(body, {"content": [{"type": "text", "text": f"you sent {sent}"}]}),
    "structure": lambda body, sent: result(body, {"content": [], "structuredContent": {"x": [{sent: sent}]}}),
    "failure": lambda body, sent: result(body, {"isError": True, "content": [{"type": "text", "text": sent}]}),
    "error": lambda body, sent: error(body, 200, -32000, f"Bad credential {sent}"),
    "error over HTTP": lambda body, sent: error(body, 400, -32602, f"Bad credential {sent}"),
    "link": lambda body, sent: result(
        body, {"content": [{"type": "resource_link", "uri": f"https://x.example/?{SECRET}", "name": sent}]}
    ),
}


@pytest.mark.parametrize("answer", ANSWERS)
async def test_no_result_and_no_error_tells_it_to_the_model(
    make_pool: MakePool, connect: Connect, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running(HandMade()) as server:

        async def echo(body: Body, request: web.Request) -> web.StreamResponse:
            return ANSWERS[answer](body, request.headers["Authorization"])

        server.on_call = echo
        pool = make_pool("127.0.0.1")
        await connect(pool, HttpSpec(server.url), SECRET)
        given = await called(pool)
        await pool.close()
    assert server.calls == 1 and SECRET not in json.dumps([given.output, given.error])
    assert LEFT_OUT in json.dumps([given.output, given.error], ensure_ascii=False)
    ours = [each for each in caplog.records if not each.name.startswith(("asyncio", "aiosqlite", "sqlalchemy"))]
    assert not any(SECRET in each.getMessage() for each in ours)


@pytest.mark.parametrize("size", [0, 60_000], ids=["small", "read in a process of its own"])
async def test_no_definition_brings_it_into_the_database(
    make_pool: MakePool, connect: Connect, sqlite_db: Database, size: int
) -> None:
    """Of a large page each tool comes packed, so that nothing is seen in it until it is unpacked."""
    beside = [{**LOOK, "name": f"look_{each}", "description": "." * size} for each in range(6)]
    async with running(HandMade()) as server:

        async def echo(body: Body, request: web.Request) -> web.StreamResponse:
            told = {**LOOK, "description": f"For {request.headers['Authorization']}"}
            return result(body, {"tools": [told, *beside]})

        server.on_list = echo
        connection = await connect(make_pool("127.0.0.1"), HttpSpec(server.url), SECRET)
    async with sqlite_db.read() as tables:
        tool = await tables.tools.get(MEMBER.workspace, connection.id, LOOK["name"])
    assert tool is not None
    assert tool.description == f"For Bearer {LEFT_OUT}" and SECRET not in json.dumps(tool.definition)


def test_short_ones_are_not_looked_for() -> None:
    assert told("a test of it", "test") == "a test of it" and len("test") < LEAST


@pytest.mark.parametrize("at", [0, AT_ONCE - 3, 2 * AT_ONCE - len(SECRET) // 2, 6 * AT_ONCE])
async def test_in_a_text_of_megabytes_it_is_found_wherever_it_stands_and_others_have_their_turns(at: int) -> None:
    long = "x" * at + SECRET + "x" * (8 * AT_ONCE - at)
    message = types.JSONRPCNotification(jsonrpc="2.0", method="x", params={"rows": [1], "message": long})
    async with Others() as others:
        await Echoes(lambda: [SECRET]).leave_out(message, Impatient())
        assert others.turns >= at // AT_ONCE - 2
    assert message.params == {"rows": [1], "message": long.replace(SECRET, LEFT_OUT)}


class Impatient(FairTurns):
    """Lets others have their turns after each piece."""

    async def others(self) -> None:
        await asyncio.sleep(0)


def test_in_a_text_that_is_json_it_is_found_as_json_writes_it() -> None:
    secret = 'pass"word\\1'
    assert told(json.dumps({"token": secret}), secret) == json.dumps({"token": LEFT_OUT}, ensure_ascii=False)
