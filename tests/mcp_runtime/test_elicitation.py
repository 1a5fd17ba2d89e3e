"""A server asks in the middle of a call: whoever the call is for is asked, and nobody else, and for nothing secret."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mcp_runtime.programs import PROGRAMS, Program, python
from mcp_runtime.specs import HttpSpec, ServerSpec, StdioSpec
from mcp_runtime.tools.asking import elicitation
from mcp_runtime.tools.asking.elicitation import ElicitationReply, ElicitationRequest, unfit
from mcp_runtime.tools.policies.terms import Terms
from mcp_runtime.tools.tools import ToolCall, ToolResult
from storage.tables import Connection
from tests.mcp_runtime.asking import PAGE, make_server
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.lively import of_old
from tests.mcp_runtime.servers import asgi, free_socket, port_of

OLD = "2025-11-25"
BOOKED = {"name": "Ada", "guests": 4, "food": "fish", "window": True}


@dataclass
class Answerer:
    """The person; ``answer`` may take as long as it likes."""

    reply: ElicitationReply
    wait: float = 0.0
    private: bool = True
    asked: list[ElicitationRequest] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        self.asked.append(request)
        await asyncio.sleep(self.wait)
        return self.reply

    async def completed(self, connection_id: str, number: str) -> None:
        self.done.append(number)


@dataclass
class Together(Answerer):
    """Answers only when both questions are there."""

    both: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        self.asked.append(request)
        if len(self.asked) == 2:
            self.both.set()
        await asyncio.wait_for(self.both.wait(), 60)
        return self.reply


# A program takes longer to start than all else: what it alone could do otherwise is tried with it, the rest without.
WITH_A_PROGRAM = pytest.mark.parametrize("spec", ["handshake", "modern", "program"], indirect=True)


@pytest.fixture(params=["handshake", "modern"])
async def spec(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ServerSpec]:
    if request.param == "program":
        programs: dict[str, Program] = PROGRAMS  # type: ignore[assignment]
        monkeypatch.setitem(programs, "asking", python(str(Path(__file__).parent / "asking.py")))
        yield StdioSpec("asking")
        return
    listener = free_socket()
    app = make_server().streamable_http_app()
    async with asgi(app if request.param == "modern" else of_old(app), listener):
        yield HttpSpec(f"http://127.0.0.1:{port_of(listener)}/mcp")


async def called(
    spec: ServerSpec, make_pool: MakePool, connect: Connect, tool: str, person: Answerer | None, **options: Any
) -> ToolResult:
    pool = make_pool("127.0.0.1", elicits=True, **options)
    await connect(pool, spec, title="Asking")
    return await (await pool.toolset(MEMBER, asker=person)).call(ToolCall("", f"asking__{tool}"))


@WITH_A_PROGRAM
async def test_what_a_person_fills_in_reaches_the_call(spec: ServerSpec, make_pool: MakePool, connect: Connect) -> None:
    person = Answerer(ElicitationReply("accept", BOOKED))
    given = await called(spec, make_pool, connect, "book", person)
    assert given.output["result"] == "Ada, 4, fish, True"
    (request,) = person.asked
    assert (request.server, request.tool, request.message) == ("Asking", "Book", "For whom is the table?")
    assert set(request.schema["properties"]) == set(BOOKED)


async def test_a_no_is_a_no(spec: ServerSpec, make_pool: MakePool, connect: Connect) -> None:
    given = await called(spec, make_pool, connect, "wipe", Answerer(ElicitationReply("decline")))
    assert given.failed and "wiped" not in given.error


async def test_the_time_of_a_call_rests_while_a_person_is_asked(
    spec: ServerSpec, make_pool: MakePool, connect: Connect
) -> None:
    person = Answerer(ElicitationReply("accept", BOOKED), wait=2.2)
    given = await called(spec, make_pool, connect, "book", person, terms=lambda _: Terms(seconds=2.0))
    assert given.output["result"] == "Ada, 4, fish, True"


async def test_where_nobody_can_answer_it_is_declined_at_once(
    spec: ServerSpec, make_pool: MakePool, connect: Connect
) -> None:
    given = await called(spec, make_pool, connect, "wipe", None)
    assert given.failed and not given.timed_out


async def test_nobody_is_asked_for_a_key_and_the_model_hears_why(
    spec: ServerSpec, make_pool: MakePool, connect: Connect
) -> None:
    person = Answerer(ElicitationReply("accept", {"api_key": "hunter2"}))
    given = await called(spec, make_pool, connect, "log_in", person)
    assert person.asked == []
    assert "looks like a password or key (api_key)" in given.error
    assert "hunter2" not in given.error


@WITH_A_PROGRAM
async def test_each_of_two_calls_at_once_asks_in_its_own_name(
    spec: ServerSpec, make_pool: MakePool, connect: Connect
) -> None:
    named = await asked_at_once(spec, make_pool, connect)
    assert named == {"For whom is the table?": "Book", "Really delete <!channel> everything?": "Wipe"}


async def test_no_call_is_named_where_it_may_be_either(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of the older kind asks over its one stream, which tells nothing of the call."""
    programs: dict[str, Program] = PROGRAMS  # type: ignore[assignment]
    monkeypatch.setitem(programs, "asking", python(str(Path(__file__).parent / "asking.py")))
    named = await asked_at_once(StdioSpec("asking"), make_pool, connect, {"transport": "program", "version": OLD})
    assert named == {"For whom is the table?": "", "Really delete <!channel> everything?": ""}


@pytest.mark.parametrize("alone", [True, False])
async def test_what_may_be_of_another_turn_is_not_asked_in_a_thread_that_others_read(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    programs: dict[str, Program] = PROGRAMS  # type: ignore[assignment]
    monkeypatch.setitem(programs, "asking", python(str(Path(__file__).parent / "asking.py")))
    pool = make_pool("127.0.0.1", elicits=True)
    await connect(pool, StdioSpec("asking"), title="Asking")
    async with pool._db.begin() as tables:
        await tables.session.execute(sa.update(Connection).values(speaks={"transport": "program", "version": OLD}))
    first = Together(ElicitationReply("decline"), private=alone)
    second = Together(ElicitationReply("decline"), private=False)
    turns = [(await pool.toolset(MEMBER, asker=first), "book"), (await pool.toolset(MEMBER, asker=second), "wipe")]
    given = await asyncio.gather(*(tools.call(ToolCall("", f"asking__{name}")) for tools, name in turns))
    assert second.asked == [] and all(each.failed for each in given)
    assert len(first.asked) == (2 if alone else 0)


async def asked_at_once(
    spec: ServerSpec, make_pool: MakePool, connect: Connect, speaks: dict[str, str] | None = None
) -> dict[str, str]:
    """Which tool is named with each question."""
    person = Together(ElicitationReply("decline"))
    pool = make_pool("127.0.0.1", elicits=True)
    await connect(pool, spec, title="Asking")
    if speaks:
        async with pool._db.begin() as tables:
            await tables.session.execute(sa.update(Connection).values(speaks=speaks))
    tools = await pool.toolset(MEMBER, asker=person)
    await asyncio.gather(*(tools.call(ToolCall("", f"asking__{name}")) for name in ("book", "wipe")))
    return {each.message: each.tool for each in person.asked}


@pytest.fixture
async def of_2025() -> AsyncIterator[ServerSpec]:
    listener = free_socket()
    async with asgi(of_old(make_server().streamable_http_app()), listener):
        yield HttpSpec(f"http://127.0.0.1:{port_of(listener)}/mcp")


async def test_a_page_is_named_and_its_end_is_heard(of_2025: ServerSpec, make_pool: MakePool, connect: Connect) -> None:
    person = Answerer(ElicitationReply("accept"))
    given = await called(of_2025, make_pool, connect, "pay", person)
    assert given.output["result"] == "accept"
    assert [(each.url, each.hold) for each in person.asked] == [(PAGE, None)]  # its server waits for it
    async with asyncio.timeout(60):  # it is told on another stream than the answer
        while not person.done:
            await asyncio.sleep(0.01)
    assert person.done == ["pay-1"]


async def test_a_call_that_is_refused_until_a_page_is_done_is_made_again_then(
    of_2025: ServerSpec, make_pool: MakePool, connect: Connect
) -> None:
    person = Answerer(ElicitationReply("accept"))
    given = await called(of_2025, make_pool, connect, "pay_first", person)
    assert given.output["result"] == "paid"
    assert [(each.url, bool(each.hold)) for each in person.asked] == [(PAGE, True)]


async def test_a_page_that_nobody_opens_leaves_the_call_refused(
    of_2025: ServerSpec, make_pool: MakePool, connect: Connect
) -> None:
    given = await called(of_2025, make_pool, connect, "pay_first", Answerer(ElicitationReply("decline")))
    assert given.failed and "Asking refused the call" in given.error


def asking(message: str) -> ElicitationRequest:
    return ElicitationRequest(
        "S", "c", "t", message, schema={"type": "object", "properties": {"x": {"type": "string"}}}
    )


def nested(levels: int) -> dict[str, object]:
    found: dict[str, object] = {"type": "string"}
    for _ in range(levels):
        found = {"anyOf": [found]}
    return found


def form(**members: object) -> ElicitationRequest:
    return ElicitationRequest("S", "c", "t", "?", schema={"type": "object", "properties": members})


@pytest.mark.parametrize(
    "request_",
    [
        form(password={"type": "string"}),
        form(userPassword={"type": "string"}),
        form(x={"type": "string", "title": "API key"}),
        form(x={"type": "string", "description": "Your GitHub personal access token"}),
        form(x={"type": "string", "format": "password"}),
        form(secret={"type": "boolean"}),
        form(x={"type": "object", "properties": {}}),
        form(x={"type": "array", "items": {"type": "string"}}),
        form(x={"anyOf": [{"type": "object"}, {"type": "null"}]}),
        form(x={"anyOf": [{"type": "string", "title": "API key"}, {"type": "null"}]}),
        form(x={"oneOf": [{"type": "string", "format": "password"}]}),
        form(x={"anyOf": [{"type": "null"}]}),
        form(x={"anyOf": "string"}),
        form(x={"type": ["string", "object"]}),
        form(x={"type": None}),
        form(x={}),
        form(x="string"),
        form(**{f"f{number}": {"type": "string"} for number in range(elicitation.MOST_FIELDS + 1)}),
        ElicitationRequest("S", "c", "t", "?", url="javascript:alert(1)"),
        ElicitationRequest("S", "c", "t", "?", url="http://pay.example/"),
        ElicitationRequest("S", "c", "t", "?", url="https://paypal.com@evil.example/"),
        ElicitationRequest("S", "c", "t", "?", url="https://p\u0430ypal.com/"),
        ElicitationRequest("S", "c", "t", "?", url="https:///nowhere"),
        ElicitationRequest("S", "c", "t", "?", url="https://evil.example\\paypal.com"),
        form(x={"type": "string", "title": "Pass\u200bword"}),
        form(x={"type": "string", "title": "P\u0430ssw\u043erd"}),
        form(x={"type": "string", "title": "\uff30assword"}),
        form(x={"type": "string", "title": "Mot de passe"}),
        form(x={"type": "string", "description": "Enter your password. It is not stored."}),
        form(x={"type": "string", "description": "Your password, which we never share"}),
        form(x={"type": "string", "description": "Do not enter your name here, enter your password"}),
        form(x={"type": "string", "description": "Do not put your name, but your password"}),
        form(x={"type": "string", "title": "P a s s w o r d"}),
        form(x={"type": "string", "title": "p.a.s.s.w.o.r.d"}),
        form(x=nested(2_000)),
        asking("To go on, please enter your GitHub password."),
        asking("Your session is over. What is your password?"),
        asking("Paste an API key below (it is not kept)"),
        ElicitationRequest("S", "c", "t", "?", url="https://[::1"),
    ],
)
def test_what_nobody_is_asked(request_: ElicitationRequest) -> None:
    assert unfit(request_)


@pytest.mark.parametrize(
    "request_",
    [
        form(),
        form(name={"type": "string"}, age={"type": "integer"}, sure={"type": "boolean"}),
        form(tokenizer={"type": "string"}, keyboard={"type": "string"}, monkey={"type": "string"}),
        form(number={"type": "integer", "description": "Your favourite (do NOT enter your pin, or a password)"}),
        form(n={"type": "integer", "description": "Favourite (do NOT enter your phone number, PIN, or such)"}),
        form(tags={"type": "array", "items": {"enum": ["a", "b"]}}),
        form(max_tokens={"type": "integer"}, note={"type": "string", "description": "Never put passwords in here."}),
        asking("Type the name of the token to revoke."),
        asking("Please give a reason why the token should be revoked."),
        asking("Delete the secret “ci”? Type DELETE to confirm."),
        asking("Enter a title. Do not enter passwords, API keys or a token."),
        asking("Geben Sie den Namen der Gruppe ein"),
        form(note={"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}),  # as servers of old write it
        form(note={"type": ["string", "null"]}, age={"anyOf": [{"type": "integer"}, {"type": "number"}]}),
        form(colour={"enum": ["red", "blue"]}, size={"oneOf": [{"const": "s", "title": "Small"}, {"const": "l"}]}),
        form(by={"oneOf": [{"const": "pat", "title": "With a token"}, {"const": "none", "title": "Without"}]}),
        ElicitationRequest("S", "c", "t", "?", url=PAGE),
        ElicitationRequest("S", "c", "t", "?", url="http://127.0.0.1:9/x"),
    ],
)
def test_what_may_be_asked(request_: ElicitationRequest) -> None:
    assert unfit(request_) == ""
