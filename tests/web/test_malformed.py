"""Requests that no browser sends: each is answered in words, with our headers, and costs one quiet line of the log."""

import asyncio
import logging
from urllib.parse import urlsplit

import pytest

from bot.running.logs import QUIET
from tests.support.packed import bomb, peak
from tests.web.caller import Caller
from tests.web.sidecar import House
from tests.web.test_guards import EVERYWHERE

FORM = "application/x-www-form-urlencoded"


async def spoken(house: House, text: str) -> str:
    """What comes back for these bytes, whatever they are."""
    at = urlsplit(house.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    writer.write(text.encode())
    answer = await reader.read()
    writer.close()
    return answer.decode()


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json; charset=klingon", b"{}", 415),
        ("application/json", b"[" * 60_000, 400),
        ("application/json", b"\xff\xfe", 400),
        (f"{FORM}; charset=klingon", b"text=hi", 415),
        (FORM, b"text=\xff\xfe", 400),
    ],
)
async def test_a_body_that_cannot_be_read_is_the_senders_fault(
    house: House, kind: str, body: bytes, status: int
) -> None:
    guest = await house.guest()
    for path in (guest.chat + "messages", "/connect/tk_x"):
        answer = await guest.ask("POST", path, data=body, headers={"Content-Type": kind})
        assert answer.status == status


async def test_a_body_that_is_not_packed_as_it_says_is_the_senders_fault(house: House) -> None:
    guest = await house.guest()
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert (await guest.ask("POST", guest.chat + "messages", data=b"not gzip", headers=packed)).status == 400


async def test_a_small_body_that_unpacks_to_200_mb_is_refused_and_takes_no_memory(house: House) -> None:
    guest = await house.guest(files=1)
    form = "application/x-www-form-urlencoded"
    sent = {"messages": ("gzip", form), "files": ("deflate", "multipart/form-data; boundary=b")}
    places = {guest.chat + name: how for name, how in sent.items()} | {"/oauth/start": ("gzip", form)}
    for path, (coding, kind) in places.items():
        body, packed = bomb(coding), {"Content-Type": kind, "Content-Encoding": coding}
        with peak() as taken:
            answer = await guest.ask("POST", path, data=body, headers=packed)
        assert answer.status in (400, 413), (path, coding, answer.text)
        assert taken.bytes < 8 << 20 and len(body) < 1 << 20, (path, coding, taken)
    assert (await guest.say("still here")).status == 202


async def test_a_form_token_of_strange_letters_is_a_wrong_one(house: House) -> None:
    guest = await house.guest()
    assert (await guest.ask("POST", guest.chat + "end", data={"form": "é"})).status == 403


async def test_a_position_beyond_any_log_asks_for_a_fresh_page(house_on_each: House) -> None:
    guest = await house_on_each.guest()
    epoch = (await guest.ask("GET", guest.chat + "state")).json["last"].partition("-")[0]
    state = await guest.ask("GET", f"{guest.chat}state?after={epoch}-999999999999999")
    assert (state.status, state.json["resync"]) == (200, True)


async def test_an_answer_given_before_any_handler_has_our_headers_too(house: House) -> None:
    answer = await Caller(house.url).ask("GET", "/healthz", headers={"Expect": "the unexpected"})
    assert answer.status == 417
    assert answer.headers.items() >= EVERYWHERE.items()
    assert answer.headers["Server"] == "Usher"


async def test_an_address_cannot_write_a_line_of_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await Caller(house.url).ask("GET", "/temp-chat/sessions/x%0aCRITICAL%20all%20is%20lost/")
    assert "all is lost" not in caplog.text
    assert "GET /temp-chat/sessions/{link_id}/ 404" in caplog.text


@pytest.mark.parametrize("line", ["GET /{token} HTTP/1.1\r\nHo st: {token}", "GET /{token}{more} HTTP/1.1"])
async def test_what_is_no_request_is_one_line_without_its_words(
    house: House, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    caplog.set_level(QUIET["aiohttp.server"], "aiohttp.server")
    caplog.set_level(logging.INFO)
    token = (await house.link()).url[-52:]
    assert " 400 " in await spoken(house, line.format(token=token, more="a" * 9000) + "\r\n\r\n")
    [said] = [each.getMessage() for each in caplog.records if each.name.startswith("aiohttp")]
    assert said.startswith("UNKNOWN (no such path) 400 ")
    assert said.endswith("link=- from=127.0.0.0")
