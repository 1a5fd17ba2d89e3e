"""Once in a conversation it says what it is, and once that it answers in English."""

from playground.gemini.demo.conversation import NAME, Conversation
from playground.gemini.demo.hearing.languages import language_of

MEMBER = f"_I am the {NAME}; with a Gemini key, the real model answers here._"
GUEST = f"_I am the {NAME}, so my answers are simple; a real model can take my place._"


def introduced(talk: Conversation, words: str) -> str:
    if talk.introduced or NAME in words:
        return words
    return f"{words}\n\n{GUEST if talk.by_guest else MEMBER}"


def in_their_language(talk: Conversation, words: str) -> str:
    language = language_of(talk.now.question)
    if language is None or any(language.lead in turn.said for turn in talk.turns):
        return words
    return f"{language.lead}\n\n{words}"
