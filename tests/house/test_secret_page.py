"""Without a public address an admin enters a secret on the machine itself: from Slack's modal to the page and back."""

import re
from typing import Any

from aiohttp import ClientSession, CookieJar

from playground.slack.core.people import OWNER
from playground.slack.server import LocalSlack
from tests.house.process import running
from tests.support.ports import free_port
from tests.support.slack import NOTES_TOKEN, notes, said

__all__ = ["notes"]


async def test_the_page_of_the_machine_itself_takes_an_admins_secret(tmp_path, notes):
    env = {"PORT": str(free_port()), "HOST": "0.0.0.0", "ALLOW_PRIVATE_MCP_HOSTS": "127.0.0.1"}
    async with running(env, tmp_path) as (here, slack), ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
        await slack.command(OWNER, "C0GENERAL", "/mcp connect custom")
        form = await _modal(slack, "Server URL")
        values = {"name": {"value": "Notes"}, "url": {"value": notes}}
        await slack.submit_view(OWNER, form["id"], values)
        shown = await _modal(slack, "only in a browser on the machine that Usher itself runs on")
        [page] = re.findall(rf"{here}/connect/[\w-]+", said(shown))

        [code] = re.findall(r"`(\d{3} \d{3})`", said(shown))
        async with browser.get(page) as answer:
            text = await answer.text()
            assert answer.status == 200 and re.search(r"Are you [^<]+\?", text) and OWNER not in text
        sent = {"Origin": here, "Sec-Fetch-Site": "same-origin"}
        async with browser.post(page, data={"slack_code": code}, headers=sent) as answer:
            text = await answer.text()
            assert answer.status == 200 and "Notes" in text and 'type="password"' in text
        async with browser.post(page, data={"token": NOTES_TOKEN}, headers=sent) as answer:
            assert answer.status == 200 and "Notes is connected" in await answer.text()
        assert await _modal(slack, "Notes is connected: 4 tools now available")
    assert NOTES_TOKEN not in str(slack.calls)


async def _modal(slack: LocalSlack, text: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        stack = slack.snapshot(OWNER)["modals"]
        return stack[-1] if stack and text in said(stack[-1]) else None

    modal: dict[str, Any] = await slack.when(found)
    return modal
