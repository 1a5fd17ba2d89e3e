"""Messages that Slack did not let end: each is a job, done again until it is done, also by the next process."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Chats
from bot.slack.edge.calls.acting_for import job_of_its_workspace
from bot.slack.replies.refusals import Gone
from bot.slack.replies.stream import Left
from bot.slack.replies.streamed_message import Ending, end
from storage.tables import Job

KIND = "end_stream"


def later(chats: Chats, workspace: str) -> Left:
    async def left(ending: Ending) -> None:
        once = f"{KIND}:{ending.channel}:{ending.ts}"
        await chats.tell_later(workspace, KIND, once, asdict(ending))

    return left


def handlers(client: AsyncWebClient) -> Mapping[str, Callable[[Job], Awaitable[None]]]:
    async def end_stream(job: Job) -> None:
        with suppress(Gone):
            await end(client, Ending(**job.payload))

    return {KIND: job_of_its_workspace(end_stream)}
