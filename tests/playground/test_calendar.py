"""The playground's service that signs people in: it lets in whom a person let in, for as long as they want."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult

from playground.calendar import letting_in
from playground.calendar.kept import Kept
from playground.calendar.server import make_app
from tests.mcp_runtime.servers import asgi, free_socket, port_of

BACK = "http://127.0.0.1:9/oauth/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Person:
    """Answers what the service asks in the middle of a call."""

    answer: ElicitResult
    asked: list[Any] = field(default_factory=list)

    async def __call__(self, context: Any, params: Any) -> ElicitResult:
        self.asked.append(params)
        return self.answer


@dataclass
class Visitor:
    """An app that registered itself, and the browser of a person."""

    http: httpx2.AsyncClient
    origin: str
    kept: Kept
    client_id: str = ""

    async def register(self) -> None:
        asked = {"redirect_uris": [BACK], "client_name": "<b>App</b>", "token_endpoint_auth_method": "none"}
        answer = await self.http.post("/register", json=asked)
        assert answer.status_code == 201, answer.text
        self.client_id = answer.json()["client_id"]

    async def asked(self, scope: str = "events:read events:write") -> str:
        """The key of the question that the person now has before them."""
        query = {"client_id": self.client_id, "response_type": "code", "redirect_uri": BACK, "scope": scope}
        query |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256", "state": "s"}
        query |= {"resource": f"{self.origin}/mcp"}
        answer = await self.http.get("/authorize", params=query)
        return parse_qs(urlsplit(answer.headers["location"]).query)["asked"][0]

    async def press(self, path: str, origin: str | None = None, **form: str) -> httpx2.Response:
        return await self.http.post(path, data=form, headers={"origin": origin or self.origin})

    async def code(self, scope: str = "events:read events:write", account: str = "work") -> str:
        key = await self.asked(scope)
        await self.press("/account", asked=key, account=account)
        back = (await self.press("/decide", asked=key, decision="allow")).headers["location"]
        return parse_qs(urlsplit(back).query)["code"][0]

    async def token(self, **form: str) -> httpx2.Response:
        return await self.http.post("/token", data={"client_id": self.client_id, **form})

    async def tokens(self, code: str) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        answer = await self.token(**form, resource=f"{self.origin}/mcp")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def renew(self, refresh_token: str) -> httpx2.Response:
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token)

    async def call(self, token: str, tool: str, person: "Person | None" = None, /, **arguments: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(headers=headers) as http:
            url = f"{self.origin}/mcp"
            transport = streamable_http_client(url, http_client=http)
            async with Client(transport, elicitation_callback=person) as client:
                return await client.call_tool(tool, arguments)


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    listener = free_socket()
    origin = f"http://127.0.0.1:{port_of(listener)}"
    kept = Kept(tmp_path / "calendar.json")
    async with asgi(make_app(kept, origin), listener), httpx2.AsyncClient(base_url=origin) as http:
        visitor = Visitor(http, origin, kept)
        await visitor.register()
        yield visitor


async def test_who_was_let_in_reads_and_writes_the_calendar_of_that_account(visitor: Visitor) -> None:
    token = (await visitor.tokens(await visitor.code(account="home")))["access_token"]
    given = {"title": "Tea", "day": "2026-05-20", "time": "15:00"}
    assert not (await visitor.call(token, "add_event", **given)).is_error
    listed = await visitor.call(token, "list_events", day="2026-05-20")
    assert {"title": "Tea", "day": "2026-05-20", "time": "15:00", "minutes": 60} in listed.structured_content["result"]
    assert visitor.kept.events["work"] == []
    assert not (await visitor.call(token, "cancel_event", title="tea")).is_error
    assert visitor.kept.events["home"] == []


async def test_who_may_only_read_changes_nothing(visitor: Visitor) -> None:
    token = (await visitor.tokens(await visitor.code("events:read")))["access_token"]
    refused = await visitor.call(token, "add_event", title="Tea", day="today", time="15:00")
    assert refused.is_error and "did not agree" in str(refused.content)


async def test_a_code_and_a_refresh_token_are_good_once(visitor: Visitor) -> None:
    code = await visitor.code()
    first = await visitor.tokens(code)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    assert (await visitor.token(**form)).status_code == 400
    assert (await visitor.renew(first["refresh_token"])).status_code == 200
    assert (await visitor.renew(first["refresh_token"])).status_code == 400


async def test_a_token_is_over_after_two_minutes_and_a_newer_one_works(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await visitor.tokens(await visitor.code())
    assert first["expires_in"] == letting_in.ACCESS_SECONDS == 120
    clock = letting_in.time.time
    monkeypatch.setattr(letting_in.time, "time", lambda: clock() + 121)
    refused = await visitor.http.post("/mcp", headers={"authorization": f"Bearer {first['access_token']}"}, json={})
    assert refused.status_code == 401 and "resource_metadata" in refused.headers["www-authenticate"]
    newer = (await visitor.renew(first["refresh_token"])).json()
    assert not (await visitor.call(newer["access_token"], "list_events")).is_error


async def test_taking_an_app_out_ends_its_tokens_of_both_kinds(visitor: Visitor) -> None:
    tokens = await visitor.tokens(await visitor.code())
    page = (await visitor.http.get("/")).text
    assert "&lt;b&gt;App&lt;/b&gt;" in page and "<b>App</b>" not in page
    [grant] = visitor.kept.grants
    assert (await visitor.press("/remove", origin="https://evil.example", grant=grant)).status_code == 403
    assert list(visitor.kept.grants) == [grant]
    await visitor.press("/remove", grant=grant)
    assert "No app has been let in" in (await visitor.http.get("/")).text
    refused = await visitor.http.post("/mcp", headers={"authorization": f"Bearer {tokens['access_token']}"}, json={})
    assert refused.status_code == 401
    assert (await visitor.renew(tokens["refresh_token"])).status_code == 400


async def test_an_app_that_signs_itself_out_is_gone(visitor: Visitor) -> None:
    tokens = await visitor.tokens(await visitor.code())
    form = {"client_id": visitor.client_id, "client_secret": "", "token": tokens["refresh_token"]}
    assert (await visitor.http.post("/revoke", data=form)).status_code == 200
    assert visitor.kept.grants == {}


async def test_nobody_is_let_in_without_a_person_who_says_so(visitor: Visitor) -> None:
    key = await visitor.asked()
    assert (await visitor.press("/decide", asked=key, decision="allow")).status_code == 400  # nobody has signed in
    assert (
        await visitor.press("/account", origin="https://evil.example", asked=key, account="work")
    ).status_code == 400
    await visitor.press("/account", asked=key, account="work")
    denied = (await visitor.press("/decide", asked=key, decision="deny")).headers["location"]
    assert parse_qs(urlsplit(denied).query) == {"error": ["access_denied"], "state": ["s"]}
    assert (await visitor.press("/decide", asked=key, decision="allow")).status_code == 400  # asked and answered


async def test_what_is_kept_outlives_the_process_and_holds_no_token(visitor: Visitor, tmp_path: Path) -> None:
    tokens = await visitor.tokens(await visitor.code())
    written = (tmp_path / "calendar.json").read_text()
    assert tokens["refresh_token"] not in written and tokens["access_token"] not in written
    assert Kept(tmp_path / "calendar.json").grants == json.loads(written)["grants"] != {}


async def test_a_time_that_is_taken_is_asked_about_and_another_is_offered(visitor: Visitor) -> None:
    token = (await visitor.tokens(await visitor.code()))["access_token"]
    day = "2026-05-18"  # a Monday: planning from 14:00 to 15:00
    person = Person(ElicitResult(action="accept", content={"time": "15:30"}))
    given = {"title": "Tea", "day": day, "time": "14:30", "minutes": 30}
    answer = await visitor.call(token, "add_event", person, **given)
    assert "at 15:30" in str(answer.content)
    [question] = person.asked
    assert "“Planning” (from 14:00 on, 60 minutes). When shall “Tea” begin?" in question.message
    assert question.requested_schema["properties"]["time"]["default"] == "15:00"
    await visitor.call(token, "add_event", person, **given | {"time": "15:00"})  # it ends as the other begins
    assert len(person.asked) == 1 and [each["time"] for each in visitor.kept.events["work"]] == ["15:30", "15:00"]


async def test_nothing_is_added_at_a_time_that_is_taken_when_its_person_says_nothing(visitor: Visitor) -> None:
    token = (await visitor.tokens(await visitor.code()))["access_token"]
    given = {"title": "Tea", "day": "2026-05-18", "time": "14:30"}
    refused = await visitor.call(token, "add_event", Person(ElicitResult(action="decline")), **given)
    assert refused.is_error and "no other was chosen" in str(refused.content)
    odd = Person(ElicitResult(action="accept", content={"time": "soon"}))
    assert "hours and minutes" in str((await visitor.call(token, "add_event", odd, **given)).content)
    assert visitor.kept.events["work"] == []
    assert not (await visitor.call(token, "add_event", **given)).is_error  # an app that cannot ask
