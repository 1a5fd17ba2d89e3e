"""What holds at every route that there is, whoever adds one: no foreign frame, no post of another site, no way up."""

import asyncio
import re
from urllib.parse import urlsplit

import pytest

from bot.web.server import _routes
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import House

PLACES = {"name": "nobody", "link_id": "0" * 36, "token": "tc_x", "ticket": "tk_x", "file_id": "f1", "path": "x.js"}
PATHS = sorted({re.sub(r"{(\w+)[^}]*}", lambda found: PLACES[found[1]], each.path) for each in _routes()})
POSTS = sorted(
    {re.sub(r"{(\w+)[^}]*}", lambda found: PLACES[found[1]], each.path) for each in _routes() if each.method == "POST"}
)
FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://other.usher.example"},
    {},
)
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b")


async def test_no_page_can_be_framed_by_another_site(house: House) -> None:
    """Each page and answer, also the dead and the refused ones; scripts and pictures are no pages."""
    guest, created = await house.guest(), await house.link()
    alive = [guest.chat, created.url, f"{guest.chat}host", f"{guest.chat}transcript", f"{guest.chat}state"]
    for path in [*PATHS, *alive, "/nothing-here"]:
        if path.endswith("/events"):
            continue
        answer = await guest.ask("GET", path, headers=PAGE)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
        assert answer.headers["X-Frame-Options"] == "DENY", path


@pytest.mark.parametrize("foreign", FOREIGN, ids=["origin", "null", "same site", "silent"])
async def test_no_post_of_another_site_is_taken_anywhere(house: House, foreign: dict[str, str]) -> None:
    guest = await house.guest()
    own = [path.replace(PLACES["link_id"], guest.chat.split("/")[3]) for path in POSTS]
    assert len(own) > 12
    for path in own:
        for kind in KINDS:
            said = {"Sec-Fetch-Site": None, **foreign, "Content-Type": kind}
            answer = await guest.ask("POST", path, data=b"{}", headers=said)
            assert answer.status in (403, 404, 415), (path, kind, answer.status)
    assert (await guest.say("still here")).status == 202


UPWARDS = (
    "/assets/../server.py",
    "/assets/..%2f..%2fserver.py",
    "/assets/%2e%2e/%2e%2e/server.py",
    "/assets/..\\..\\server.py",
    "/assets//etc/passwd",
    "/assets/%00",
    "/assets/....//....//server.py",
    "/assets/%252e%252e/server.py",
    "/assets/usher.css/../../../server.py",
    "//etc/passwd",
    "/../../../../etc/passwd",
)


@pytest.mark.parametrize("path", UPWARDS)
async def test_no_path_leads_out_of_the_static_files(house: House, path: str) -> None:
    """As it stands, since a client would tidy it up."""
    at = urlsplit(house.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: usher\r\nConnection: close\r\n\r\n".encode())
    told = (await reader.read()).decode(errors="replace")
    writer.close()
    assert told.split(" ")[1] in ("400", "404") and "import" not in told and "root:" not in told


async def test_the_host_that_a_request_names_is_in_no_link(house: House) -> None:
    """Who answers by another name, as by a name that was pointed here, gives no address of that name."""
    created = await house.link()
    answer = await Caller(house.url).ask("GET", created.url, headers={**PAGE, "Host": "evil.example"})
    assert "evil.example" not in answer.text and "evil.example" not in str(answer.headers)
