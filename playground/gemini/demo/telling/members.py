"""What Usher's own tools tell of «the member», said to that member."""

import re

SAID = {
    r"\bThe member (?:now )?sees\b": "You now see",
    r"\s*\bIts id: \w+\.": "",
    r"\bThe member has\b": "You have",
    r"\bthey press\b": "you press",
    r"\bof their choice\b": "of your choice",
    r"\s*\bOffer to connect something\.": "",
}


def to_the_member(text: str) -> str:
    for pattern, instead in SAID.items():
        text = re.sub(pattern, instead, text)
    return text
