"""server-everything, the protocol's own collection of what a server may do, over each of its transports."""

import json

import pytest

from tests.real_servers.conftest import Guest, Serve, Town
from tests.real_servers.programs import EVERYTHING, program
from tests.services.house import OWNER

TASKS_ONLY = "it can only be run as a task of its own, which is not possible here yet"
TOOLS = {
    *("echo", "get-annotated-message", "get-env", "get-resource-links", "get-resource-reference", "get-sum"),
    *("get-structured-content", "get-tiny-image", "gzip-file-as-resource", "trigger-long-running-operation"),
    *(
        "toggle-simulated-logging",
        "toggle-subscriber-updates",
        "trigger-elicitation-request",
        "trigger-url-elicitation",
    ),
}
"""Those for sampling and for roots are not among them: a server offers these to clients that say they have them."""


@pytest.fixture(params=["stdio", "streamableHttp", "sse"])
async def everything(request: pytest.FixtureRequest, town: Town, everything_at: Serve) -> Guest:
    if request.param == "stdio":
        return await town.program("Everything", program(EVERYTHING, "stdio"))
    path = "/sse" if request.param == "sse" else "/mcp"
    return await town.at("Everything", everything_at(request.param) + path)


async def test_every_tool_of_it_is_offered_and_the_one_that_cannot_be_is_named(everything: Guest) -> None:
    assert await everything.tools == TOOLS
    [view] = await everything.house.connections.of(OWNER)
    assert view.connection.left_out == [["simulate-research-query", TASKS_ONLY]]


QUESTIONS = {"trigger-elicitation-request": {}, "trigger-url-elicitation": {"url": "https://example.org/x"}}


@pytest.mark.parametrize("tool", QUESTIONS)
async def test_where_nobody_can_be_asked_a_question_in_a_call_is_declined_and_the_call_goes_on(
    everything: Guest, tool: str
) -> None:
    assert "decline" in await everything.output(tool, **QUESTIONS[tool])


async def test_words_and_numbers_come_back(everything: Guest) -> None:
    assert await everything.output("echo", message="grüß dich 👋") == "Echo: grüß dich 👋"
    assert "is 42" in await everything.output("get-sum", a=40, b=2)


async def test_a_wrong_argument_is_the_servers_own_words_for_the_model(everything: Guest) -> None:
    told = (await everything.call("get-sum", a="forty", b=2)).error
    assert told.startswith("The tool of Everything failed, and says: ") and "number" in told


async def test_a_structure_is_given_once(everything: Guest) -> None:
    weather = await everything.output("get-structured-content", location="Chicago")
    assert weather == {"temperature": 36, "conditions": "Light rain / drizzle", "humidity": 82}


async def test_an_image_is_a_file_for_the_model(everything: Guest) -> None:
    result = await everything.call("get-tiny-image")
    [image] = result.files
    assert image.mime == "image/png" and image.content.startswith(b"\x89PNG")
    annotated = await everything.call("get-annotated-message", messageType="error", includeImage=True)
    assert "Error" in annotated.output["result"] and len(annotated.files) == 1


async def test_links_to_resources_are_told_and_not_followed(everything: Guest) -> None:
    result = await everything.call("get-resource-links", count=3)
    assert len(result.output["links"]) == 3 and "demo://resource/" in json.dumps(result.output["links"])


@pytest.mark.parametrize("kind", ["Text", "Blob"])
async def test_a_resource_that_comes_with_the_answer_is_in_it(everything: Guest, kind: str) -> None:
    result = await everything.call("get-resource-reference", resourceType=kind, resourceId=1)
    assert not result.failed and "demo://resource/dynamic/" in json.dumps(result.output)


async def test_a_long_operation_is_waited_for(everything: Guest) -> None:
    told = await everything.output("trigger-long-running-operation", duration=0.2, steps=2)
    assert "completed" in told


async def test_what_a_server_pushes_meanwhile_disturbs_nothing(everything: Guest) -> None:
    for tool in ("toggle-simulated-logging", "toggle-subscriber-updates"):
        assert not (await everything.call(tool)).failed
    assert await everything.output("echo", message="still here") == "Echo: still here"


async def test_it_sees_nothing_of_our_environment_and_reaches_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-ours")
    everything = await town.program("Everything", program(EVERYTHING, "stdio"))
    environment = await everything.output("get-env")
    assert "xoxb-ours" not in str(environment) and "SLACK_BOT_TOKEN" not in str(environment)
    fetched = await everything.call("gzip-file-as-resource", name="x.gz", data="http://127.0.0.1:9/")
    assert "fetch failed" in fetched.error
