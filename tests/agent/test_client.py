"""The client goes where it is told, carries many streams at once, and costs nothing until it is used."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.agent.events import Delta
from bot.agent.gemini import Gemini, client
from bot.agent.gemini.client import _is_led, with_files
from bot.agent.model import Heard
from mcp_runtime.tools.tools import File, ToolCall, ToolResult
from playground.gemini import Break, Reply, text
from tests.support.gemini import MODEL, Scripted

PNG = b"\x89PNG\r\n\x1a\n"


async def said(model: Gemini) -> list[Heard]:
    return [event async for event in model.reply([model.user("hi")], (), instructions="")]


async def test_the_environment_cannot_send_it_elsewhere(gemini: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_API_KEY", "another")
    gemini.will_say("hello")
    await said(gemini.model)
    assert gemini.asked[0].headers["x-goog-api-key"] == "key"


async def test_the_sdks_own_variables_choose_place_and_version(
    gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", gemini.server.url)
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v1beta")
    gemini.will_say("hello")
    model = Gemini("key", MODEL, "")
    await said(model)
    await model.close()
    assert gemini.asked[0].path.startswith("/v1beta/")


async def test_it_goes_by_the_proxy_that_the_environment_names(
    gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", gemini.server.url)
    gemini.will_say("hello")
    model = Gemini("key", MODEL, "", base_url="http://model.invalid")
    await said(model)
    await model.close()
    assert gemini.asked[0].headers["Host"] == "model.invalid"


async def test_the_environment_is_looked_at_again_only_where_it_leads_somewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert not _is_led()
    (tmp_path / "netrc").touch()
    assert _is_led()


async def test_more_streams_at_once_than_a_session_allows_by_itself(gemini: Scripted) -> None:
    gemini.script(*[Reply([[text("hello")], Break.HOLD])] * 101)
    async with AsyncExitStack() as held:
        for _ in range(101):
            stream = gemini.model.reply([gemini.model.user("hi")], (), instructions="")
            heard = await held.enter_async_context(aclosing(stream))
            assert await asyncio.wait_for(anext(heard), 60) == Delta("hello")


async def test_large_files_go_whole_though_the_sdk_sees_a_word_for_each(
    gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = list[str]()

    async def sent_on(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        assert isinstance(request.body, aiohttp.Payload)
        seen.append((await request.body.as_bytes()).decode())
        return await with_files(request, handler)

    monkeypatch.setattr(client, "with_files", sent_on)
    picture, document = PNG + os.urandom(300_000), b"%PDF-1.7" + os.urandom(200_000)
    model = gemini.model
    asked = [
        model.user("first"),
        {"role": "model", "parts": [{"functionCall": {"name": "draw", "args": {}}, "thoughtSignature": "c2ln"}]},
        *model.results([(ToolCall("", "draw"), ToolResult("ok", files=(File("image/png", picture),)))]),
        {"role": "user", "parts": [{"text": "and"}, *(_inline(document), _inline(document), _inline(b"small"))]},
    ]
    gemini.will_say("hello")
    assert Delta("hello") in [event async for event in model.reply(asked, (), instructions="")]
    told = json.dumps(gemini.heard())
    assert all(told.count(_base64(each)) == times for each, times in ((picture, 1), (document, 2), (b"small", 1)))
    [body] = seen
    assert len(body) < 5_000 and _base64(b"small") in body


def _inline(content: bytes) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "application/pdf", "data": _base64(content)}}


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()


def test_the_local_model_does_without_the_sdk() -> None:
    probe = "import sys, playground.gemini; sys.exit('google.genai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def test_a_key_is_in_no_repr() -> None:
    assert "hidden-key" not in repr(vars(Gemini("hidden-key", MODEL, "")))
