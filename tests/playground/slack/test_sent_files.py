"""Files that people send come with their message, and only a token that may read files is given what is in them."""

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.server import LocalSlack
from playground.slack.surfaces.sent_files import Sending
from tests.playground.slack.conftest import DM, OWNER


async def test_a_persons_file_is_given_to_the_apps_token_alone_and_goes_with_its_message(
    client: AsyncWebClient, slack: LocalSlack
) -> None:
    ts = await slack.person_says(OWNER, DM, "", files=[Sending("ä b.txt", b"words")])
    [message] = [each for each in slack.messages(DM, OWNER) if each["ts"] == ts]
    assert message["files"][0]["text"] == "words"
    told = (await client.files_info(file=message["files"][0]["id"]))["file"]
    assert told["size"] == 5 and "text" not in told and told["mimetype"] == "text/plain"
    address = told["url_private_download"]
    async with ClientSession() as session:
        for token, status in ((slack.bot_token, 200), ("xoxb-other", 302), ("", 302)):
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get(address, headers=headers, allow_redirects=False) as answer:
                assert answer.status == status
                assert status != 302 or "/?redir=" in answer.headers["Location"]
        await slack.person_deletes(OWNER, DM, ts)
        async with session.get(address, headers={"Authorization": f"Bearer {slack.bot_token}"}) as answer:
            assert answer.status == 404
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_info(file=told["id"])


async def test_the_page_hands_files_over_in_base64_and_what_is_none_is_refused(slack: LocalSlack) -> None:
    said = {"as": OWNER, "do": "say", "channel": DM, "text": ""}
    assert (await slack.act({**said, "files": [{"name": "a.txt", "data": "d29yZHM="}]}))["ok"]
    for wrong in ([{"name": "a.txt", "data": "%"}], [{"name": "a.txt"}], "files", [{"name": "a.txt", "data": ""}]):
        assert not (await slack.act({**said, "files": wrong}))["ok"]
