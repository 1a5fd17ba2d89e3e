"""«connect Calendar», «disconnect Notes»: what Usher's own tools do, where they are offered."""

import re

from playground.gemini.demo.conversation import Call, Conversation
from playground.gemini.demo.hearing.clauses import Clause, Mood
from playground.gemini.demo.talking.services import card_of, named

CONNECT = re.compile(
    r"(?:please )?(?:connect|hook up|link up|set up|(?:sign|log) ?in) (?:me )?(?:to |with )?(?P<what>.+)", re.IGNORECASE
)
DISCONNECT = re.compile(
    r"(?:please )?(?:disconnect|unlink|unplug) (?:the |my )?(?P<what>[\w .-]+?)(?: (?:connection|server|tool))?",
    re.IGNORECASE,
)
VAGUE = re.compile(
    r"(?:an?|any|all|every|some|the|my|it|this|that|them|these|those|one)\b.*|everything|(?:tool|connection)s?", re.I
)
OFFER, END = "usher__offer_to_connect", "usher__disconnect_tool"


def calls(wish: Clause, talk: Conversation) -> tuple[Call, ...]:
    """None where it is only wondered about, or where it is not said what is meant."""
    text = wish.text.strip(" .!?")
    if wish.mood is not Mood.REQUEST or wish.asking:
        return ()
    if (found := DISCONNECT.fullmatch(text)) and talk.tool(END) and not VAGUE.fullmatch(found["what"]):
        return (Call(END, {"connection": found["what"]}),)
    if CONNECT.fullmatch(text) and talk.tool(OFFER) and (name := named(text)) and not _there(name, talk):
        return (Call(OFFER, {"service": name}),)
    return ()


def _there(name: str, talk: Conversation) -> bool:
    return any(tool.server.startswith(card_of(name)) for tool in talk.tools)
