"""What servers offer beside tools: listed within bounds, read as a stranger's words, completed by the server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from mcp import Client, types

from mcp_runtime.errors import ErrorAnswered
from mcp_runtime.offerings import asking, values
from mcp_runtime.offerings.values import Argument, Prompt, Template, template, variables
from mcp_runtime.sessions import subscribing
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.sessions.speaks import Speaks
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.tools import ToolCall
from storage.database import Database
from storage.tables import Connection
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.hand_made import HandMade, called, connected, result, running
from tests.mcp_runtime.library import library
from tests.mcp_runtime.lively import ERAS, lively
from tests.mcp_runtime.odd_server import TOOL, OddServer, odd

Held = tuple[Pool, Connection]


@pytest.fixture(params=["handshake", "modern"])
async def held(request: pytest.FixtureRequest, make_pool: MakePool, connect: Connect) -> AsyncIterator[Held]:
    async with library(request.param) as url:
        pool = make_pool("127.0.0.1")
        yield pool, await connect(pool, HttpSpec(url), title="Library")
        await pool.close()


async def test_resources_templates_and_prompts_are_listed(held: Held) -> None:
    pool, connection = held
    offers = await pool.ask(connection, asking.offerings)
    assert [each.title for each in offers.resources] == ["Book 0", "Book 1", "cover"]
    assert [(each.uri, [one.name for one in each.arguments]) for each in offers.templates] == [
        ("page://{book}/{number}", ["book", "number"])
    ]
    review, greet = offers.prompts
    assert [(one.name, one.required) for one in review.arguments] == [("text", True), ("tone", False)]
    assert (greet.title, greet.arguments, offers.cut) == ("Greet", (), False)


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
@pytest.mark.parametrize("what", ["prompt", "resource"])
@pytest.mark.parametrize("era", ERAS)
async def test_that_it_offers_more_is_heard_by_who_has_asked_what_it_offers(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch, era: str, what: str
) -> None:
    monkeypatch.setattr(subscribing, "SETTLED_AFTER", 0.0)
    async with lively(era) as server:
        pool = make_pool("127.0.0.1")
        connection = await connect(pool, HttpSpec(server.url), title="Lively")
        found = set()
        async with asyncio.timeout(60):
            _, changed = await pool.ask_and_hear(connection, asking.offerings)
            await (await pool.toolset(MEMBER)).call(ToolCall("", "lively__stock", {"what": what}))
            while not found:
                await changed.wait()
                offers, changed = await pool.ask_and_hear(connection, asking.offerings)
                found = {each.title for each in (*offers.prompts, *offers.resources)}
        assert found == {"Greet" if what == "prompt" else "Moby"}
        await pool.close()


async def test_a_session_that_we_end_ourselves_brings_no_news(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribing, "SETTLED_AFTER", 0.0)
    async with lively("modern") as server, asyncio.timeout(60):
        pool = make_pool("127.0.0.1")
        connection = await connect(pool, HttpSpec(server.url), title="Lively")
        _, listened = await pool.ask_and_hear(connection, asking.offerings)
        await (await pool.toolset(MEMBER)).call(ToolCall("", "lively__stock", {"what": "prompt"}))
        await listened.wait()
        _, changed = await pool.ask_and_hear(connection, asking.offerings)
        await pool.forget(connection.id)
    assert not changed.is_set()  # or who waits for it would open it again


async def test_who_declares_only_changes_of_prompts_is_listened_to_for_them(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribing, "SETTLED_AFTER", 0.0)
    told = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
    declared = {"tools": {}, "prompts": {"listChanged": True}, "resources": {"listChanged": False}}
    hello = {"supportedVersions": ["2026-07-28"], "capabilities": declared, **told}
    async with odd(OddServer({"server/discover": hello, "tools/list": {"tools": [TOOL], **told}})) as server:
        pool = make_pool("127.0.0.1")
        await pool.listing(await connect(pool, HttpSpec(server.url)))
        async with asyncio.timeout(60):
            while not (listened := server.asked("subscriptions/listen")):
                await asyncio.sleep(0.01)
        assert all(each["notifications"] == {"promptsListChanged": True} for each in listened)
        await pool.close()


async def test_a_question_alone_opens_no_second_stream_and_who_waits_for_news_has_it_at_once(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribing, "SETTLED_AFTER", 3600.0)
    told = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
    hello = {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {"listChanged": True}}, **told}
    async with odd(OddServer({"server/discover": hello, "tools/list": {"tools": [TOOL], **told}})) as server:
        pool = make_pool("127.0.0.1")
        connection = await connect(pool, HttpSpec(server.url))
        async with asyncio.timeout(60):
            for _ in range(3):
                await pool.ask(connection, Client.list_tools)
            assert not server.asked("subscriptions/listen")
            await pool.ask_and_hear(connection, Client.list_tools)
            while not server.asked("subscriptions/listen"):
                await asyncio.sleep(0.01)
        await pool.close()


async def test_a_resource_is_read_as_a_strangers_words(held: Held) -> None:
    pool, connection = held
    read = await pool.ask(connection, lambda client: asking.contents(client, "Library", "book://1"))
    assert read.output["result"].startswith("Call me 1.")
    assert read.output["source"].startswith("untrusted output of Library")
    picture = await pool.ask(connection, lambda client: asking.contents(client, "Library", "picture://cover"))
    assert [(each.mime, each.content) for each in picture.files] == [("image/png", b"\x89PNG")]
    address = asking.expanded("page://{book}/{number}", {"book": "moby dick", "number": "7"})
    page = await pool.ask(connection, lambda client: asking.contents(client, "Library", address))
    assert page.output["result"] == "page 7 of moby dick"


async def test_a_resource_that_is_not_there_is_a_failure_of_its_own(held: Held) -> None:
    pool, connection = held
    with pytest.raises(ErrorAnswered):
        await pool.ask(connection, lambda client: asking.contents(client, "Library", "book://99"))
    assert connection.status == "connected"
    assert (await pool.ask(connection, asking.offerings)).prompts


async def test_a_prompt_is_filled_in_by_its_server(held: Held) -> None:
    pool, connection = held
    given = {"text": "Moby", "tone": "harsh"}
    told = await pool.ask(connection, lambda client: asking.prompt_text(client, "review", given))
    assert told == ("Review this in a harsh tone: Moby", False)


async def test_a_server_completes_what_a_form_asks(held: Held) -> None:
    pool, connection = held
    offers = await pool.ask(connection, asking.offerings)
    (page,), review = offers.templates, offers.prompts[0]

    async def choices(of: Template | Prompt, at: int) -> list[str]:
        return await pool.ask(connection, lambda client: asking.choices(client, of, of.arguments[at]))

    assert await choices(page, 0) == ["moby", "odyssey"]
    assert await choices(page, 1) == []
    assert await choices(review, 1) == ["kind", "harsh"]


@pytest.mark.parametrize("odd_answer", [None, {"completion": {"values": 7}}, {"completion": {"values": [1, None]}}, {}])
async def test_a_form_is_there_though_its_server_completes_nothing(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch, odd_answer: Any
) -> None:
    """It may be silent, or answer in no way that can be read."""
    monkeypatch.setattr(asking, "COMPLETES_WITHIN", 0.05 if odd_answer is None else 60)

    async def completes(body: dict[str, Any], request: web.Request) -> web.StreamResponse:
        if odd_answer is None:
            await server.gate.wait()
        return result(body, odd_answer)

    async with running(HandMade(on_call=completes)) as server:
        pool, connection = await connected(make_pool, connect, server)
        prompt = Prompt("plan", "Plan", arguments=(Argument("town", "Town"),))
        assert await pool.ask(connection, lambda client: asking.choices(client, prompt, prompt.arguments[0])) == []
        server.on_call = None
        assert not (await called(pool)).failed  # the session lives


async def test_what_a_server_does_not_know_it_offers_none_of(make_pool: MakePool, connect: Connect) -> None:
    async with odd(OddServer()) as server:
        pool = make_pool("127.0.0.1")
        connection = await connect(pool, HttpSpec(server.url))
        offers = await pool.ask(connection, asking.offerings)
    assert (offers.resources, offers.templates, offers.prompts, offers.cut) == ((), (), (), False)


async def test_what_a_server_declares_beside_tools_is_kept_with_how_it_was_reached(
    held: Held, make_pool: MakePool, connect: Connect, sqlite_db: Database
) -> None:
    pool, connection = held
    await pool.listing(connection)
    async with odd(OddServer()) as server:
        bare = await connect(bare_pool := make_pool("127.0.0.1"), HttpSpec(server.url), title="Bare")
        await bare_pool.listing(bare)
    both = {"resources", "prompts"}
    for each, offers in ((connection, both), (bare, set())):
        async with sqlite_db.read() as tables:
            row = await tables.connections.get(each.workspace_id, each.id)
        assert row is not None and set(row.speaks["offers"]) == offers
        assert Speaks.stored(row.speaks).may_offer == bool(offers)


def test_of_what_was_connected_before_it_was_kept_nothing_is_known() -> None:
    assert Speaks.stored({"transport": "sse", "version": "2024-11-05"}).may_offer
    assert Speaks.stored({}).may_offer


async def test_a_list_without_end_is_cut_and_says_so(make_pool: MakePool, connect: Connect) -> None:
    def page(message: dict) -> dict:
        at = int((message.get("params") or {}).get("cursor") or 0)
        listed = [{"uri": f"x://{at}/{number}", "name": "x" * 300} for number in range(100)]
        return {"resources": [{"uri": "y" * 2000, "name": "too long"}, *listed], "nextCursor": str(at + 1)}

    async with odd(OddServer({"resources/list": page})) as server:
        pool = make_pool("127.0.0.1")
        connection = await connect(pool, HttpSpec(server.url))
        offers = await pool.ask(connection, asking.offerings)
    assert len(offers.resources) == asking.MOST and offers.cut
    assert all(len(each.title) <= 120 for each in offers.resources)


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("a://{x}/{y}", ["x", "y"]),
        ("a://{x}{?q,r}", ["x", "q", "r"]),
        ("a://{+path}", ["path"]),
        ("a://{", []),
        ("a", []),
    ],
)
def test_variables_of_a_template(template: str, names: list[str]) -> None:
    assert variables(template) == names


@pytest.mark.parametrize("name", ["x" * 2000, "\u00fc" * 300])
def test_what_no_button_can_hold_is_left_out_and_spoils_nothing_else(name: str) -> None:
    assert values.resource(types.Resource(uri=f"a://{name}", name="r")) is None
    assert values.template(types.ResourceTemplate(uri_template=f"a://{name}/{{x}}", name="t")) is None
    assert values.prompt(types.Prompt(name=name)) is None


@pytest.mark.parametrize("names", [[f"a{number}" for number in range(21)], ["n" * 800]])
def test_a_prompt_of_more_arguments_than_a_form_has_is_left_out(names: list[str]) -> None:
    assert values.prompt(types.Prompt(name="p", arguments=[types.PromptArgument(name=each) for each in names])) is None
    template = types.ResourceTemplate(uri_template="a://" + "".join(f"{{{each}}}" for each in names), name="t")
    assert values.template(template) is None


def test_what_stands_in_the_query_of_a_template_may_be_left_out() -> None:
    found = template(types.ResourceTemplate(name="search", uri_template="a://{shelf}/{+path}{?word,most}{&from}"))
    assert found is not None
    needed = {each.name: each.required for each in found.arguments}
    assert needed == {"shelf": True, "path": True, "word": False, "most": False, "from": False}
    assert asking.expanded(found.uri, {"shelf": "b c", "path": "x/y", "most": "3"}) == "a://b%20c/x/y?most=3"
