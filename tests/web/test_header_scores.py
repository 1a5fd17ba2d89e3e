"""MDN's Observatory scores the pages as guests are given them, over TLS; what it cannot score has the same headers."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database
from tests.mcp_runtime.servers import self_signed
from tests.support.gemini import Scripted
from tests.support.node_packages import installed
from tests.support.ports import free_port
from tests.support.requirements import require
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House, running
from tests.web.test_invitations import dead_links
from tests.web.tls_front import Front, tls_front

__all__ = ["dead_links"]

HERE = Path(__file__).parent / "observatory"
PACKAGE = "@mdn/mdn-http-observatory"
BEST_WITHOUT_COOKIE, BEST = 135, 140
"""The most that this version (1.4.8, the newest that npm gives) has for a host that is not on browsers' own list."""
ISOLATED = {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin"}
"""Later versions (1.6.3) have ten points more for each of these and nothing else that is new: 155 and 160 there."""


@dataclass(frozen=True)
class Behind:
    house: House
    front: Front
    certificate: Path


@pytest.fixture
async def behind(sqlite_db: Database, gemini: Scripted, tmp_path: Path) -> AsyncIterator[Behind]:
    context, port = self_signed(tmp_path), free_port()
    async with (
        running(sqlite_db, gemini, public_url=f"https://127.0.0.1:{port}") as house,
        tls_front(house.url, port, context) as front,
    ):
        yield Behind(house, front, tmp_path / "host.pem")


async def scanned(behind: Behind, path: str) -> tuple[int, list[str]]:
    """The score, and which of its tests did not pass."""
    node = shutil.which("node")
    require(node is not None, "needs Node 20 or later")
    scanner = (await asyncio.to_thread(installed, HERE)) / PACKAGE
    # Browsers' own list of hosts, which a script of the package would fetch: a loopback address is not on it.
    (scanner / "conf" / "hsts-preload.json").write_text("{}")
    command = [str(node), scanner / "src" / "scan.js", f"127.0.0.1:{behind.front.port}{path}"]
    env = {"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(behind.certificate)}
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=-1, stderr=-1)
    told, complaint = await process.communicate()
    assert process.returncode == 0, told.decode() + complaint.decode()
    found: dict[str, Any] = json.loads(told)
    return found["scan"]["score"], [name for name, test in found["tests"].items() if not test["pass"]]


async def test_the_invitation_and_a_chat_whose_cookie_is_set_again_have_the_best_scores(behind: Behind) -> None:
    created = await behind.house.link()
    path = created.url.removeprefix(behind.front.url)
    assert await scanned(behind, path) == (BEST_WITHOUT_COOKIE, [])
    guest = Caller(behind.house.url)
    await is_isolated(guest, behind.house.url + path)
    assert (await guest.start(behind.house.url + path, name="Robin")).status == 201
    behind.front.cookies = guest.cookies
    await behind.house.links.extend(OWNER, created.link.id, 24)  # so that its cookie is given again
    assert await scanned(behind, guest.chat) == (BEST, [])
    await is_isolated(guest, behind.house.url + guest.chat)


async def is_isolated(guest: Caller, url: str) -> None:
    headers = (await guest.ask("GET", url, headers=PAGE)).headers
    assert {name: headers[name] for name in ISOLATED} == ISOLATED


async def test_pages_that_cannot_be_scanned_have_the_headers_of_those_that_can(
    house: House, dead_links: dict[str, str]
) -> None:
    alive = await Caller(house.url).ask("GET", (await house.link("alive", access="passcode")).url, headers=PAGE)
    ended = await house.guest(title="over")
    await house.links.revoke(OWNER, ended.chat.split("/")[3])
    refused = await Caller(house.url).ask("POST", dead_links["full"], headers=PAGE)
    dead = [await Caller(house.url).ask("GET", url, headers=PAGE) for url in dead_links.values()]
    for answer in (*dead, refused, await ended.ask("GET", ended.chat, headers=PAGE)):
        different = {"Date", "Content-Length", "Allow"}
        assert {name: value for name, value in answer.headers.items() if name not in different} == {
            name: value for name, value in alive.headers.items() if name not in different
        }
