"""A member hears that little is left of what they may use in a month."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts.direct_message import tell
from bot.slack.screens.blocks.text import safe
from storage.members import Member
from storage.tables import Job


async def budget_note(client: AsyncWebClient, job: Job) -> None:
    told = job.payload
    await tell(client, Member(told["workspace"], told["member"]), f":hourglass: {safe(told['text'], 1000)}")
