"""A reminder that is due is told: once, also when what told it was killed before it could note that."""

from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.reminders import REMINDER as REMINDER
from bot.slack.acts.direct_message import direct_channel, tell
from bot.slack.edge.errors import code_of
from bot.slack.screens.turns import reminders as screens
from bot.slack.services import Services
from storage.members import Member
from storage.tables import Job, Reminder

NO_THREAD = frozenset({"thread_not_found", "cannot_reply_to_message", "message_not_found"})
LOOKED_AT = 100


class Reminding:
    def __init__(self, client: AsyncWebClient, services: Services) -> None:
        self._client = client
        self._reminders = services.reminders
        self._from_outside = services.from_outside

    async def __call__(self, job: Job) -> None:
        """Where one may have been told already, it is looked for before it is told."""
        reminder, again = await self._reminders.taken(job.payload["workspace"], job.payload["reminder"])
        if reminder is None:
            return
        member = Member(reminder.workspace_id, reminder.member_id)
        whence = await self._from_outside.whence(member)
        # Whoever may not ask any more is not spoken to either.
        if not (whence and whence.barred) and not (again and await self._stands_there(reminder)):
            await self._tell(reminder)
        await self._reminders.told(reminder)

    async def _tell(self, reminder: Reminder) -> None:
        member = Member(reminder.workspace_id, reminder.member_id)
        text, blocks = screens.words(reminder), screens.told(reminder)
        try:
            await tell(self._client, member, text, blocks, thread_ts=_thread(reminder), broadcast=True)
        except SlackApiError as error:
            if code_of(error) not in NO_THREAD:
                raise
            await tell(self._client, member, text, blocks)

    async def _stands_there(self, reminder: Reminder) -> bool:
        channel = await direct_channel(self._client, Member(reminder.workspace_id, reminder.member_id))
        since = str(reminder.due_at.timestamp())
        asked: dict[str, Any] = {"channel": channel, "oldest": since, "limit": LOOKED_AT}
        found = list((await self._client.conversations_history(**asked))["messages"])
        if thread := _thread(reminder):
            try:
                found += (await self._client.conversations_replies(ts=thread, **asked))["messages"]
            except SlackApiError as error:
                if code_of(error) not in NO_THREAD:
                    raise
        mark = screens.mark(reminder)
        return any(block.get("block_id") == mark for each in found for block in each.get("blocks") or [])


def _thread(reminder: Reminder) -> str | None:
    """What was asked for among others is told in the direct message."""
    return str(reminder.place["thread_ts"]) if reminder.place.get("private") else None
