"""What those hear who are no members of the workspace: in plain words, and none of them an administrator's."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.screens.blocks.elements import View, header, section
from bot.slack.screens.blocks.text import escaped, when
from storage.rules.outside import Kind, May, Whence

NO_GUEST = (
    "Sorry, I answer full members of this workspace only, and Slack says that you are a guest in it. An admin can "
    "change that in my Home tab, under Policies."
)
NO_OUTSIDER = (
    "Sorry, I answer people of my own workspace only, and you are here from another organisation. An admin of my "
    "workspace can change that in my Home tab, under Policies."
)
NOT_KNOWN = (
    "Slack did not tell me just now whether you belong to this workspace, so I did nothing. Try again in a minute."
)
ASK_FIRST = (
    "An administrator says first whether I may answer whoever is no member of this workspace. Send me your question in "
    "a message, or mention me: I keep it, ask them, and answer once they say yes."
)
ASKED = (
    "You are no member of this workspace, so I have asked its administrators whether I may answer you. Your question "
    "is kept, and I answer it here once they say yes. If nobody has said anything until {}, ask me again."
)
WAITS = (
    "I have asked the administrators already. They have until {} to answer, and your first question is kept: there is "
    "nothing more that you need to do."
)
NOT_THEY = "Sorry, the administrators of this workspace have decided that I do not answer you here."
ELSEWHERE = "Sorry, I may answer you in {} only. Ask me there."
READS_ONLY = (
    "You may ask me things, and this is something else: administrators let you use tools that only read, and nothing "
    "that is made, changed or approved here. Just ask me, in words."
)
REFUSED_NOW = (
    "I asked the administrators whether I may answer you, and they would rather that I do not. Please turn to somebody "
    "of this workspace with your question."
)
LAPSED = (
    "None of the administrators has answered in time whether I may talk with you, so I have let your question go. Ask "
    "me again, and I ask them again."
)
LET_IN = "The administrators let you ask me now. What would you like to know?"
LET_IN_TO_READ = f"{LET_IN} You can use tools that only read."
HOME_TITLE, HOME_OF_READERS = (
    "Ask me",
    "Write to me in a direct message, or mention me in a channel, and I answer. You are no member of this workspace, "
    "so I look things up for you and change nothing: connections, chat links and approvals are its members' own.",
)


def asked(until: datetime) -> str:
    return ASKED.format(when(until))


def waits(until: datetime | None) -> str:
    return WAITS.format(when(until) if until else "some time later")


def elsewhere(channels: Sequence[str]) -> str:
    named = [f"<#{escaped(each)}>" for each in channels[:10]]
    more = ["other channels"] if len(channels) > 10 else []
    *most, last = [*named, *more]
    return ELSEWHERE.format(f"{', '.join(most)} and {last}" if most else last)


def why(whence: Whence) -> str:
    """They may not ask, wherever it is."""
    match whence.may:
        case May.NOT_THEY:
            return NOT_THEY
        case May.ASK_FIRST | May.WAIT:
            return ASK_FIRST
        case _:
            return NO_OUTSIDER if whence.kind is Kind.OUTSIDERS else NO_GUEST


def turned_away(text: str) -> View:
    """In place of the Home tab."""
    return {"type": "home", "blocks": [section(text)]}


def readers_home() -> View:
    return {"type": "home", "blocks": [header(HOME_TITLE), section(HOME_OF_READERS)]}
