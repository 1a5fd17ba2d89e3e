"""«connect Calendar», «disconnect Notes»: what Usher's own tools do, where they are offered."""

import re

from playground.gemini.demo.conversation import Call, Conversation
from playground.gemini.demo.decision import Decision
from playground.gemini.demo.hearing.clauses import Clause, Mood
from playground.gemini.demo.talking import services

CONNECT = re.compile(
    r"(?:please )?(?:how (?:do|can) i |can i |i (?:want|need) to |can you )?"
    r"(?:connect|hook up|link up|set up|(?:sign|log) ?in) (?:me )?(?:to |with )?(?P<what>.+)",
    re.IGNORECASE,
)
DISCONNECT = re.compile(
    r"(?:please )?(?:disconnect|unlink|unplug) (?:the |my )?(?P<what>[\w .-]+?)(?: (?:connection|server|tool))?",
    re.IGNORECASE,
)
VAGUE = re.compile(
    r"(?:an?|any|all|every|some|the|my|it|this|that|them|these|those|one)\b.*|everything|(?:tool|connection)s?", re.I
)
OFFER, END = "usher__offer_to_connect", "usher__disconnect_tool"


def asked(wish: Clause, talk: Conversation) -> Decision | None:
    """None where it is not said what is meant, or where disconnecting is only wondered about."""
    text = wish.text.strip(" .!?")
    if wish.mood is Mood.NEGATED:
        return None
    found = DISCONNECT.fullmatch(text) if wish.mood is Mood.REQUEST and not wish.asking else None
    if found and talk.tool(END) and not VAGUE.fullmatch(found["what"]):
        return Decision(calls=(Call(END, {"connection": found["what"]}),))
    if not talk.tool(OFFER):
        return None
    if services.ANY_TOOL.fullmatch(text):  # a button changes nothing, so it may follow a question too
        return Decision(services.WAYS, (Call(OFFER, {}),))
    name = services.named(text) if CONNECT.fullmatch(text) else None
    if name and services.card_of(name) != "custom" and not services.is_there(name, talk):
        return Decision(services.how_it_connects(name), (Call(OFFER, {"service": name}),))
    return None


def needed(text: str, talk: Conversation) -> Decision | None:
    """The button of the card that this would take."""
    if not talk.tool(OFFER) or not (name := services.lacking(text, talk)):
        return None
    words = f"{name} is not connected yet, so I could not look there. {services.how_it_connects(name)}"
    return Decision(f"{words} Ask me once more when it is.", (Call(OFFER, {"service": name}),))
