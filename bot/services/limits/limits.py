"""What guests may say and spend, and how much of a member waits. Every refusal says which limit and when it lifts."""

from bot.errors import Refused
from bot.services.limits.refusals import refused

MESSAGE_CHARACTERS = 4_000
SESSION_MESSAGES = 30
QUEUED = 3
MEMBER_QUEUED = 50
"""Messages of one member that wait, in all their conversations together."""
GUEST_STEPS = 6
GUEST_TOKENS = 4_000
"""Of one answer; a thinking model's thoughts count too."""
LINK_TOKENS = 250_000
TURN_TOKENS = 10_000
"""What has to be left for a message to be taken; each request to the model sets aside what it may take."""


def check_length(text: str) -> None:
    if not text.strip():
        raise refused("empty")
    if len(text) > MESSAGE_CHARACTERS:
        raise refused("too_long", most=MESSAGE_CHARACTERS, has=len(text))


def no_more_messages(most: int) -> Refused:
    return refused("messages", most=most)


def queue_full() -> Refused:
    return refused("queue", retry_after=5, most=QUEUED)


def members_queue_full() -> Refused:
    return Refused(
        f"{MEMBER_QUEUED} of your messages are waiting for an answer already, and that is the most at a time. This"
        " one was not taken in: send it again once some are answered, or write *stop* where you need no answer now.",
        code="members_queue",
    )
