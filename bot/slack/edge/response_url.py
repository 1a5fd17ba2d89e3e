"""Answers by ``response_url``, through the one session that all calls share."""

import logging
from collections.abc import Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.screens.blocks.elements import Block

log = logging.getLogger(__name__)


async def respond(
    client: AsyncWebClient,
    url: str,
    text: str,
    blocks: Sequence[Block] = (),
    *,
    replace: bool = False,
    thread_ts: str = "",
) -> bool:
    """An ephemeral answer; False when Slack no longer takes one (five posts, half an hour)."""
    message: dict[str, Any] = {"text": text, "response_type": "ephemeral", "replace_original": replace}
    if thread_ts and not replace:
        message["thread_ts"] = thread_ts
    if blocks:
        message["blocks"] = list(blocks)
    if client.session is None:
        raise RuntimeError("the client was made without a session")
    async with client.session.post(url, json=message, proxy=client.proxy) as answer:
        if answer.status != 200:
            log.warning("a response_url took no more: HTTP %s", answer.status)
        return answer.status == 200
