"""Who is answered, and with what."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar
from playwright.async_api import Browser, expect

from playground.page.guard import Key
from playground.page.routes import STATIC, add_page
from playground.slack.server import LocalSlack
from tests.playground.page.conftest import TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="session")

HELLO = {"as": "U0OWNER", "do": "say", "channel": "C0GENERAL", "text": "hello"}


@asynccontextmanager
async def signed_in(slack: LocalSlack) -> AsyncIterator[ClientSession]:
    """A browser that was opened by the address with the secret."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{slack.url}/?token={TOKEN}") as answer:
            assert answer.status == 200 and str(answer.url) == f"{slack.url}/"
        yield browser


async def test_the_address_with_the_secret_opens_the_page_and_leaves_it_out_of_sight(slack: LocalSlack) -> None:
    address = f"{slack.url}/?token={TOKEN}"
    async with ClientSession() as browser, browser.get(address, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        [cookie] = answer.headers.getall("Set-Cookie")
    assert cookie.startswith(f"usher_workspace_{slack.port}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert TOKEN not in cookie
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", f"?token={TOKEN}x", "?token=%C3%A9%00", "?other=1"])
async def test_without_the_secret_a_page_says_where_to_find_it(slack: LocalSlack, query: str) -> None:
    async with ClientSession() as browser, browser.get(f"{slack.url}/{query}") as answer:
        assert answer.status == 403 and answer.content_type == "text/html"
        assert "Set-Cookie" not in answer.headers
        text = await answer.text()
    assert "make try" in text and f"{slack.url}/?token=…" in text
    assert "app.js" not in text and TOKEN not in text


@pytest.mark.parametrize("cookie", [None, "", "wrong", TOKEN])
async def test_nobody_listens_or_acts_without_the_cookie(slack: LocalSlack, cookie: str | None) -> None:
    cookies = {} if cookie is None else {f"usher_workspace_{slack.port}": cookie}
    async with ClientSession(cookies=cookies) as browser:
        async with browser.get(f"{slack.url}/page/events?as=U0OWNER") as answer:
            assert answer.status == 401
        async with browser.post(f"{slack.url}/page/act", json=HELLO) as answer:
            assert answer.status == 401
    assert slack.messages("C0GENERAL") == []


async def test_with_the_cookie_a_person_acts(slack: LocalSlack) -> None:
    async with signed_in(slack) as browser, browser.post(f"{slack.url}/page/act", json=HELLO) as answer:
        assert answer.status == 200
    assert [message["text"] for message in slack.messages("C0GENERAL")] == ["hello"]


async def test_an_older_address_leads_on_once_the_browser_is_known(slack: LocalSlack) -> None:
    async with signed_in(slack) as browser, browser.get(f"{slack.url}/?token=old") as answer:
        assert (answer.status, str(answer.url)) == (200, f"{slack.url}/")


async def test_the_cookie_of_another_workspace_is_not_this_ones() -> None:
    one, other = Key("one"), Key("other")
    assert one.known(one.cookie) and not one.known(other.cookie)
    assert one.opens("one") and not one.opens("other") and not one.opens(None)
    assert one.cookie != "one"


async def test_a_page_whose_workspace_was_begun_anew_says_how_to_go_on(browser: Browser, tmp_path: Path) -> None:
    page = await browser.new_page()
    async with _workspace(tmp_path / "first", "its token") as first:
        await page.goto(f"{first.url}/?token=its token")
        await page.locator("#composer").wait_for(state="attached")
    async with _workspace(tmp_path / "anew", "another token", first.port) as anew:
        await expect(page.get_by_role("heading", name="This workspace opens by its own address")).to_be_visible(
            timeout=60_000
        )
        await page.goto(f"{anew.url}/?token=another token")
        await page.locator("#composer").wait_for(state="attached")
        await page.close()


def _workspace(folder: Path, token: str, port: int = 0) -> LocalSlack:
    slack = LocalSlack(folder, port=port)
    add_page(slack.app, slack, token)
    return slack


async def test_the_page_forbids_scripts_and_pictures_from_elsewhere(slack: LocalSlack) -> None:
    async with signed_in(slack) as browser, browser.get(slack.url) as answer:
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
    async with signed_in(slack) as browser, browser.post(f"{slack.url}/page/act", data="{}") as answer:
        assert answer.status == 415


@pytest.mark.parametrize("charset", ["utf-8", "imagined"])
@pytest.mark.parametrize("body", [b"{", b"", b"\xff"])
async def test_broken_json_is_refused(slack: LocalSlack, body: bytes, charset: str) -> None:
    headers = {"Content-Type": f"application/json; charset={charset}"}
    act = f"{slack.url}/page/act"
    async with signed_in(slack) as browser, browser.post(act, data=body, headers=headers) as answer:
        assert answer.status == 400


async def test_a_link_from_another_site_may_lead_here(slack: LocalSlack) -> None:
    led = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    async with signed_in(slack) as browser, browser.get(slack.url, headers=led) as answer:
        assert answer.status == 200
    # A browser sends no SameSite=Strict cookie along with such a step: the page offers the next one.
    async with ClientSession() as stranger, stranger.get(slack.url, headers=led) as answer:
        assert '<a href="/">' in await answer.text()


async def test_a_stranger_sees_nothing(slack: LocalSlack) -> None:
    async with signed_in(slack) as browser, browser.get(f"{slack.url}/page/events?as=U0NOBODY") as answer:
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
    add_page(slack.app, slack, TOKEN)
    await slack.start()
    async with signed_in(slack) as browser, browser.get(f"{slack.url}/page/events?as=U0OWNER") as answer:
        assert await answer.content.readline() == b"retry: 1000\n"
        async with asyncio.timeout(60):
            await slack.stop()
