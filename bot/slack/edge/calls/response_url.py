"""Answers by ``response_url``, through the one session that all calls share."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import AWAY, seconds_asked
from bot.slack.screens.blocks.elements import Block

log = logging.getLogger(__name__)

WAITS = (1.0, 2.0, 0.0)
"""Seconds after each try that failed for now."""
LONGEST_WAIT = 10.0
"""Seconds; somebody sits and waits, and there are other ways to tell them."""


async def respond(
    client: AsyncWebClient,
    url: str,
    text: str,
    blocks: Sequence[Block] = (),
    *,
    replace: bool = False,
    thread_ts: str = "",
) -> bool:
    """An ephemeral answer; False when Slack does not take it, now or any more (five posts, half an hour)."""
    message: dict[str, Any] = {"text": text, "response_type": "ephemeral", "replace_original": replace}
    if thread_ts and not replace:
        message["thread_ts"] = thread_ts
    if blocks:
        message["blocks"] = list(blocks)
    if client.session is None:
        raise RuntimeError("the client was made without a session")
    for wait in WAITS:
        try:
            async with client.session.post(url, json=message, proxy=client.proxy) as answer:
                status, asked = answer.status, answer.headers.get("Retry-After", "")
        except AWAY as error:
            status, asked = 0, ""
            log.warning("a response_url was not reached: %s", type(error).__name__)
        if status == 200:
            return True
        if not (status == 0 or status == 429 or status >= 500):
            break
        await asyncio.sleep(min(seconds_asked(asked, wait), LONGEST_WAIT))
    log.warning("a response_url took no more: HTTP %s", status)
    return False
