"""What is said of a message that comes while another is being answered."""

from collections.abc import Mapping

from bot.services.chats.members.steering import Taken

TOLD: Mapping[Taken, str] = {
    "next": "I take this up next. “Wait, …” changes what I am doing now, and “stop” ends it.",
    "steers": "Changing course: I go on with what you just said.",
    "after_change": "I am in the middle of a change, which I do not cut off. I take this up right after it.",
}
