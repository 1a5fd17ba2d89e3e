"""A whole Usher on one machine, a service that signs its members in, and a browser that goes there and back."""

import re
from typing import Any

from aiohttp import ClientSession, CookieJar

from playground.slack.core.people import OWNER
from playground.slack.server import LocalSlack
from playground.slack.web_api.openid import CLIENT_ID
from tests.house.process import running
from tests.support.oauth import open_lab
from tests.support.ports import free_port
from tests.support.slack import said


async def test_an_admin_signs_in_at_a_service_and_both_windows_say_so(tmp_path):
    env = {"PORT": str(free_port()), "ALLOW_PRIVATE_MCP_HOSTS": "127.0.0.1"}
    async with (
        open_lab() as lab,
        running(env, tmp_path) as (here, slack),
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser,
    ):
        await slack.command(OWNER, "C0GENERAL", "/mcp connect custom")
        form = await _modal(slack, "Server URL")
        await slack.submit_view(OWNER, form["id"], {"name": {"value": "Vault"}, "url": {"value": lab.url}})
        shown = await _modal(slack, "Last step: sign in to Vault at")
        [page] = re.findall(rf"{here}/oauth/start\?ticket=[\w-]+", said(shown))

        [code] = re.findall(r"`(\d{3} \d{3})`", said(shown))
        async with browser.get(page) as answer:
            text = await answer.text()
            assert re.search(r"Are you [^<]+\?", text) and OWNER not in text
        sent = {"Origin": here, "Sec-Fetch-Site": "same-origin"}
        ticket = page.rpartition("=")[2]
        proof = {"ticket": ticket, "slack_code": code}
        async with browser.post(f"{here}/oauth/start", data=proof, headers=sent) as answer:
            assert "Vault" in await answer.text()
        async with browser.post(f"{here}/oauth/start", data={"ticket": ticket}, headers=sent) as answer:
            assert str(answer.url) == f"{here}/oauth/done" and "Vault is connected" in await answer.text()
        assert await _modal(slack, "Vault is connected: 2 tools now available")
    assert lab.asked[0]["redirect_uri"] == f"{here}/oauth/callback"


async def test_a_member_signs_in_with_slack_instead_of_typing_the_code(tmp_path):
    port = str(free_port())
    env = {"PORT": port, "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}", "ALLOW_PRIVATE_MCP_HOSTS": "127.0.0.1"}
    env |= {"SLACK_CLIENT_ID": CLIENT_ID, "SLACK_CLIENT_SECRET": "local-client"}
    async with (
        open_lab() as lab,
        running(env, tmp_path) as (here, slack),
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser,
    ):
        slack.openid.redirects = [f"{here}/members/slack/callback"]
        await slack.command(OWNER, "C0GENERAL", "/mcp connect custom")
        form = await _modal(slack, "Server URL")
        await slack.submit_view(OWNER, form["id"], {"name": {"value": "Vault"}, "url": {"value": lab.url}})
        shown = await _modal(slack, "Last step: sign in to Vault at")
        [page] = re.findall(rf"{here}/oauth/start\?ticket=[\w-]+", said(shown))
        sent = {"Origin": here, "Sec-Fetch-Site": "same-origin"}
        ticket = {"ticket": page.rpartition("=")[2]}
        async with browser.post(f"{here}/members/slack", data=ticket, headers=sent, allow_redirects=False) as begun:
            at_slack = begun.headers["Location"]
        async with browser.get(at_slack) as at:
            asked = dict(re.findall(r'name="(\w+)" value="([^"]*)"', await at.text())) | {"person": OWNER}
        async with browser.post(f"{slack.url}/openid/connect/authorize", data=asked) as answer:
            text = await answer.text()
            assert str(answer.url) == page and "Are you" not in text and lab.url.split("/")[2] in text


async def _modal(slack: LocalSlack, text: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        stack = slack.snapshot(OWNER)["modals"]
        return stack[-1] if stack and text in said(stack[-1]) else None

    shown: dict[str, Any] = await slack.when(found)
    return shown
