"""What goes wrong between us and Slack."""

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError

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
        return str(error.response["error"])
    except (KeyError, TypeError):
        return ""
