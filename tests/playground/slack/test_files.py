"""Files are uploaded as Slack wants it: an address for each, all of its bytes, and then a message that shares them."""

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.server import LocalSlack
from tests.playground.slack.conftest import DM, OWNER


async def test_what_is_uploaded_is_shared_once_it_is_whole(client: AsyncWebClient, slack: LocalSlack) -> None:
    begun = await client.files_getUploadURLExternal(filename="a.png", length=3)
    share = [{"id": begun["file_id"], "title": "A"}]
    with pytest.raises(SlackApiError, match="file_not_found"):  # nothing has arrived
        await client.files_completeUploadExternal(files=share, channel_id=DM)
    async with ClientSession() as session:
        for body, status in ((b"ab", 400), (b"abc", 200), (b"abc", 400)):
            async with session.post(begun["upload_url"], data=body) as answer:
                assert answer.status == status
    done = await client.files_completeUploadExternal(files=share, channel_id=DM)
    assert done["files"][0]["size"] == 3
    (message,) = [each for each in slack.messages(DM, OWNER) if each["files"]]
    assert message["files"][0]["picture"].startswith("data:image/png;base64,")
    with pytest.raises(SlackApiError, match="file_not_found"):  # it is shared already
        await client.files_completeUploadExternal(files=share, channel_id=DM)


async def test_a_file_is_deleted_once_and_its_message_with_the_last(client: AsyncWebClient, slack: LocalSlack) -> None:
    given = [{"content": b"abc", "filename": f"{name}.png", "title": name} for name in ("a", "b")]
    shared = await client.files_upload_v2(file_uploads=given, channel=DM)
    first, last = (each["id"] for each in shared["files"])
    await client.files_delete(file=first)
    (message,) = [each for each in slack.messages(DM, OWNER) if each["files"]]
    assert [each["id"] for each in message["files"]] == [last]
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_delete(file=first)
    await client.files_delete(file=last)
    assert [each for each in slack.messages(DM, OWNER) if each["files"]] == []


@pytest.mark.parametrize("length", [0, "many", 1 << 40])
async def test_a_file_of_an_odd_length_is_refused(client: AsyncWebClient, length: object) -> None:
    with pytest.raises(SlackApiError):
        await client.api_call("files.getUploadURLExternal", params={"filename": "a", "length": length})
