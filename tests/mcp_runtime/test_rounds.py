"""A server ends a round with what it wants to know: all of it is asked, or nothing, and the call is made again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from mcp_runtime.errors import AsksOn, TooSlow, WantsTooMuch
from mcp_runtime.offerings import asking
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.asking import rounds
from mcp_runtime.tools.asking.elicitation import ElicitationReply, ElicitationRequest
from mcp_runtime.tools.policies.terms import Terms
from mcp_runtime.tools.tools import ToolCall, ToolResult
from storage.tables import Connection
from tests.mcp_runtime.asking_in_rounds import PAGE, PATIENT, make_server
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.servers import asgi, free_socket, port_of

How = Callable[[Pool, Connection, str], Awaitable[str]]
WORDS = {"For whom?": {"name": "Ada"}, "Where to?": {"town": "Turin"}, "Sure?": {"word": "yes"}, "And?": {"word": "no"}}


@pytest.fixture
async def spec() -> AsyncIterator[HttpSpec]:
    listener = free_socket()
    async with asgi(make_server().streamable_http_app(), listener):
        yield HttpSpec(f"http://127.0.0.1:{port_of(listener)}/mcp")


@dataclass
class Person:
    """Answers when as many questions are there as are asked ``at_once``; ``declines`` some of them."""

    at_once: int = 1
    declines: tuple[str, ...] = ()
    asked: list[ElicitationRequest] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        self.asked.append(request)
        if len(self.asked) >= self.at_once:
            self.enough.set()
        await asyncio.wait_for(self.enough.wait(), 60)
        if request.message in self.declines:
            return ElicitationReply("decline")
        return ElicitationReply("accept", WORDS.get(request.message))

    async def completed(self, connection_id: str, number: str) -> None:
        raise AssertionError("nothing of this revision tells so")


async def called(
    spec: HttpSpec, make_pool: MakePool, connect: Connect, tool: str, person: Person | None, **options: Any
) -> ToolResult:
    pool = make_pool("127.0.0.1", elicits=True, **options)
    await connect(pool, spec, title="Shop")
    return await (await pool.toolset(MEMBER, asker=person)).call(ToolCall("", f"shop__{tool}"))


async def test_forms_and_a_page_are_asked_at_once_and_each_answer_goes_where_it_belongs(
    spec: HttpSpec, make_pool: MakePool, connect: Connect
) -> None:
    person = Person(at_once=3)
    given = await called(spec, make_pool, connect, "order", person)
    assert given.output["result"] == "pay=accept, where=accept/Turin, who=accept/Ada, sure=accept/yes"
    assert {each.message for each in person.asked[:3]} == {"For whom?", "Where to?", "Please pay."}
    assert [each.message for each in person.asked[3:]] == ["Sure?"]
    assert {each.tool for each in person.asked} == {"Order"}


async def test_it_is_we_who_wait_for_what_is_done_on_a_page(
    spec: HttpSpec, make_pool: MakePool, connect: Connect
) -> None:
    person = Person(at_once=3)
    await called(spec, make_pool, connect, "order", person)
    assert {each.url: bool(each.hold) for each in person.asked} == {"": False, PAGE: True}


async def test_a_no_to_one_of_them_is_no_answer_to_the_others(
    spec: HttpSpec, make_pool: MakePool, connect: Connect
) -> None:
    person = Person(at_once=3, declines=("Where to?", "Please pay."))
    given = await called(spec, make_pool, connect, "order", person)
    assert given.output["result"] == "pay=decline, where=decline, who=accept/Ada, sure=accept/yes"


async def test_where_nobody_can_answer_all_is_declined_at_once(
    spec: HttpSpec, make_pool: MakePool, connect: Connect
) -> None:
    given = await called(spec, make_pool, connect, "order", None)
    assert given.output["result"] == "pay=decline, where=decline, who=decline, sure=decline"


@pytest.mark.parametrize("tool", ["think", "look_around"])
async def test_nobody_is_asked_for_a_call_that_wants_what_no_server_is_given(
    tool: str, spec: HttpSpec, make_pool: MakePool, connect: Connect
) -> None:
    person = Person()
    given = await called(spec, make_pool, connect, tool, person)
    assert given.error.startswith("Shop wanted a model or folders of Usher's, which no server is given")
    assert person.asked == []


async def test_a_server_may_bid_to_wait_as_long_as_a_call_may_take(
    spec: HttpSpec, make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "LONGEST_PAUSE", rounds.FIRST_PAUSE / 10)
    assert PATIENT > rounds.MOST_ROUNDS
    given = await called(spec, make_pool, connect, "brew", None)
    assert given.output["result"] == "brewed"


async def test_a_server_that_bids_to_wait_for_ever_is_broken_off_when_the_time_is_up(
    spec: HttpSpec, make_pool: MakePool, connect: Connect
) -> None:
    given = await called(spec, make_pool, connect, "brew", None, terms=lambda _: Terms(seconds=0.3))
    assert given.timed_out and "may still have happened" in given.error


async def test_a_server_that_asks_on_and_on_is_broken_off(
    spec: HttpSpec, make_pool: MakePool, connect: Connect
) -> None:
    person = Person()
    given = await called(spec, make_pool, connect, "nag", person)
    assert given.error.startswith("Shop asked for something again and again")
    assert len(person.asked) == rounds.MOST_ROUNDS


async def read(pool: Pool, connection: Connection, kind: str) -> str:
    contents = await pool.ask(connection, lambda client: asking.contents(client, "Shop", f"cup://{kind}"))
    return str(contents.output["result"])


async def run(pool: Pool, connection: Connection, kind: str) -> str:
    text, _ = await pool.ask(connection, lambda client: asking.prompt_text(client, "pour", {"kind": kind}))
    return text


@pytest.mark.parametrize("how", [read, run])
async def test_resources_and_prompts_come_in_the_same_bounds(
    how: How, spec: HttpSpec, make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "LONGEST_PAUSE", rounds.FIRST_PAUSE / 10)
    pool = make_pool("127.0.0.1", elicits=True)
    connection = await connect(pool, spec, title="Shop")
    assert "brewed" in await how(pool, connection, "brew")
    with pytest.raises(AsksOn):
        await how(pool, connection, "nag")
    with pytest.raises(WantsTooMuch):
        await how(pool, connection, "think")
    async with pool._db.read() as tables:
        row = await tables.connections.get(connection.workspace_id, connection.id)
    assert row is not None and row.status == "connected"


@pytest.mark.parametrize("how", [read, run])
async def test_one_that_bids_to_wait_for_ever_is_broken_off_too(
    how: How, spec: HttpSpec, make_pool: MakePool, connect: Connect
) -> None:
    pool = make_pool("127.0.0.1", elicits=True)
    connection = await connect(pool, spec, title="Shop")
    await pool.listing(connection)
    pool._call_timeout = 0.3  # from here on: to open a session may take longer
    with pytest.raises(TooSlow):
        await how(pool, connection, "brew")
