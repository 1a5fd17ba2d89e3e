"""What stands in the audit of a link, by its name there; `docs/security.md` has the same table."""

from collections.abc import Mapping

COUNTED: Mapping[str, str] = {
    "link.previewed": "a program looked at its page",
    "link.opened": "somebody looked at its page",
    "link.start_denied": "a start was refused, and why",
    "link.resumed": "a guest came back to their chat",
    "link.message": "a guest's message was taken",
    "link.limited": "a guest's message met a limit, and which",
    "link.tool_used": "a guest's agent used a tool, and which",
}
"""By the hour: the first of each at once, all others of the hour in one more entry when it is over."""
EACH: Mapping[str, str] = {
    "link.created": "with the hash of all that was chosen",
    "link.started": "a guest began",
    "link.handed_off": "a guest went on on another device",
    "link.passcode_failed": "a wrong passcode",
    "link.code_sent": "a code was sent to whom it is for",
    "link.code_failed": "a wrong code",
    "link.filtered": "a content stage met something: its kind, once a chat",
    "link.answered": "a guest's answers were filed",
    "link.paused": "nobody new may start",
    "link.unpaused": "guests may start again",
    "link.extended": "it was given more time",
    "link.rotated": "it was given another address",
    "link.work_on": "chats are started oddly fast, and browsers have to calculate first",
    "link.work_off": "they need not any more",
    "link.channel_lost": "its channel cannot be followed in any more: its chats are in the creator's direct message",
    "link.tools_lost": "tools are not offered any more",
    "link.tampered": "it is not what its creator looked at: its agent answers no more",
    "link.expired": "its time was over",
    "link.revoked": "it was ended",
    "link.exported": "a transcript or a table was given out",
    "link.deletion_asked": "what was said in a chat is to go",
    "link.purged": "what was said in a chat is gone, with how much that was",
    "chat.taken_over": "the host answers in person",
    "chat.handed_back": "the agent answers again",
    "chat.ended": "a chat ended: by its host, its guest, silence, or too many messages",
}
LINK_ACTIONS: Mapping[str, str] = {**COUNTED, **EACH}
