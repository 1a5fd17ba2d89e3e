"""Services that people ask for, and how each would be connected."""

import re

from playground.gemini.demo.conversation import Conversation
from playground.gemini.demo.talking.service_names import ALSO, CARDS, HINTS, KINDS, ONE_CLICK, OTHERS, SIGNED_IN
from playground.gemini.demo.telling.strangers import sentence

CONNECT = re.compile(
    r"\b(?:connect|add|install|link up|integrate|set up|hook up|use|access|log ?in to"
    r"|sign in to)\b",
    re.IGNORECASE,
)
ANY_TOOL = re.compile(
    r"(?:how (?:do|can) i |can i |i want to )?connect(?: an?| my| the| more| some| new"
    r"| another)*(?: tools?| server| service| something| account)?[\s?.!]*",
    re.IGNORECASE,
)
WAYS = (
    "Time takes one click, Calendar lets you sign in, GitHub and Supabase ask for a token, Custom takes the address of"
    " any MCP server."
)
DISCONNECT = re.compile(
    r"\b(?:disconnect|unlink|unplug|log ?out of|(?:remove|delete|revoke) (?:the "
    r"|my )?(?:\w+ )?(?:tool|connection|server|integration|access)s?)\b",
    re.IGNORECASE,
)
PLAIN_WORDS = ("time", "notes", "calendar", "custom")
"""Cards that are called like what people talk about anyway."""
ANY_SERVER = "`/mcp connect custom` takes the address of any MCP server."
SECRET = "Its token is asked for on a page of its own, so never paste it here."  # noqa: S105


def connecting(text: str, talk: Conversation) -> str | None:
    """«connect github», «disconnect it»; None when it is about something else."""
    name = named(text)
    if DISCONNECT.search(text):
        said = set(re.findall(r"\w+", text.lower()))
        server = next((tool.server for tool in talk.tools if tool.server in said - {"usher"}), "")
        which = f"`/mcp disconnect {server}`" if server else "`/mcp disconnect` and the name of the connection"
        return (
            f"Type {which} in the message box; the button in my Home tab does the same. It ends the"
            f" connection and forgets its token."
        )
    if name and re.match(
        r"(?:how (?:do|can) i |i (?:want|need) to |can i |can you )?" + CONNECT.pattern, text, re.IGNORECASE
    ):
        return _connect(name, talk)
    if ANY_TOOL.fullmatch(text):
        return f"Type `/mcp connect` in the message box and pick a card: {WAYS}"
    return None


def needed(text: str, talk: Conversation) -> str | None:
    """Which card would do what no connected tool can."""
    if trouble := _trouble(text, talk):
        return f"That does not work right now. {sentence(trouble)}"
    if name := named(text):
        return _connect(name, talk)
    for card, hint in HINTS.items():
        if re.search(hint, text, re.IGNORECASE):
            return _connect(CARDS[card], talk)
    kind = next((kind for pattern, kind in KINDS if re.search(pattern, text, re.IGNORECASE)), None)
    if kind is None:
        return None
    return f"I have no {kind} tool, so I cannot do that. If you have an MCP server for it, connect it: {ANY_SERVER}"


def lacking(text: str, talk: Conversation) -> str | None:
    """The service with a card of its own that this would take and that is not there; it is no help where one is ill."""
    if _trouble(text, talk):
        return None
    hinted = (CARDS[card] for card, hint in HINTS.items() if re.search(hint, text, re.IGNORECASE))
    name = named(text) or next(hinted, None)
    return name if name and card_of(name) != "custom" and not is_there(name, talk) else None


def is_there(name: str, talk: Conversation) -> bool:
    return any(tool.server.startswith(card_of(name)) for tool in talk.tools)


def how_it_connects(name: str) -> str:
    card = card_of(name)
    if card in ONE_CLICK:
        return "It takes one click."
    return "You sign in to it on its own page." if card in SIGNED_IN else SECRET


def named(text: str) -> str | None:
    known = [*OTHERS, *ALSO, *(title for card, title in CARDS.items() if card not in PLAIN_WORDS)]
    for name in known:
        if re.search(rf"\b{re.escape(name).replace(' ', ' ?')}\b", text, re.IGNORECASE) and _meant(name, text):
            return ALSO.get(name, name)
    match = CONNECT.search(text)
    after = text[match.end() :].strip(" .?!").removeprefix("the ").removeprefix("my ").lower() if match else ""
    return CARDS.get(after)


def _meant(name: str, text: str) -> bool:
    """Some names are also plain words."""
    if name == "Slack":
        return (
            re.search(
                r"\b(?:connect|search|read) (?:my )?slack\b|\bslack (?:messages?|channels?|history|search"
                r"|workspace)\b",
                text,
                re.I,
            )
            is not None
        )
    return (
        name not in ("Monday", "Teams", "Linear", "Notion", "Excel", "Zoom")
        or re.search(rf"\b{name}\b", text) is not None
        or "connect" in text.lower()
    )


def card_of(name: str) -> str:
    return next((card for card, title in CARDS.items() if title == name), "custom")


def _connect(name: str, talk: Conversation) -> str:
    card = card_of(name)
    if is_there(name, talk):
        return (
            f"{name} is connected already. `/mcp tools {card}` shows what it can do, and “what can you"
            f" do” tells you more."
        )
    where = "in the message box, or press Connect a tool in my Home tab"
    if card == "custom":
        return f"{name} has no card of its own, but any MCP server for it can be connected: {ANY_SERVER} {SECRET}"
    if card in ONE_CLICK:
        return f"{name} is not connected yet. Type `/mcp connect {card}` {where}: it takes one click."
    if card in SIGNED_IN:
        return f"{name} is not connected yet. Type `/mcp connect {card}` {where}, and sign in."
    return f"{name} is not connected yet. Type `/mcp connect {card}` {where}. {SECRET}"


def _trouble(text: str, talk: Conversation) -> str | None:
    """A connection that is there and does not work, when the question is about it."""
    told = talk.task.partition("The member's connections, as they are now:")[2]
    lines = [line.removeprefix("- ") for line in told.splitlines() if line.startswith("- ")]
    lines = [line for line in lines if " is connected: " not in line or " for your yes" in line]
    said = set(re.findall(r"\w+", text.lower()))
    return next(
        (
            line
            for line in lines
            if (found := re.search(r"\w+", line)) and found.group().lower().rstrip("s") in {w.rstrip("s") for w in said}
        ),
        None,
    )
