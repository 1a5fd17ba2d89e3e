"""Who is answered, and with what."""

import asyncio
import re
from pathlib import Path

import pytest
from aiohttp import ClientSession

from playground.page.routes import STATIC, add_page
from playground.slack.server import LocalSlack

pytestmark = pytest.mark.asyncio(loop_scope="session")

HELLO = {"as": "U0OWNER", "do": "say", "channel": "C0GENERAL", "text": "hello"}


async def test_the_page_forbids_scripts_and_pictures_from_elsewhere(slack: LocalSlack) -> None:
    async with ClientSession() as browser, browser.get(slack.url) as answer:
        assert answer.status == 200
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy


@pytest.mark.parametrize("path", ["/", "/page/static/app.js", "/page/events?as=U0OWNER"])
async def test_a_name_that_was_pointed_at_this_machine_is_refused(slack: LocalSlack, path: str) -> None:
    async with ClientSession() as browser, browser.get(slack.url + path, headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403


async def test_another_site_can_neither_act_nor_listen(slack: LocalSlack) -> None:
    foreign = {"Origin": "https://evil.example"}
    quiet = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    async with ClientSession() as browser:
        async with browser.post(f"{slack.url}/page/act", json=HELLO, headers=foreign) as answer:
            assert answer.status == 403
        async with browser.get(f"{slack.url}/page/events?as=U0OWNER", headers=quiet) as answer:
            assert answer.status == 403
    assert slack.messages("C0GENERAL") == []


async def test_an_act_is_json_and_nothing_that_a_form_could_send(slack: LocalSlack) -> None:
    async with ClientSession() as browser, browser.post(f"{slack.url}/page/act", data="{}") as answer:
        assert answer.status == 415


async def test_a_link_from_another_site_may_lead_here(slack: LocalSlack) -> None:
    led = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    async with ClientSession() as browser, browser.get(slack.url, headers=led) as answer:
        assert answer.status == 200


async def test_a_stranger_sees_nothing(slack: LocalSlack) -> None:
    async with ClientSession() as browser, browser.get(f"{slack.url}/page/events?as=U0NOBODY") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("name", ["routes.py", "..%2Froutes.py", "base/..%2F..%2Froutes.py", "base", "nothing.js"])
async def test_only_the_pages_own_files_are_served(slack: LocalSlack, name: str) -> None:
    async with ClientSession() as browser, browser.get(f"{slack.url}/page/static/{name}") as answer:
        assert answer.status in (403, 404)


async def test_no_script_of_the_page_writes_html_or_runs_text() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function")
    scripts = sorted(STATIC.rglob("*.js"))
    assert scripts
    assert [script.name for script in scripts if forbidden.search(script.read_text())] == []


async def test_every_emoji_that_usher_writes_is_drawn() -> None:
    """An unknown one would stand there as ``:name:``."""
    drawn = (STATIC / "base" / "emoji.js").read_text()
    house = STATIC.parents[2]
    sources = [path for room in ("bot/slack", "run_cards") for path in (house / room).rglob("*.py")]
    written = {name for path in sources for name in re.findall(r"""["'\s]:([a-z][a-z0-9_]+):""", path.read_text())}
    assert written > {"wave", "wrench"}
    assert [name for name in sorted(written) if not re.search(rf"^  '?{name}'?: ", drawn, re.MULTILINE)] == []


async def test_the_workspace_stops_at_once_though_a_page_listens(tmp_path: Path) -> None:
    slack = LocalSlack(tmp_path)
    add_page(slack.app, slack)
    await slack.start()
    async with ClientSession() as browser, browser.get(f"{slack.url}/page/events?as=U0OWNER") as answer:
        assert await answer.content.readline() == b"retry: 1000\n"
        async with asyncio.timeout(5):
            await slack.stop()
