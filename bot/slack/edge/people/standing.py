"""Whether who acted is one of ours: decided here alone, and a stranger wherever it cannot be known.

What a payload calls its team may be the sender's own, and so may what it calls theirs: in a channel that is shared with
another organisation its people send us payloads too. What holds is where we are installed, by our own token, and where
an event reached us, by its authorization.
"""

from collections.abc import Set
from enum import Enum, auto

from bot.slack.edge.payload import Payload, authorized_in, enterprise_of, homes_of, in_shared_channel, workspace_of


class Standing(Enum):
    MEMBER = auto()
    STRANGER = auto()
    UNKNOWN = auto()
    """Only Slack knows, when it is asked about the person."""


def standing(body: Payload, ours: Set[str]) -> Standing:
    """``ours`` are the ids of the team and of the enterprise that our token is of."""
    if workspace_of(body) not in ours and enterprise_of(body) not in ours:
        return Standing.STRANGER
    homes = set(homes_of(body))
    elsewhere = homes - ours - authorized_in(body)
    if elsewhere:
        enterprise = any(each.startswith("E") for each in ours)
        of_another = any(each.startswith("E") for each in elsewhere)
        if of_another or not enterprise:
            return Standing.STRANGER
    # Where a channel is not shared with other organisations, nobody else can have spoken.
    known = bool(homes) and not elsewhere
    return Standing.MEMBER if known or ("event" in body and in_shared_channel(body) is False) else Standing.UNKNOWN
