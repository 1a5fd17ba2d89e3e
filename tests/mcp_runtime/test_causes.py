"""Every failure has one cause, and each cause is met by a real server, program or address that fails so."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from mcp_runtime import errors
from mcp_runtime.errors import ServerError
from mcp_runtime.errors.causes import Cause
from mcp_runtime.programs import MIB, PROGRAMS
from mcp_runtime.sandbox import Level, Sandbox
from mcp_runtime.specs import HttpSpec, ServerSpec, StdioSpec
from mcp_runtime.transports.http import MAX_BODY
from tests.mcp_runtime.conftest import MakePool
from tests.mcp_runtime.servers import host, mute_host, scripted, self_signed
from tests.support.ports import free_port

Met = dict[Cause, Callable[[], object]]


def _all_kinds(kind: type[ServerError] = ServerError) -> Iterator[type[ServerError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _all_kinds(below)


@pytest.mark.parametrize("kind", sorted(set(_all_kinds()), key=lambda kind: kind.__name__), ids=lambda k: k.__name__)
def test_every_error_has_one_cause_and_words_for_people(kind: type[ServerError]) -> None:
    assert isinstance(kind.cause, Cause)
    assert kind.reason[0].islower() or kind.reason.startswith("I ")
    assert not kind.reason.endswith(".") and kind.cure.endswith(".")


def test_no_error_is_left_out_of_the_causes_and_no_cause_is_without_an_error() -> None:
    assert {kind.cause for kind in _all_kinds()} == set(Cause)
    assert errors.AccessForbidden.cause is Cause.FORBIDDEN_SCOPE and errors.NoAnswer.cause is Cause.TOO_SLOW


def _answering(status: int, body: str = "", kind: str = "application/json", **headers: str) -> object:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind, headers=headers)

    return host(answer)


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(MAX_BODY // MIB + 2):
        await response.write(b"[" * MIB)
    return response


@asynccontextmanager
async def _nobody() -> AsyncIterator[int]:
    yield free_port()


OVER_HTTP: Met = {
    Cause.CANNOT_REACH: _nobody,
    Cause.NOT_MCP: lambda: _answering(200, "<h1>Welcome</h1>", "text/html"),
    Cause.SIGN_IN_NEEDED: lambda: _answering(401),
    Cause.TOO_SLOW: mute_host,
    Cause.TOO_BIG: lambda: host(_endless),
    Cause.PROTOCOL_ERROR: lambda: _answering(
        200, '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}', "application/json"
    ),
}
WITH_A_TOKEN: Met = {
    Cause.SIGN_IN_REFUSED: lambda: _answering(401),
    Cause.FORBIDDEN_SCOPE: lambda: _answering(403),
}


async def _met(
    make_pool: MakePool, spec: ServerSpec, secrets: dict[str, str] | None = None, **options: object
) -> Cause:
    pool = make_pool("127.0.0.1", **options)
    with pytest.raises(ServerError) as told:
        await pool.try_out(spec, secrets or {}, title="Odd")
    await pool.close()
    return told.value.cause


def _patience(cause: Cause) -> float:
    """Short only where it has to be waited for."""
    return 0.5 if cause is Cause.TOO_SLOW else 60.0


@pytest.mark.parametrize("cause", [*OVER_HTTP, *WITH_A_TOKEN])
async def test_a_fault_over_http_is_told_by_its_cause(make_pool: MakePool, cause: Cause) -> None:
    fault = (OVER_HTTP | WITH_A_TOKEN)[cause]
    async with fault() as port:  # type: ignore[attr-defined]
        given = {"token": "t"} if cause in WITH_A_TOKEN else {}
        spec, patience = HttpSpec(f"http://127.0.0.1:{port}/mcp"), _patience(cause)
        assert await _met(make_pool, spec, given, connect_timeout=patience) is cause


async def test_a_private_address_is_refused_and_a_strangers_certificate_is_tls(
    make_pool: MakePool, tmp_path: Path
) -> None:
    async def nothing(request: web.Request) -> web.Response:
        return web.Response()

    assert await _met(make_pool, HttpSpec("https://10.1.2.3/mcp")) is Cause.ADDRESS_REFUSED
    async with host(nothing, self_signed(tmp_path)) as port:
        assert await _met(make_pool, HttpSpec(f"https://127.0.0.1:{port}/mcp")) is Cause.TLS
    async with host(nothing) as port:
        assert await _met(make_pool, HttpSpec(f"https://127.0.0.1:{port}/mcp")) is Cause.TLS


PROGRAMS_THAT_FAIL = {
    Cause.CANNOT_REACH: ('{"dies": true}', {}),
    Cause.TOO_BIG: ('{"floods": true}', {}),
    Cause.SANDBOX_REFUSED: ('{"eats": true}', {"memory": 60 * MIB}),
    Cause.TOO_SLOW: ('{"mute": true}', {}),
}


@pytest.mark.parametrize("cause", PROGRAMS_THAT_FAIL)
async def test_a_fault_of_a_program_is_told_by_its_cause(
    make_pool: MakePool, cause: Cause, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, limits = PROGRAMS_THAT_FAIL[cause]
    monkeypatch.setitem(PROGRAMS, "scripted", scripted(settings, **limits))  # type: ignore[arg-type]
    options = {"sandbox": Sandbox(enabled=False), "connect_timeout": _patience(cause)}
    assert await _met(make_pool, StdioSpec("scripted"), **options) is cause


async def test_a_program_without_a_sandbox_is_refused_and_one_off_the_list_is_not_permitted(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Sandbox()
    monkeypatch.setattr(bare, "_level", Level("none", "there is none"))
    assert await _met(make_pool, StdioSpec("time"), sandbox=bare) is Cause.SANDBOX_REFUSED
    assert await _met(make_pool, StdioSpec("bash")) is Cause.NOT_PERMITTED
