"""What stands in the audit of a link, by its name there; `docs/security.md` has the same table."""

from collections.abc import Mapping

COUNTED: Mapping[str, str] = {
    "link.previewed": "a program looked at a link's page",
    "link.opened": "somebody looked at a link's page",
    "link.start_denied": "a guest was not let start a chat",
    "link.resumed": "a guest came back to their chat",
    "link.message": "a guest's message was taken",
    "link.limited": "a guest's message met a limit",
    "link.tool_used": "a guest's agent used a tool",
}
"""By the hour: the first of each at once, all others of the hour in one more entry when it is over."""
EACH: Mapping[str, str] = {
    "link.created": "a chat link was made",
    "link.started": "a guest began a chat",
    "link.handed_off": "a guest took a chat to another device",
    "link.passcode_failed": "a wrong passcode was typed on a link's page",
    "link.code_sent": "a code was sent to the person whom a link is for",
    "link.code_failed": "a wrong code was typed on a link's page",
    "link.filtered": "something was met in what was said in a chat: its kind, once a chat",
    "link.answered": "a guest's answers were filed",
    "link.paused": "a link was paused: nobody new may start",
    "link.unpaused": "a paused link was opened again",
    "link.extended": "a link was given more time",
    "link.rotated": "a link was given another address",
    "link.work_on": "chats were started oddly fast, and browsers have to calculate first",
    "link.work_off": "browsers need not calculate any more",
    "link.channel_lost": "its channel cannot be followed in any more: chats go into the creator's direct message",
    "link.tools_lost": "tools of a link are not offered any more",
    "link.tampered": "a link is not what its creator looked at: its agent answers no more",
    "link.expired": "a link's time was over",
    "link.revoked": "a link was ended",
    "link.exported": "a transcript or a table of a link was given out",
    "link.deletion_asked": "what was said in a chat is to go",
    "link.purged": "what was said in a chat is gone, with how much that was",
    "chat.taken_over": "a host answers in person",
    "chat.handed_back": "the agent answers a guest again",
    "chat.ended": "a chat ended: by its host, its guest, silence, or too many messages",
}
LINK_ACTIONS: Mapping[str, str] = {**COUNTED, **EACH}
