"""server-everything in the middle of its calls: it asks a person, tells how far it is, and is broken off."""

import asyncio
from typing import Any

import pytest

from mcp_runtime.sessions.pool import MemberTools
from mcp_runtime.tools.asking.elicitation import ElicitationReply, ElicitationRequest
from mcp_runtime.tools.progress import Progress, heard_by
from mcp_runtime.tools.tools import ToolCall
from tests.real_servers.conftest import Guest, Serve, Town
from tests.real_servers.programs import EVERYTHING, program
from tests.services.house import OWNER


@pytest.fixture(params=["stdio", "streamableHttp", "sse"])
async def everything(request: pytest.FixtureRequest, town: Town, everything_at: Serve) -> Guest:
    if request.param == "stdio":
        return await town.program("Everything", program(EVERYTHING, "stdio"))
    path = "/sse" if request.param == "sse" else "/mcp"
    return await town.at("Everything", everything_at(request.param) + path)


class Person:
    def __init__(self, reply: ElicitationReply) -> None:
        self.reply = reply
        self.asked: list[ElicitationRequest] = []

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        self.asked.append(request)
        return self.reply

    async def completed(self, connection_id: str, number: str) -> None:
        raise AssertionError("it opens no page")


def call(tools: MemberTools, own_name: str, **arguments: Any) -> ToolCall:
    return ToolCall("", next(each.name for each in tools.tools if each.own_name == own_name), arguments)


async def test_its_form_is_asked_with_all_its_kinds_of_fields_and_the_answer_reaches_it(everything: Guest) -> None:
    person = Person(ElicitationReply("accept", {"name": "Ada", "check": True, "untitledSingleSelectEnum": "Monica"}))
    tools = await everything.house.pool.toolset(OWNER, asker=person)
    given = await tools.call(call(tools, "trigger-elicitation-request"))
    assert person.asked, given
    (request,) = person.asked
    kinds = {member.get("type") for member in request.schema["properties"].values()}
    assert {"string", "boolean", "integer", "number", "array"} <= kinds
    assert not given.failed, given.error
    assert "Ada" in str(given.output)


async def test_a_no_and_a_call_without_anybody_to_ask_are_told_to_it(everything: Guest) -> None:
    tools = await everything.house.pool.toolset(OWNER, asker=Person(ElicitationReply("decline")))
    assert "declined" in str((await tools.call(call(tools, "trigger-elicitation-request"))).output)
    nobody = await everything.house.pool.toolset(OWNER)
    assert "declined" in str((await nobody.call(call(nobody, "trigger-elicitation-request"))).output)


async def test_how_far_it_is_is_heard(everything: Guest) -> None:
    heard: list[Progress] = []
    tools = await everything.house.pool.toolset(OWNER)
    with heard_by(heard.append):
        given = await tools.call(call(tools, "trigger-long-running-operation", duration=0.4, steps=4))
    assert not given.failed
    assert [each.words for each in heard][:2] == ["1 of 4", "2 of 4"]


async def test_a_call_that_is_broken_off_leaves_the_session_as_it_was(everything: Guest) -> None:
    tools = await everything.house.pool.toolset(OWNER)
    heard = asyncio.Event()
    with heard_by(lambda _: heard.set()):
        long = asyncio.create_task(tools.call(call(tools, "trigger-long-running-operation", duration=60, steps=300)))
    await asyncio.wait_for(heard.wait(), 60)
    long.cancel()
    await asyncio.wait({long})
    assert long.cancelled()
    assert await everything.output("echo", message="here") == "Echo: here"


async def test_what_is_no_tool_of_it_is_listed_and_read(everything: Guest) -> None:
    offered = everything.house.connections.offered
    offers = await offered.of(everything.made.connection)
    assert offers.resources and offers.templates and offers.prompts
    text = await offered.with_resource(everything.made.connection, offers.resources[0].uri, "It", "What is it?")
    assert text.startswith("What is it?") and "\n> " in text
