"""What guests may say and spend. Every refusal says which limit and when it lifts."""

from bot.errors import Refused
from bot.services.refusals import refused

MESSAGE_CHARACTERS = 4_000
SESSION_MESSAGES = 30
QUEUED = 3
GUEST_STEPS = 6
GUEST_TOKENS = 4_000
"""Of one answer; a thinking model's thoughts count too."""
LINK_TOKENS = 250_000
TURN_TOKENS = 10_000
"""Set aside on the link before a turn; what it really took is settled afterwards."""


def check_length(text: str) -> None:
    if not text.strip():
        raise refused("empty")
    if len(text) > MESSAGE_CHARACTERS:
        raise refused("too_long", most=MESSAGE_CHARACTERS, has=len(text))


def no_more_messages(most: int) -> Refused:
    return refused("messages", most=most)


def no_more_tokens() -> Refused:
    return refused("budget")


def no_more_of_share() -> Refused:
    return refused("share")


def set_aside() -> Refused:
    """What is left is promised to answers that others wait for; they seldom need all of it."""
    return refused("others", retry_after=20)


def queue_full() -> Refused:
    return refused("queue", retry_after=5, most=QUEUED)
