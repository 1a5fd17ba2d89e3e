"""What is said once about replies that mention nobody, and when Usher was asked to stay out of a thread."""

import re

GOES_ON = (
    "I answer your replies in this thread without a mention now. “Usher, stay out” ends that; a mention calls me back."
)
OTHERS_TALK = (
    "Others have written here since we talked, so I took that to be meant for them. Mention me when you mean me; in a "
    "direct message with me you need no mention."
)
OUT = "I stay out of this thread until somebody mentions me again."
_OUT = re.compile(
    r"(?:(?:ok|okay|please|thanks|thank you|hey|hi)[\s,.!]+)*(?P<name>@?usher[\s,:!.]*)?(?:please\s+)?"
    r"(?:stay|keep|get) out(?: of (?:this|it|here|our|the)(?: (?:thread|conversation|chat|talk))?)?"
    r"(?:[\s,]+(?:please|now|thanks|thank you|usher))*[\s.!]*",
    re.IGNORECASE,
)


def sends_away(words: str, *, addressed: bool) -> bool:
    """``addressed``: to Usher by a mention, or because the thread is theirs with it; else it has to be named."""
    found = _OUT.fullmatch(words.strip())
    return bool(found and (addressed or "usher" in words.casefold()))
