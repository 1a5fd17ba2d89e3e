"""Files come in through one route, are held against each limit before they are read, and shown to their guest alone."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from bot.services.limits import rates
from bot.web.edge import uploads as edge
from storage.repositories.work.rates import SECOND, Limit
from storage.tables import GuestFile
from tests.support import guest_files as files
from tests.web.caller import Answer, Caller
from tests.web.sidecar import House

JSON = {"Accept": "application/json"}


async def page_of(guest: Caller) -> Answer:
    return await guest.ask("GET", guest.chat, headers={"Accept": "text/html"})


def form(token: str, name: str, content: Any) -> aiohttp.FormData:
    body = aiohttp.FormData()
    body.add_field("form", token)
    sent = BytesIO(content) if isinstance(content, bytes) else content
    body.add_field("file", sent, filename=name, content_type="application/octet-stream")
    return body


async def attach(guest: Caller, name: str, content: bytes, **headers: str) -> Answer:
    token = (await page_of(guest)).hidden("form")
    return await guest.ask("POST", guest.chat + "files", data=form(token, name, content), headers={**JSON, **headers})


async def stored(house: House) -> int:
    async with house.db.read() as tables:
        return await tables.session.scalar(sa.select(sa.func.count()).select_from(GuestFile)) or 0


async def test_a_picture_is_attached_sent_and_read_by_the_model(house: House) -> None:
    guest = await house.guest(files=3)
    sent = await attach(guest, "IMG_1.JPG", files.photograph())
    assert sent.status == 201, sent.text
    file = sent.json["file"]
    assert (file["name"], file["kind"], file["width"], file["height"]) == ("IMG_1.jpg", "picture", 40, 60)
    house.model.will_say("A green field.")
    body = {"text": "What is this?", "client_id": "a" * 12, "files": [file["id"]]}
    assert (await guest.ask("POST", guest.chat + "messages", json=body)).status == 202
    await house.all_told()
    asked = house.model.heard()[-1]["parts"]
    assert asked[-3]["text"] == "What is this?" and "IMG_1.jpg" in asked[-2]["text"]
    assert asked[-1]["inlineData"]["mimeType"] == "image/jpeg"
    told = (await guest.ask("GET", guest.chat + "state?after=", headers=JSON)).json["events"]
    [said] = [each["data"] for each in told if each["event"] == "message" and each["data"]["author"] == "guest"]
    assert [each["name"] for each in said["files"]] == ["IMG_1.jpg"] and "tokens" not in said["files"][0]
    house.model.will_say("Still green.")
    await guest.say("And now?")
    await house.all_told()
    history = [part for content in house.model.heard() for part in content["parts"]]
    assert sum("inlineData" in part for part in history) == 1  # it is still there to be looked at
    assert (await guest.ask("POST", guest.chat + f"files/{file['id']}/remove", json={})).status == 200
    assert await stored(house) == 1  # what was sent stays


async def test_what_is_shown_can_do_nothing_and_is_shown_to_its_guest_alone(house: House) -> None:
    link = await house.link(files=3, max_sessions=2)
    guest, other = Caller(house.url), Caller(house.url)
    for each in (guest, other):
        await each.start(link.url)
    picture = (await attach(guest, "a.png", files.polyglot())).json["file"]
    text = (await attach(guest, "page.txt", files.HTML)).json["file"]
    for file, kind, how in ((picture, "image/png", "inline"), (text, "text/plain; charset=utf-8", "attachment")):
        async with guest.asking("GET", guest.chat + f"files/{file['id']}") as shown:
            assert shown.status == 200 and shown.headers["Content-Type"] == kind
            assert shown.headers["Content-Disposition"].startswith(how)
            assert "sandbox" in shown.headers["Content-Security-Policy"]
            assert shown.headers["X-Content-Type-Options"] == "nosniff"
            content = await shown.read()
        assert (b"<script" in content) is (file is text)
        assert (await other.ask("GET", other.chat + f"files/{file['id']}")).status == 404
        assert (await other.ask("POST", other.chat + f"files/{file['id']}/remove", json={})).status == 200
    assert await stored(house) == 2
    stolen = {"text": "hi", "client_id": "b" * 12, "files": [text["id"]]}
    answer = await other.ask("POST", other.chat + "messages", json=stolen)
    assert (answer.status, answer.json["code"]) == (409, "file_gone")
    assert (await guest.ask("POST", guest.chat + f"files/{text['id']}/remove", json={})).status == 200
    assert await stored(house) == 1


async def test_no_file_is_taken_where_its_host_allows_none_or_not_this_kind(house: House) -> None:
    nothing = await house.guest()
    answer = await attach(nothing, "a.png", files.picture())
    assert (answer.status, answer.json["code"]) == (409, "files_off")
    papers = await house.guest(files=2, file_kinds=("pdf",))
    answer = await attach(papers, "a.pdf", files.picture())
    assert (answer.status, answer.json["code"]) == (409, "file_kind") and answer.json["text"].endswith(": · PDF.")
    assert (await attach(papers, "b", files.pdf())).status == 201
    assert await stored(house) == 1


async def test_count_size_and_pace_are_held_and_say_what_to_do(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = await house.guest(files=2, file_megabytes=1)
    answer = await attach(guest, "a.png", b"\x89PNG" + b"x" * 1_100_000)
    assert (answer.status, answer.json["code"]) == (409, "file_size") and "1 MB" in answer.json["text"]
    for name in ("a.txt", "b.txt"):
        assert (await attach(guest, name, b"text")).status == 201
    assert (await attach(guest, "c.txt", b"text")).json["code"] == "file_count"
    monkeypatch.setitem(rates.UPLOADS, "session", rates.Rate("uploads", Limit(1, 60 * SECOND)))
    another = await house.guest(files=5)
    await attach(another, "a.txt", b"text")
    answer = await attach(another, "b.txt", b"text")
    assert (answer.status, answer.json["code"]) == (429, "uploads") and answer.json["retry_after"] <= 60
    assert await stored(house) == 3


async def test_a_request_from_elsewhere_or_without_the_forms_token_is_refused(house: House) -> None:
    guest = await house.guest(files=2)
    assert (await attach(guest, "a.txt", b"x", **{"Sec-Fetch-Site": "cross-site"})).status == 403
    wrong = form("no token", "a.txt", b"x")
    assert (await guest.ask("POST", guest.chat + "files", data=wrong, headers=JSON)).status == 403
    upside_down = aiohttp.FormData()
    upside_down.add_field("file", b"x", filename="a.txt")
    assert (await guest.ask("POST", guest.chat + "files", data=upside_down, headers=JSON)).status == 400
    assert (await guest.ask("POST", guest.chat + "files", json={})).status == 415
    stranger = Caller(house.url)
    assert (await stranger.ask("POST", guest.chat + "files", data=form("x", "a", b"x"), headers=JSON)).status == 404
    assert await stored(house) == 0


async def half_sent(guest: Caller, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A file whose second half does not come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(guest.url.rpartition(":")[2]))
    cookie = "; ".join(f"{name}={value}" for name, value in guest.cookies.items())
    head = (
        f"POST {guest.chat}files HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nAccept: application/json\r\n"
        f"Cookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n"
        f'--b\r\nContent-Disposition: form-data; name="form"\r\n\r\n{token}\r\n'
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf of it'
    )
    writer.write(head.encode())
    return reader, writer


async def test_one_guest_cannot_hold_all_the_places_for_files_on_their_way(house: House) -> None:
    guest, other = await house.guest(files=10), await house.guest(files=10)
    token = (await page_of(guest)).hidden("form")
    held = [await half_sent(guest, token) for _ in range(edge.AT_ONCE_EACH)]
    async with asyncio.timeout(60):
        while (answer := await attach(guest, "a.txt", b"one more")).status == 201:
            await asyncio.sleep(0)  # the others have not arrived yet
    assert (answer.status, answer.json["code"]) == (429, "file_busy") and answer.json["retry_after"]
    assert (await attach(other, "a.txt", b"theirs")).status == 201
    for _, writer in held:
        writer.close()
    async with asyncio.timeout(60):
        while (answer := await attach(guest, "b.txt", b"again")).status == 429:
            await asyncio.sleep(0.05)
    assert answer.status == 201


async def test_bodies_without_an_end_or_cut_off_leave_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "SILENCE", 0.3)
    guest = await house.guest(files=2)
    token = (await page_of(guest)).hidden("form")

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)

    async with asyncio.timeout(60):
        try:
            answer = await guest.ask("POST", guest.chat + "files", data=form(token, "a.txt", endless()), headers=JSON)
            assert answer.status == 411
        except aiohttp.ClientError:
            pass  # it hung up on us, which is as good
    reader, writer = await half_sent(guest, token)
    assert b"file_slow" in await asyncio.wait_for(reader.readuntil(b"file_slow"), 20)
    writer.close()
    assert await stored(house) == 0
    monkeypatch.setattr(edge, "SILENCE", 60)  # a machine that stands still is not silent
    assert (await attach(guest, "a.txt", b"whole")).status == 201  # its place is free again


async def test_a_form_without_scripts_attaches_and_sends(house: House) -> None:
    guest = await house.guest(files=2)
    token = (await page_of(guest)).hidden("form")
    html = {"Accept": "text/html"}
    taken = await guest.ask("POST", guest.chat + "files", data=form(token, "list.csv", b"a;b"), headers=html)
    assert (taken.status, taken.headers["Location"]) == (303, "./#end")
    refused = await guest.ask("POST", guest.chat + "files", data=form(token, "x.svg", files.SVG), headers=html)
    assert refused.status == 409 and "not what its name says" in refused.text
    async with house.db.read() as tables:
        [file_id] = await tables.session.scalars(sa.select(GuestFile.id))
    house.model.will_say("Two columns.")
    message = {"form": token, "client_id": "c" * 12, "text": "", "files": file_id}
    assert (await guest.ask("POST", guest.chat + "messages", data=message, headers=html)).status == 303
    await house.all_told()
    parts = house.model.heard()[-1]["parts"]
    assert parts[-1]["inlineData"]["mimeType"] == "text/plain" and parts[-3]["text"] == "list.csv"


async def test_deleting_the_chat_takes_its_files_with_it(house: House) -> None:
    guest = await house.guest(files=2)
    await attach(guest, "a.txt", b"gone soon")
    assert await stored(house) == 1
    await guest.ask("POST", guest.chat + "delete", json={"sure": True})
    assert await stored(house) == 0
