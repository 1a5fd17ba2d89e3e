"""What a result links to stands on its task card, each with the host that it leads to."""

from mcp import types
from mcp.server import MCPServer

from run_cards import custom
from tests.support.served import asgi, free_socket, port_of
from tests.support.slack import DM, OWNER, Usher

LINKS = [
    ("Issue 41", "https://github.com/acme/web/issues/41"),
    ("bank.example", "https://evil.example/"),
    ("bank", "https://bank.example@evil.example/"),
    ("a row", "db://rows/1"),
]


async def test_pages_that_a_result_links_to_are_sources_and_nothing_else_is(usher: Usher) -> None:
    server, listener = MCPServer("tracker", log_level="CRITICAL"), free_socket()

    @server.tool()
    async def find() -> list[types.TextContent | types.ResourceLink]:
        """Pages."""
        links = [types.ResourceLink(type="resource_link", name=name, uri=uri) for name, uri in LINKS]
        return [types.TextContent(type="text", text="https://not.example/ in the text"), *links]

    async with asgi(server.streamable_http_app(), listener):
        answers = {"name": "Tracker", "url": f"http://127.0.0.1:{port_of(listener)}/mcp"}
        made = await usher.services.connections.begin(usher.member, custom.CARD, answers)
        await usher.services.connections.choices.set_policy(usher.member, made.connection.id, "find", "always")
        usher.gemini.will_call(("tracker__find", {}))
        usher.gemini.will_say("There.")
        await usher.slack.person_says(OWNER, DM, "find it")
        answer = await usher.message_with("There.")
    [task] = [part for part in answer["parts"] if part["type"] == "task"]
    assert task["sources"] == [
        {"type": "url", "url": "https://github.com/acme/web/issues/41", "text": "Issue 41 (github.com)"},
        {"type": "url", "url": "https://evil.example/", "text": "bank.example (evil.example)"},
    ]
    assert usher.slack.refusals == []
