"""In which order things are tried that need no tool, and what is said when nothing fits."""

import re

from playground.gemini.demo.conversation import LONGEST, Conversation
from playground.gemini.demo.hearing import places
from playground.gemini.demo.hearing.clauses import Clause
from playground.gemini.demo.hearing.vocabulary import SAME, deeds_of, words
from playground.gemini.demo.talking import services, small_talk
from playground.gemini.demo.talking.abilities import examples, joined
from playground.gemini.demo.talking.about_me import about_me
from playground.gemini.demo.talking.long_text import long_text
from playground.gemini.demo.talking.looking_back import PASTED, about_this_talk
from playground.gemini.demo.talking.product import fact
from playground.gemini.demo.telling.strangers import SECRET, fit
from playground.gemini.demo.tools.tool import Tool

CODE = re.compile(
    r"```|\b(?:rm|sudo|curl|wget|chmod|npm|pip|git) -?\w+ |\bdrop table\b|\bdef \w+\("
    r"|\bfunction\s*\w*\(|=>|\bSELECT\b.+\bFROM\b|\bimport \w+|#include|\bconsole\.log|</?\w+>"
    r"|\bpublic class\b|;\s*$",
    re.DOTALL,
)
SHORTEST_CODE = 8
KNOWLEDGE = re.compile(
    r"^(?:who|what|when|where|why|how|which|is|are|does|did|was|explain|tell me about|define)\b", re.I
)
OF_FILES = "What to make of it is for the real model: run this with `GEMINI_API_KEY` set, and it answers."
NOT_MINE = "I do not know that, and I would rather not guess: I only work with the tools that are connected."


def said_by_itself(wish: Clause, talk: Conversation) -> str | None:
    """What is about this assistant or this conversation, whatever tools there are."""
    if wish.free is not None and deeds_of((wish.words or [""])[0]):
        return None
    text = wish.text
    if SECRET.search(text):
        return (
            "That looks like a password or token. Please replace it where it came from, because this"
            " conversation keeps it. I ask for tokens on a page of their own: `/mcp connect`."
        )
    if talk.by_guest:
        return None
    return (
        long_text(text)
        or about_this_talk(text, talk)
        or services.connecting(text, talk)
        or about_me(text, talk)
        or fact(text, talk)
    )


def pasted(text: str, talk: Conversation) -> str | None:
    """Code, or more text than anybody types to ask; None for a question of its own."""
    if CODE.search(text) and len(text) > SHORTEST_CODE:
        return (
            "That looks like code. I cannot run or judge it by myself: that is for the real model, or for a tool that"
            " you connect."
        )
    count = len(text.split())
    if count > PASTED:
        about = "more than" if len(text) >= LONGEST else "about"
        return (
            f"That is a long text, of {about} {count} words. Tell me in one sentence what to do with it{_keep(talk)}."
        )
    return None


def unknown(text: str, talk: Conversation) -> str:
    """When no tool is for it."""
    return understood(text, talk) or services.needed(text, talk) or _at_a_loss(text, talk)


def understood(text: str, talk: Conversation) -> str | None:
    """What is said to it whatever could be connected."""
    return small_talk.last(text, talk) or _not_offered(text, talk)


def _at_a_loss(text: str, talk: Conversation) -> str:
    if talk.now.files:
        return OF_FILES
    said = [f"“{each}”" for each in examples(talk)[:2]]
    hint = f" Try {joined(said, 'or')}." if said else " Connect a first tool with `/mcp connect`: Time takes one click."
    hint = hint.replace("?”.", "?”")
    if KNOWLEDGE.search(text):
        return f"{NOT_MINE}{hint}"
    if len(words(text)) <= 1:
        return f"I am not sure what you mean by “{fit(text).strip(' .!?')[:60]}”.{hint}"
    return f"I have no tool for that, so I cannot do it.{hint} More tools are connected with `/mcp connect`."


def somewhere(text: str) -> str | None:
    """A place without a time zone of its own, or one that nobody knows."""
    if wide := places.vague(text):
        return f"{wide[0].upper()}{wide[1:]} has several time zones. Which city do you mean?"
    if (place := places.unknown(text)) and not places.mentions(text):
        return f"I do not know the time zone of {place}. Name a larger city near it."
    return None


def _not_offered(text: str, talk: Conversation) -> str | None:
    """«rename the note»: a server that has such things, but no tool for that."""
    said = words(text)
    deed = next((word for word in said[:3] if deeds_of(word) or word in SAME), None)
    about = [tool for tool in talk.tools if tool.things and tool.things[-1] in said]
    if not about or KNOWLEDGE.search(text):
        return None
    about.sort(key=lambda tool: tool.server == "usher")  # a member's own tools are meant first
    same: list[Tool] = [tool for tool in about if tool.server == about[0].server]
    phrases = joined(list(dict.fromkeys(tool.phrase for tool in same[:6])), "or")
    name = "I" if about[0].server == "usher" else about[0].title
    what = f"to {deed} a {about[0].thing}" if deed else "for that"
    return f"There is no tool {what}: {name} can only {phrases}. Tell me if one of these helps."


def _keep(talk: Conversation) -> str:
    has_notes = any(tool.deed == "add" and tool.things == ("note",) for tool in talk.tools)
    return ", for example “add a note: …” with what to keep" if has_notes else ""
