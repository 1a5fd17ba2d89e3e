"""Once in a conversation it says what it is, and once that it answers in English."""

from playground.gemini.demo.conversation import NAME, Conversation
from playground.gemini.demo.hearing.languages import language_of

SHORT = f"_Answered by the {NAME}._"
"""Read in each new conversation, so no more than needed."""


def introduced(talk: Conversation, words: str) -> str:
    if talk.introduced or NAME in words:
        return words
    return f"{words}\n\n{SHORT}"


def in_their_language(talk: Conversation, words: str) -> str:
    language = language_of(talk.now.question)
    if language is None or any(language.lead in turn.said for turn in talk.turns):
        return words
    return f"{language.lead}\n\n{words}"
