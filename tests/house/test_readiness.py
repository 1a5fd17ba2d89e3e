"""What a load balancer is told: a part that cannot do its work is named, and what a library says of it is not."""

import os

import pytest

from bot.agent.gemini import Gemini
from bot.readiness import Ready
from storage.database import Database


async def test_a_model_whose_client_cannot_be_made_is_not_ready(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    model = Gemini("key", "gemini-2.5-flash", "gemini-3.5-flash-lite", base_url="http://127.0.0.1:9")
    ready = Ready(sqlite_db, None, model.warm)
    with monkeypatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", os.devnull + "/not-there")
        parts = [await ready() for _ in range(2)]
    assert parts == [{"database": "ok", "slack": "ok", "model": "cannot be asked"}] * 2
    assert "the model's client cannot be made" in caplog.text and "not-there" not in caplog.text
    assert (await ready())["model"] == "ok"
    await model.close()


async def test_memory_that_is_searched_by_words_alone_is_ready_and_says_why(sqlite_db: Database) -> None:
    trouble = ["by words alone: waits 60 s, as the API asks"]

    async def warm() -> None:
        pass

    ready = Ready(sqlite_db, None, warm, lambda: {"memory": trouble[-1]} if trouble else {})
    whole = {"database": "ok", "slack": "ok", "model": "ok"}
    assert await ready() == whole | {"memory": "ok, by words alone: waits 60 s, as the API asks"}
    trouble.clear()
    assert await ready() == whole
