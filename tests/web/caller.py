"""A guest's client without a browser: keeps cookies, says where its requests come from, reads streams."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.support.evidence import never_in_a_log

OWN = {"Sec-Fetch-Site": "same-origin"}
PAGE = {"Accept": "text/html"}


SHOWN: dict[str, str] = {}
"""By the address of a member's page, the code that Slack shows beside it."""


class Caller:
    """A browser without a browser: keeps cookies, says where its requests come from."""

    def __init__(self, url: str, language: str = "") -> None:
        self.url = url
        self.language = {"Accept-Language": language} if language else {}
        self.cookies: dict[str, str] = {}
        self.chat = ""

    @asynccontextmanager
    async def asking(self, method: str, path: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        given = {**OWN, **self.language, **options.pop("headers", {})}
        headers = {name: value for name, value in given.items() if value is not None}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        jar = aiohttp.DummyCookieJar()
        async with (
            aiohttp.ClientSession(cookie_jar=jar) as session,
            session.request(method, self._full(path), headers=headers, allow_redirects=False, **options) as response,
        ):
            self._keep(response)
            yield response

    async def ask(self, method: str, path: str, **options: Any) -> "Answer":
        async with self.asking(method, path, **options) as response:
            return Answer(response.status, dict(response.headers), await response.text())

    async def prove(self, url: str, code: str = "") -> "Answer":
        """Type the code that a member's page asks for."""
        told = {"ticket": url.replace("=", "/").rpartition("/")[2], "slack_code": code or SHOWN[url]}
        return await self.ask("POST", url.partition("?")[0], data=told, headers=PAGE)

    async def start(self, url: str, key: str = "", **more: Any) -> "Answer":
        body = {"key": key or os.urandom(16).hex(), "name": "Robin", "consent": True, **more}
        answer = await self.ask("POST", url + "/start", json=body)
        if answer.status == 201:
            self.chat = answer.json["chat"]
        return answer

    async def say(self, text: str, client_id: str = "") -> "Answer":
        body = {"text": text, "client_id": client_id or os.urandom(8).hex()}
        return await self.ask("POST", self.chat + "messages", json=body)

    async def told(self, enough: Callable[[list[dict[str, Any]]], object]) -> list[dict[str, Any]]:
        """All events of the chat, once they are enough; asks for what is new alone, as pages do, or it were limited."""
        events: list[dict[str, Any]] = []
        last, wait = "", 0
        async with asyncio.timeout(60):
            while True:
                answer = await self.ask("GET", f"{self.chat}state?after={last}&wait={wait}")
                assert answer.status == 200, answer.text
                events += answer.json["events"]
                if enough(events):
                    return events
                last, wait = answer.json["last"], 5

    async def conversation(self, several: int = 2) -> list[tuple[str, str]]:
        """Who said what, once there are so many messages: a question and its answer unless told otherwise."""
        return messages(await self.told(lambda events: len(messages(events)) >= several))

    def _full(self, path: str) -> str:
        return path if path.startswith("http") else self.url + path

    def _keep(self, response: aiohttp.ClientResponse) -> None:
        for name, morsel in response.cookies.items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
                never_in_a_log(morsel.value)


def messages(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["data"]["author"], each["data"]["text"]) for each in events if each["event"] == "message"]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, name
        return found[1]


async def frames(response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    """Parsed frames until the server closes the stream."""
    frame: dict[str, Any] = {}
    async for line in response.content:
        if line == b"\n":
            yield frame
            frame = {}
        else:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            frame[name] = json.loads(value) if name == "data" else value


async def until(stream: AsyncIterator[dict[str, Any]], kind: str, **body: Any) -> list[dict[str, Any]]:
    """Frames up to the first of this kind whose data has all of ``body``."""
    seen = []
    async for frame in stream:
        seen.append(frame)
        if frame["event"] == kind and body.items() <= frame["data"].items():
            return seen
    raise AssertionError(f"no {kind} among {[frame['event'] for frame in seen]}")


def kinds(seen: list[dict[str, Any]]) -> list[str]:
    return [frame["event"] for frame in seen]
