"""What goes wrong between us and Slack."""

import logging

from aiohttp import ClientError
from slack_bolt import BoltResponse
from slack_sdk.errors import SlackApiError

from storage.engines.engine import is_away

log = logging.getLogger(__name__)

AWAY = (ClientError, TimeoutError, OSError)
TROUBLE = (SlackApiError, *AWAY)
"""Slack says no, or nothing at all."""
NOTHING_LEFT = frozenset({"message_not_found", "channel_not_found", "cant_update_message", "is_archived"})
"""There is nothing any more that could be changed: to try again would be in vain."""


class SlackRefused(Exception):
    """Slack does not take our tokens, or cannot be reached. The text names the variable and the cure."""


def code_of(error: BaseException) -> str:
    """Slack's own name for a refusal, such as ``not_found``; else that of the error."""
    if not isinstance(error, SlackApiError):
        return type(error).__name__
    try:
        return str(error.response["error"] or "")
    except (KeyError, TypeError):
        return ""


async def before_a_listener(error: Exception) -> BoltResponse | None:
    """What Bolt answers when the way to a listener is barred; Slack brings an event again that it sees refused."""
    if is_away(error):
        log.warning("Slack is asked to come again: the database is away (%s)", type(error).__name__)
        return BoltResponse(status=503, headers={"Retry-After": ["5"]})
    log.error("a request of Slack's failed on its way to a listener", exc_info=error)
    return None


def retry_after(error: SlackApiError) -> float:
    """Seconds that Slack asks to wait."""
    headers = getattr(error.response, "headers", None) or {}
    return seconds_asked(headers.get("Retry-After"))


def seconds_asked(header: str | None, otherwise: float = 1.0) -> float:
    """What a Retry-After says."""
    return float(header) if header is not None and str(header).isdecimal() else otherwise
