"""Requests that two servers in a row could read differently: refused whole, and nothing behind them is answered."""

import asyncio
import re
from urllib.parse import urlsplit

import pytest

from tests.web.sidecar import House

HIDDEN = "GET /oauth/client.json HTTP/1.1\r\nHost: hidden\r\nConnection: close\r\n\r\n"
POST = "POST /temp-chat/continue HTTP/1.1\r\nHost: usher\r\nContent-Type: application/json\r\n"
AMBIGUOUS = {
    "length and chunks": f"{POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "chunks and length": f"{POST}Transfer-Encoding: chunked\r\nContent-Length: 60\r\n\r\n0\r\n\r\n{HIDDEN}",
    "two lengths": f"{POST}Content-Length: 0\r\nContent-Length: 60\r\n\r\n{HIDDEN}",
    "two lengths in one": f"{POST}Content-Length: 0, 60\r\n\r\n{HIDDEN}",
    "a length with a sign": f"{POST}Content-Length: +0\r\n\r\n{HIDDEN}",
    "a length in hex": f"{POST}Content-Length: 0x0\r\n\r\n{HIDDEN}",
    "a negative length": f"{POST}Content-Length: -1\r\n\r\n{HIDDEN}",
    "other coding last": f"{POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{HIDDEN}",
    "a coding that is none": f"{POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "chunked twice": f"{POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "a blank before the colon": f"{POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "a folded header": f"{POST}X-One: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "lines that end by LF": f"{POST}Content-Length: 0\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "a CR within a header": f"{POST}X-One: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "a NUL within a header": f"{POST}X-One: a\0b\r\n\r\n{HIDDEN}",
    "a size that is no number": f"{POST}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n{HIDDEN}",
    "a size of many digits": f"{POST}Transfer-Encoding: chunked\r\n\r\n{'0' * 40}g\r\n\r\n{HIDDEN}",
    "HTTP of another kind": f"POST / HTTP/1.1x\r\nHost: usher\r\nContent-Length: 0\r\n\r\n{HIDDEN}",
    "no colon at all": f"{POST}Transfer-Encoding chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
}


async def answers(url: str, sent: str) -> list[str]:
    """How each answer to these bytes begins, until the connection is closed."""
    at = urlsplit(url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    writer.write(sent.encode())
    async with asyncio.timeout(60):
        told = (await reader.read()).decode(errors="replace")
    writer.close()
    return re.findall(r"HTTP/1\.[01] \d{3} ", told)


@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
async def test_what_two_servers_could_read_differently_is_refused_and_nothing_behind_it_is_answered(
    house: House, sent: str
) -> None:
    told = await answers(house.url, sent)
    assert len(told) == 1 and " 400 " in told[0], told


async def test_a_second_answer_would_be_seen(house: House) -> None:
    told = await answers(house.url, f"GET /healthz HTTP/1.1\r\nHost: usher\r\n\r\n{HIDDEN}")
    assert len(told) == 2 and " 200 " in told[0]


@pytest.mark.parametrize("many", ["X-One: a\r\n" * 3000, f"X-One: {'a' * 70_000}\r\n", f"{'X' * 70_000}: a\r\n"])
async def test_a_flood_of_headers_is_refused(house: House, many: str) -> None:
    told = await answers(house.url, f"GET /healthz HTTP/1.1\r\nHost: usher\r\n{many}\r\n")
    assert len(told) <= 1 and all(" 400 " in each or " 431 " in each for each in told)
    assert " 200 " in (await answers(house.url, "GET /healthz HTTP/1.1\r\nHost: usher\r\nConnection: close\r\n\r\n"))[0]
