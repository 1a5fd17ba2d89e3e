"""A tool that was found among many is still there when its call was asked about and Usher began anew meanwhile."""

from mcp.server.mcpserver import MCPServer

from storage.database import Database
from tests.services.house import OWNER, open_house
from tests.support.gemini import Scripted
from tests.support.served import asgi, free_socket, port_of

FIND = "usher__find_tools"
MANY = 62


def office(done: list[str]) -> MCPServer:
    server = MCPServer("Office", log_level="ERROR")

    def drawer(number: int) -> None:
        @server.tool(name=f"open_drawer_{number}", description=f"Opens drawer number {number} of the cabinet.")
        async def opened() -> str:
            return "opened"

    for number in range(MANY):
        drawer(number)

    @server.tool(name="water_plants", description="Waters the plants on the window sill.")
    async def water() -> str:
        done.append("watered")
        return "watered"

    return server


async def test_it_outlives_the_pause_and_the_restart(sqlite_db: Database, gemini: Scripted) -> None:
    done: list[str] = []
    listening = free_socket()
    async with asgi(office(done).streamable_http_app(), listening):
        async with open_house(sqlite_db, gemini.model) as house, house.worker("one"):
            await house.connect(f"http://127.0.0.1:{port_of(listening)}/mcp", "Office")
            gemini.will_call((FIND, {"query": "water plants", "service": "Office"}))
            gemini.will_call(("office__water_plants", {}))
            await house.say("open drawer 7, and the other thing")
            asked = (await house.face.after()).bodies("approval")[-1]["id"]
            await house.told()
        before = names(gemini)
        assert "office__water_plants" in before and len(before) < MANY
        async with open_house(sqlite_db, gemini.model) as house, house.worker("two"):
            gemini.will_say("They are watered.")
            await house.chats.decide(OWNER, asked, "approve")
            assert (await house.face.after()).text == "They are watered."
    assert done == ["watered"] and names(gemini) == before


def names(gemini: Scripted) -> list[str]:
    return [each["name"] for each in gemini.asked[-1].body["tools"][0]["functionDeclarations"]]
