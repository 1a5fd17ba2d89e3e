"""A strict local Gemini that says what a test scripts, and the product's own model connected to it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.agent.gemini import Gemini
from bot.agent.gemini.retry import Retry
from bot.agent.gemini.stream import Patience
from playground.gemini import Failure, LocalGemini, Reply, call, text
from playground.gemini.demo import answer
from playground.gemini.script import Asked

MODEL, FALLBACK = "gemini-2.5-flash", "gemini-3.5-flash-lite"
# For every client the SDK reads all authorities of the world, three times; one is enough for a model without TLS.
AUTHORITY = Path(__file__).parent / "vendor" / "authority.pem"
SIGNATURE = b"\xfb\xff\xfe signed"  # encodes differently in the two base64 alphabets


@dataclass
class Scripted:
    """``model`` is the real `Gemini`; ``waits`` are the pauses it would have made, in seconds."""

    server: LocalGemini
    model: Gemini
    waits: list[float] = field(default_factory=list)

    def will_say(self, *words: str, finish: str = "STOP") -> None:
        """One answer, each of ``words`` a chunk of its stream."""
        self.script(Reply([[text(each)] for each in words] or [[]], finish))

    def will_call(self, *calls: tuple[str, dict[str, Any]], saying: str = "") -> None:
        """One answer with these calls, side by side, after ``saying``."""
        parts = [
            call(name, arguments, id=f"call-{place}", signature=None if place else SIGNATURE)
            for place, (name, arguments) in enumerate(calls)
        ]
        self.script(Reply([*([[text(saying)]] if saying else []), parts]))

    def script(self, *replies: Reply | Failure) -> None:
        self.server.script.extend(replies)

    @property
    def asked(self) -> list[Asked]:
        return self.server.asked

    def heard(self, request: int = -1) -> list[dict[str, Any]]:
        """The contents of one of the requests so far."""
        contents: list[dict[str, Any]] = self.asked[request].body["contents"]
        return contents

    def responses(self, request: int = -1) -> list[dict[str, Any]]:
        """The last function responses of a request; a note may stand behind them."""
        found = [[p["functionResponse"] for p in c["parts"] if "functionResponse" in p] for c in self.heard(request)]
        return next(each for each in reversed(found) if each)


def before() -> date:
    """A day on which `MODEL` is still there."""
    return date(2026, 11, 1)


def plain_environment(patch: pytest.MonkeyPatch) -> None:
    """The developer's own keys and proxies stay out of it."""
    for name in [name for name in os.environ if name.startswith(("GOOGLE_", "GEMINI_"))]:
        patch.delenv(name)
    patch.setenv("NO_PROXY", "127.0.0.1")
    patch.setenv("SSL_CERT_FILE", str(AUTHORITY))


@pytest.fixture
async def gemini(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scripted]:
    async with open_gemini(monkeypatch) as scripted:
        yield scripted


@asynccontextmanager
async def open_gemini(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scripted]:
    """Says what is scripted and nothing else; no wait is really waited."""
    plain_environment(monkeypatch)
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    async with LocalGemini() as server:
        patience = Patience(first=60, idle=60)
        model = Gemini(
            "key", MODEL, FALLBACK, base_url=server.url, retry=Retry(3), patience=patience, sleep=wait, today=before
        )
        yield Scripted(server, model, waits)
        await model.close()


@pytest.fixture
async def demo(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scripted]:
    """The offline demo model, without its delays; scripted replies come first."""
    plain_environment(monkeypatch)
    async with LocalGemini(answer) as server:
        model = Gemini("key", MODEL, FALLBACK, base_url=server.url, today=before)
        yield Scripted(server, model)
        await model.close()
