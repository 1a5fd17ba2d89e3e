"""Which language was spoken, and the plain English that the rest understands."""

import re

from playground.gemini.demo.hearing.german import GERMAN
from playground.gemini.demo.hearing.language import Language
from playground.gemini.demo.hearing.spanish import SPANISH

VERB_LAST = re.compile(
    r"^(can you )?(?!(?:create|delete|show|read|add|connect)\b)(.+?)\s+(create|delete|show"
    r"|read|add|connect)([?.!]*)$",
    re.I,
)
ENGLISH = frozenset(
    [
        "the",
        "what",
        "is",
        "are",
        "you",
        "my",
        "can",
        "i",
        "do",
        "to",
        "of",
        "how",
        "please",
        "show",
        "list",
        "that",
        "this",
        "with",
        "it",
        "me",
        "and",
        "time",
        "notes",
    ]
)


def language_of(text: str) -> Language | None:
    """None for English and for all it does not know."""
    said = re.findall(r"[^\W\d_]+", text.lower())[:12]
    if not said:
        return None
    english = sum(word in ENGLISH for word in said)
    marks, language = max(((sum(w in each.marks for w in said), each) for each in (GERMAN, SPANISH)), key=_marks)
    return language if marks > english and 3 * marks >= len(said) else None


def _marks(counted: tuple[int, Language]) -> int:
    return counted[0]


def in_english(text: str) -> str:
    """As far as its phrases are known; names and unknown words stay."""
    language = language_of(text)
    for phrase, meaning in language.phrases if language else ():
        text = re.sub(rf"(?<!\w)(?:{phrase})(?!\w)", meaning, text, flags=re.IGNORECASE)
    return VERB_LAST.sub(r"\1\3 \2\4", text) if language is GERMAN else text
