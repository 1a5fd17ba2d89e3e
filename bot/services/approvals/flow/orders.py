"""Whether a text speaks to an assistant, as what was put there to lead one does; pure. A hint, never a proof."""

import re

_ONE = (
    r"(?:ai|a\.i\.|ki|ia|assistants?|agents?|(?:language\s)?models?|llms?|chat\s?bots?|bots?|copilots?|usher|assistent\w{0,4}"
    r"|asistentes?|assistente)"
)
_TO = (
    r"(?:to|dear|attention|hey|hello|hi|(?:note|message|instructions?)\s(?:to|for)|an|für|liebe[rs]?|hallo|para"
    r"|cher|chère)"
)
_SPEAKS = (
    # «Dear AI, …», «To the assistant: …»: at the beginning of a sentence, or behind a comma, and with one behind it.
    rf"(?:^|[.!?:;,>*#(\[-]\s{{0,3}}){_TO}\s(?:(?:the|all|any|every|your|den|die|das|el|la)\s){{0,2}}{_ONE}\s{{0,2}}[,:;–—-]",
    rf"(?:^|[.!?>\]]\s{{0,3}}){_ONE}\s{{0,2}}:\s",
    r"\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:instructions?|prompts?|rules|guidelines|said|above|before)\b",
    r"\bignorier\w{0,2}\b[^.\n]{0,40}\b(?:anweisung\w{0,3}|regeln|bisherig\w{0,2}|vorherig\w{0,2})\b",
    rf"\b(?:you\sare|du\sbist|as)\s(?:now\s)?(?:an?|the|ein|eine)\s(?:\w{{2,12}}\s)?{_ONE}\b",
    r"(?:^|[.!?>\]]\s{0,3})system\s(?:prompt|message|note|notice|override|update)\s?:",
    r"<\|?/?(?:system|assistant|im_start|im_end|instructions?)\b|\[/?INST\]",
    r"\b(?:do\snot|don't|never|without)\s(?:\w{2,12}\s){0,2}(?:tell|telling|mention|mentioning|inform|informing|reveal)\w{0,3}"
    r"\s[^.\n]{0,20}\b(?:user|member|human)s?\b",
)
_ANY = re.compile("|".join(f"(?:{each})" for each in _SPEAKS), re.IGNORECASE | re.MULTILINE)
LEAST_OF_NAME = 8
"""Letters of a tool's own name that nobody writes by chance; it has to be more than one plain word too."""


def speaks_to_an_assistant(text: str) -> bool:
    """``text`` is in small letters, as texts are compared."""
    return bool(_ANY.search(text))


def names_tool(text: str, tool: str) -> bool:
    """Spelt as programs spell it: people do not write so to each other."""
    spelt = any(each in tool for each in "_-") or tool != tool.lower()
    return spelt and len(tool) >= LEAST_OF_NAME and tool.casefold() in text
