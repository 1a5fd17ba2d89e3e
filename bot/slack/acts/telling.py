"""What is told of later needs somebody who is still there to be told."""

import logging
from collections.abc import Awaitable, Callable

from slack_sdk.errors import SlackApiError

from bot.slack.edge.errors import code_of
from storage.tables import Job

log = logging.getLogger(__name__)

NOBODY = frozenset({"user_disabled", "user_not_found", "cannot_dm_bot"})
"""The account has ended: there is nobody to be told, now or later."""
JobHandler = Callable[[Job], Awaitable[None]]


def to_somebody(telling: JobHandler) -> JobHandler:
    async def told(job: Job) -> None:
        try:
            await telling(job)
        except SlackApiError as error:
            if code_of(error) not in NOBODY:
                raise
            log.info("there is nobody left to be told: %s", code_of(error))

    return told
