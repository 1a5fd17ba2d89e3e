"""The playground's program outside of Slack: a real MCP client at a real Usher, and what a person is told."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar

from playground.page import outside
from playground.page.routes import add_page
from playground.slack.server import LocalSlack
from tests.playground.page.scripted_app import MANIFEST
from tests.web.sidecar import House
from tests.web.test_api import program

TOKEN = "token-of-this-workspace"


@asynccontextmanager
async def page(folder: Path, mcp: str) -> AsyncIterator[tuple[ClientSession, str]]:
    slack = LocalSlack(folder, manifest=MANIFEST)
    add_page(slack.app, slack, TOKEN, mcp)
    browser = ClientSession(cookie_jar=CookieJar(unsafe=True))
    async with slack, browser, browser.get(f"{slack.url}/?token={TOKEN}"):
        yield browser, slack.url


async def asked(page: tuple[ClientSession, str], **wanted: Any) -> Any:
    async with page[0].post(f"{page[1]}/page/outside", json=wanted) as answer:
        return json.loads(await answer.text())


async def test_it_shows_what_a_token_is_lent_and_makes_a_link(house: House, tmp_path: Path) -> None:
    token = (await program(house, "mcp", "links:read", "links:write")).token
    async with page(tmp_path, f"{house.url}/mcp") as here:
        told = await asked(here, token=token)
        assert [each["name"] for each in told["tools"] if each["reads"]] == ["list_temporary_chat_links"]
        [make] = [each for each in told["tools"] if each["name"] == "create_temporary_chat_link"]
        assert (make["needed"], make["title"], "answer" in told) == (["title"], "Create chat link", False)
        wanted = {"tool": make["name"], "arguments": {"title": "Supplier survey"}}
        answer = (await asked(here, token=token, **wanted))["answer"]
        assert not answer["failed"] and re.search(r"http\S+/temp-chat/tc_\S+", answer["text"])
        wrong = (await asked(here, token=token, tool=make["name"], arguments={}))["answer"]
        assert wrong["failed"] and "title" in wrong["text"]


async def test_what_is_wrong_with_a_token_is_told(house: House, tmp_path: Path) -> None:
    other = (await program(house, "links:read")).token
    async with page(tmp_path, f"{house.url}/mcp") as here:
        for token, told in [
            ("", outside.PASTE),
            ("xoxb-1", outside.PASTE),
            (other[:-1] + ("a" if other[-1] != "a" else "b"), outside.TROUBLES[401]),
            (other, outside.TROUBLES[403]),
        ]:
            assert await asked(here, token=token) == {"trouble": told}
    async with page(tmp_path / "away", "http://127.0.0.1:9/mcp") as here:
        assert "does not answer" in (await asked(here, token=other))["trouble"]


async def test_nobody_asks_by_it_who_was_not_let_into_the_workspace(house: House, tmp_path: Path) -> None:
    async with page(tmp_path, f"{house.url}/mcp") as (browser, url), ClientSession() as stranger:
        async with stranger.post(f"{url}/page/outside", json={"token": "x"}) as answer:
            assert answer.status == 401
        async with stranger.get(f"{url}/outside") as answer:
            assert answer.status == 403
        async with browser.get(f"{url}/outside") as answer:
            assert answer.status == 200 and "outside.js" in await answer.text()
        async with browser.post(f"{url}/page/outside", json=["x"]) as answer:
            assert answer.status == 400
