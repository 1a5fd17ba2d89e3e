"""What somebody types while they still wait for an answer is the same conversation: it waits for that answer too."""

from storage.database import Tables
from storage.members import Member

WHILE_ANSWERING = 30
"""Seconds after the first; later messages are a new topic, answered at the same time."""
LIVE = ("queued", "running")


def source(channel: str, ts: str) -> str:
    """The name of a message in Slack, by which it is answered once."""
    return f"slack:{channel}:{ts}"


async def thread_to_join(tables: Tables, member: Member, channel: str, ts: str) -> str | None:
    """Of a message ``ts`` that opens no thread: the one that the message just before it opened; None for its own."""
    earliest = source(channel, _before(ts, WHILE_ANSWERING))
    found = await tables.turns.between(member.workspace, member.id, earliest, source(channel, ts))
    for turn, place in found:
        root = str(place.get("thread_ts"))
        if turn.source != source(channel, root) or root == ts:
            continue  # said inside a thread
        if any(each.conversation_id == turn.conversation_id and each.status in LIVE for each, _ in found):
            return root
    return None


def _before(ts: str, seconds: int) -> str:
    whole, _, rest = ts.partition(".")
    return f"{int(whole) - seconds:010d}.{rest}"
