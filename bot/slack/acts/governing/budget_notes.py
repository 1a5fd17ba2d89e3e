"""A member hears that little is left of what they may use in a month, or that there is more of it."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts.direct_message import tell
from bot.slack.screens.blocks.text import safe
from storage.members import Member
from storage.tables import Job


async def budget_note(client: AsyncWebClient, job: Job) -> None:
    told = job.payload
    if told["text"]:  # else the month is over in which they had asked for more
        mark = ":white_check_mark:" if told.get("good") else ":hourglass:"
        await tell(client, Member(told["workspace"], told["member"]), f"{mark} {safe(told['text'], 1000)}", of=job.once)
