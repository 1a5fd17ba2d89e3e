"""Whole turns of the agent with servers by others: asked for, decided on, called, told."""

from pathlib import Path

import pytest

from tests.real_servers.conftest import Serve, Town
from tests.real_servers.programs import FILESYSTEM, program
from tests.services.house import OWNER
from tests.support.gemini import Scripted

FOLDER = "/srv/shared"


async def test_a_file_is_read_once_its_member_has_agreed(town: Town, gemini: Scripted, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("water the plants\n")
    tmp_path.chmod(0o755)
    await town.program("Files", program(FILESYSTEM, FOLDER, folders={FOLDER: tmp_path}))
    house = town.house
    async with house.worker():
        gemini.will_call(("files__read_text_file", {"path": f"{FOLDER}/notes.txt"}))
        await house.say("what is in my notes?")
        shown = await house.face.after()
        [question] = shown.bodies("approval")
        gemini.will_say("Water the plants.")
        await house.chats.decide(OWNER, question["id"], "approve")
        shown = await house.face.after(2)
    assert [body["state"] for body in shown.bodies("tool")] == ["started", "done"]
    assert shown.text == "Water the plants." and "water the plants" in str(gemini.responses())


async def test_an_image_of_a_tool_reaches_the_model(town: Town, gemini: Scripted, everything_at: Serve) -> None:
    everything = await town.at("Everything", f"{everything_at('streamableHttp')}/mcp")
    house = town.house
    await house.connections.choices.set_policy(OWNER, everything.made.connection.id, "get-tiny-image", "always")
    async with house.worker():
        gemini.will_call(("everything__get-tiny-image", {}))
        gemini.will_say("It is the logo of MCP.")
        await house.say("show me the image")
        shown = await house.face.after()
    assert shown.text == "It is the logo of MCP."
    assert "image/png" in str(gemini.heard())


@pytest.mark.parametrize("tool", ["get-structured-content", "get-resource-links", "trigger-long-running-operation"])
async def test_what_it_is_asked_for_comes_back_to_the_model(
    town: Town, gemini: Scripted, everything_at: Serve, tool: str
) -> None:
    everything = await town.at("Everything", f"{everything_at('streamableHttp')}/mcp")
    house = town.house
    await house.connections.choices.set_policy(OWNER, everything.made.connection.id, tool, "always")
    arguments = {"location": "Chicago"} if "content" in tool else {"duration": 0.1, "steps": 1}
    async with house.worker():
        gemini.will_call((f"everything__{tool}", {} if "links" in tool else arguments))
        gemini.will_say("There it is.")
        await house.say("go on")
        shown = await house.face.after()
    states = [body["state"] for body in shown.bodies("tool")]
    assert states[0] == "started" and states[-1] == "done" and set(states) == {"started", "done"}
    assert "untrusted output of Everything" in str(gemini.responses())
