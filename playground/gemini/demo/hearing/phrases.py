"""Many ways to say the same, turned into one: a table from idioms to the plain request."""

import re

LINK = r"(?:temporary |new |chat |guest |invite |private |quick )*link"
WISHING = r"(?:i need|i want|i could use|get|give|send|share|set up|prepare|generate|i['’]d like|i would like)"
IDIOMS = (
    (r"^\s*new (chat link|link)\b", r"add a \1"),
    (
        r"\b(?:make|take|leave|drop|write|jot|put)(?: me)?(?: down)? (a|another) (?:new |quick "
        r"|short )?note\b",
        r"add \1 note",
    ),
    (r"\bget rid of\b|\bthrow away\b|\bbin\b", "delete"),
    (r"\b(?:take a look|have a look|look) (?:at|into|through)\b|\bpull up\b|\bdisplay\b|\bprint\b", "show"),
    (r"\bgive me\b(?! an?\b)", "show"),
    (r"\bopen (an?|new)\b", r"create \1"),
    (rf"\b{WISHING}(?: to have| to get| me| to send| to share)? (an?) ({LINK})\b", r"create \1 \2"),
    (rf"^(?:an? )?({LINK}) for\b", r"create a \1 for"),
    (
        r"\b(?:set up|create|make|open|start|prepare) an? (?:guest |temporary |private "
        r"|new )*chat (?=for|with)",
        "create a chat link ",
    ),
    (r"^invite (?=(?:a|an|my|the|our)\b)", "create a chat link for "),
    (r"\bwhat['’]?s\b", "what is"),
    (r"\bwhat is the (?:local |current |exact )?time\b", "what time is it"),
    (r"\b(?:got|have)(?: you)? the time\b|\bhow late is it\b", "what time is it"),
    (
        r"\bis it (?:(?:very|too|already|still|so|late|early|night|morning|evening|day|daytime|dark)\s+)+"
        r"(?:for \w+ )?(?=in\b)",
        "what time is it ",
    ),
    (r"\bsummari[sz]e\b|\bsum up\b|\btl;?dr\b", "summarise"),
)
POLITE = re.compile(
    r"^(?:(?:hey|hi|hello|yo|ok|okay|so|well|now|then|and|also|just|please|usher|kindly|thanks|thank you|great|cool|"
    r"quickly|actually|but|hmm|um|oh|alright|all right|perfect|good morning|good evening|good afternoon|there|hallo|"
    r"hola|bitte|danke|yes|no wait|wait|asap|urgent|quick question|question|fyi|"
    r"i(?:['’]d| would) like (?:you )?to|i (?:want|need)(?: you)? to|let['’]?s|go ahead and|would you mind|"
    r"i was wondering if|do me a favou?r and|for me)\b|[,.!:;\s…]+)+",
    re.IGNORECASE,
)
ASKING_OFF = re.compile(
    r"^(?:can|could|would|will) (?:you|u)(?: please| kindly)?(?: go and| also| just)?\s+", re.IGNORECASE
)
THANKING = re.compile(
    r"[\s,]*\b(?:please|thanks|thank you|for me|right now|now|rn|asap|quickly|as well"
    r"|too)\s*([.!?]*)$",
    re.I,
)


def plain(text: str) -> str:
    """With its idioms as plain requests."""
    for idiom, meaning in IDIOMS:
        text = re.sub(idiom, meaning, text, flags=re.IGNORECASE)
    return text


def unpolished(text: str) -> str:
    """Without greeting and manners before and after."""
    return THANKING.sub(r"\1", POLITE.sub("", text)).strip()
