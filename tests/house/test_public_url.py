"""`usher doctor` asks the public address: this very Usher, another one, something else, nothing, or a proxy between."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from bot.doctor.public_url_check import public_url
from bot.readiness import Signs
from bot.settings import Settings
from mcp_runtime.secrets.keys import key_file
from tests.house.process import running
from tests.support.ports import free_port

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    key_file(tmp_path / "usher.db.key")
    return {
        "SLACK_BOT_TOKEN": "xoxb-1-a",
        "SLACK_APP_TOKEN": "xapp-1-a",
        "GEMINI_API_KEY": "key",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/usher.db",
        "PORT": str(free_port()),
    }


async def asked(env: dict[str, str], base: str) -> tuple[str, str]:
    """The state, and what was found with its cure."""
    async with ClientSession() as session:
        [found] = await public_url(Settings.read(env | {"PUBLIC_BASE_URL": base}), session)
    return found.state, f"{found.found} → {found.cure}"


async def test_a_running_usher_is_known_by_its_sign_also_behind_a_proxy_and_a_buffer_is_found_out(env, tmp_path):
    of_the_pages = {name: value for name, value in env.items() if not name.startswith("SLACK_")}
    async with running(of_the_pages, tmp_path) as (here, _), ClientSession() as session:

        async def keeping(request: web.Request) -> web.StreamResponse:
            async with session.get(here + request.path_qs) as answer:
                return web.Response(body=await answer.read(), content_type="text/event-stream")

        async def passing(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            async with session.get(here + request.path_qs) as answer:
                await response.prepare(request)
                async for piece in answer.content.iter_any():
                    await response.write(piece)
            return response

        async def forwarding(request: web.Request) -> web.StreamResponse:
            told = {"X-Forwarded-For": "198.51.100.1"}
            response = web.StreamResponse()
            async with session.get(here + request.path_qs, headers=told) as answer:
                response.headers.update({"X-Usher-Proxy": answer.headers["X-Usher-Proxy"]})
                await response.prepare(request)
                async for piece in answer.content.iter_any():
                    await response.write(piece)
            return response

        async def wrong(request: web.Request) -> web.StreamResponse:
            return web.Response(text="It works!")

        assert (await asked(env, here))[0] == "ok"
        async with served(passing) as proxy:
            assert await asked(env, proxy) == ("ok", f"{proxy} reaches this Usher, and streams come through → ")
        async with served(forwarding) as proxy:
            state, told = await asked(env, proxy)
            assert state == "warn" and told.endswith("count all guests as one → set TRUSTED_PROXIES=127.0.0.1")
        async with served(keeping) as proxy:
            state, told = await asked(env, proxy)
            assert state == "bad" and "held back on the way → switch buffering off" in told
        async with served(wrong) as other:
            state, told = await asked(env, other)
            assert state == "bad" and "not this Usher" in told and "the proxy: let it pass everything" in told
        state, told = await asked(env, "http://127.0.0.1:9")
        assert state == "warn" and "Usher runs, and http://127.0.0.1:9 does not answer from here" in told
        state, told = await asked(env | {"SECRET_KEY": "A" * 43 + "="}, here)
        assert state == "bad" and "not this Usher (it answers 404)" in told


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        (web.Response(status=502), "warn", "does not answer (the proxy says 502) → start Usher and ask again"),
        (web.Response(text="hello"), "bad", "not this Usher (without Usher's sign) → start Usher"),
        (web.Response(status=401), "bad", "not this Usher (it answers 401)"),
        (
            web.Response(status=308, headers={"Location": "https://usher.example.net/x?secret=1"}),
            "bad",
            "leads on to https://usher.example.net → set PUBLIC_BASE_URL=https://usher.example.net",
        ),
    ],
)
async def test_what_answers_instead_is_told(env, answer, state, told):
    async def say(_: web.Request) -> web.StreamResponse:
        return answer

    async with served(say) as base:
        found = await asked(env, base)
    assert found[0] == state and told in found[1]
    assert "secret=1" not in found[1]


async def test_nothing_at_the_address_is_no_failure_before_the_first_start(env):
    state, told = await asked(env, "http://127.0.0.1:9")
    assert state == "warn" and "start Usher and ask again" in told


def test_strangers_learn_nothing_from_the_sign():
    ours, theirs = Signs(b"a" * 32), Signs(b"b" * 32)

    assert ours.answer("nonce", ours.question("nonce")) == ours.expected("nonce")
    assert ours.answer("nonce", theirs.question("nonce")) is None
    assert ours.answer("nonce", "") is None and ours.answer("other", ours.question("nonce")) is None
    assert ours.answer("nonce", "\ud800") is None
    assert ours.question("nonce") != ours.expected("nonce")
