"""The SDK names each fault of what is handed to it: a message of which nothing is mended has a bound of its own."""

from typing import Any

import pytest

from mcp_runtime.errors import TooBig
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.tools import ToolCall
from mcp_runtime.transports import tolerant_answers
from mcp_runtime.transports.bounded_messages import MAX_MEMBERS, MAX_OBJECTS, too_much
from mcp_runtime.transports.mending.oddities import Oddities
from storage.tables import Connection
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.odd_server import HELLO, OddServer, odd

MANY = [{}] * (MAX_OBJECTS + 1)
BOTH = {**HELLO, "capabilities": {"tools": {}, "resources": {}, "prompts": {}}}


@pytest.mark.parametrize(
    ("value", "much"),
    [
        (None, False),
        ({}, False),
        ({"a": [1, {"b": None}]}, False),
        ({"a": [1] * MAX_MEMBERS}, True),
        ({"a": [[]] * MAX_OBJECTS}, True),
        ({"a": "x" * 10 * MAX_MEMBERS}, False),
        ({"resources": [{"uri": "a:b", "name": "n", "description": "d", "annotations": {}}] * 1000}, False),
    ],
)
def test_so_many_objects_are_too_much_however_they_lie(value: Any, much: bool) -> None:
    assert too_much(value) is much


async def _connected(make_pool: MakePool, connect: Connect, server: OddServer) -> tuple[Pool, Connection]:
    pool = make_pool("127.0.0.1", call_timeout=60.0)
    return pool, await connect(pool, HttpSpec(server.url), title="Odd")


@pytest.mark.parametrize("method", ["resources/list", "prompts/list", "resources/templates/list"])
async def test_a_list_with_faults_without_number_is_too_big_and_the_rest_goes_on(
    make_pool: MakePool, connect: Connect, method: str
) -> None:
    name = {"resources/list": "resources", "prompts/list": "prompts"}.get(method, "resourceTemplates")
    sound = {"resources/list": {"resources": []}, "prompts/list": {"prompts": []}}
    server = OddServer({"initialize": BOTH, **sound, method: {name: MANY}})
    async with odd(server):
        pool, connection = await _connected(make_pool, connect, server)
        with pytest.raises(TooBig):
            await pool.ask(connection, lambda client: _asked(client, name))
        assert not (await (await pool.toolset(MEMBER)).call(ToolCall("", "odd__look"))).failed
        await pool.close()


async def _asked(client: Any, name: str) -> Any:
    asking = {"resources": client.list_resources, "prompts": client.list_prompts}
    return await asking.get(name, client.list_resource_templates)()


async def test_a_question_of_a_server_without_end_is_refused_and_a_notification_passed_over() -> None:
    sent: list[Any] = []

    class Sent:
        async def send(self, item: Any) -> None:
            sent.append(item.message)

    answers = tolerant_answers.TolerantAnswers(None, Oddities())  # type: ignore[arg-type]
    answers._write = Sent()
    message = {"jsonrpc": "2.0", "method": "elicitation/create", "params": {"a": MANY}}
    types = tolerant_answers.types
    for item in (types.JSONRPCRequest(id=3, **message), types.JSONRPCNotification(**message)):
        assert await answers._inbound(tolerant_answers.SessionMessage(item)) is None
    assert [(each.id, each.error.code) for each in sent] == [(3, types.INVALID_PARAMS)]
