"""A whole Usher without a token: two workspaces install it in a browser, and each is answered."""

import re
from pathlib import Path

from aiohttp import ClientSession, CookieJar

from playground import gemini
from playground.slack.inhabited import Inhabited
from playground.slack.server import LocalSlack
from playground.slack.web_api.openid import CLIENT_ID
from tests.house.process import MANIFEST, started
from tests.support.ports import free_port
from tests.support.slack import DM, OWNER, said

PAGE = {"Accept": "text/html"}


async def test_two_workspaces_install_it_in_a_browser_and_each_is_answered(tmp_path: Path) -> None:
    port = str(free_port())
    here = f"http://127.0.0.1:{port}"
    env = {"PORT": port, "PUBLIC_BASE_URL": here, "SLACK_CLIENT_ID": CLIENT_ID, "SLACK_CLIENT_SECRET": "local-client"}
    model = await gemini.start(pace=None)
    async with LocalSlack(tmp_path / "slack", manifest=MANIFEST, second=True) as slack:
        assert slack.second
        slack.openid.redirects = [f"{here}/slack/oauth_redirect"]
        process = await started({**env, "SLACK_BOT_TOKEN": ""}, tmp_path, slack, model.url)
        try:
            for place in (slack, slack.second):
                await install(here, place)
                await place.person_says(OWNER, DM, "hello")
                await place.workspace.feed.when(lambda place=place: answered(place), 60)
        finally:
            process.terminate()
            await process.wait()
    await model.close()


async def install(here: str, place: Inhabited) -> None:
    """As a person does it: a button here, one at Slack, and back."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{here}/slack/install", headers=PAGE) as shown:
            assert "Add to Slack" in await shown.text()
        own = {"Origin": here, "Sec-Fetch-Site": "same-origin", **PAGE}
        async with browser.post(f"{here}/slack/install", data={}, headers=own, allow_redirects=False) as sent:
            assert sent.status == 303, await sent.text()
            at_slack = sent.headers["Location"]
        async with browser.get(at_slack) as asked:
            fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', await asked.text()))
        chosen = fields | {"team": place.workspace.shared.team.id}
        async with browser.post(at_slack.partition("?")[0], data=chosen, allow_redirects=False) as allowed:
            back = allowed.headers["Location"]
        async with ClientSession() as another, another.get(back, headers=PAGE) as refused:
            assert refused.status == 400 and "another browser" in await refused.text()
        async with browser.get(back, headers=PAGE) as done:
            assert "Usher is in your workspace" in await done.text() and "code=" not in str(done.url)


def answered(place: Inhabited) -> bool:
    shown = place.messages(DM, OWNER)
    return any(each["by_app"] and not each["streaming"] and each["thread_ts"] and said(each) for each in shown)
