"""The conversation itself: summing it up, what was done in it, and the summary that the product asks for."""

import re

from playground.gemini.demo.conversation import NAME, Conversation
from playground.gemini.demo.hearing.german import GERMAN
from playground.gemini.demo.hearing.spanish import SPANISH
from playground.gemini.demo.hearing.vocabulary import DEEDS, words
from playground.gemini.demo.telling.results import told
from playground.gemini.demo.telling.strangers import clipped, fit

MOST = 8
SUMMARISE = re.compile(r"\bsummari[sz]e\b|\bsummary\b|\brecap\b|\bsum up\b|\btl;?dr\b", re.IGNORECASE)
THIS_TALK = re.compile(
    r"\b(?:conversation|chat|thread|so far|discussion|talk|discussed|this|everything)\b"
    r"|^\W*(?:summarise|summary|recap)\W*$",
    re.I,
)
DID_YOU = re.compile(r"^(?:did|have) you\b|\bwhat did you (?:just )?do\b|\bdid (?:it|that) work\b", re.IGNORECASE)
WHAT_I_SAID = re.compile(
    r"\bwhat did i (?:just )?(?:say|ask|tell|write)\b|\bmy (?:last|previous|first) (?:question"
    r"|message)\b",
    re.IGNORECASE,
)
PASTED = 60  # words: more than anybody types to ask


def about_this_talk(text: str, talk: Conversation) -> str | None:
    about_things = any(thing in words(text[:200]) for tool in talk.tools for thing in tool.things[-1:])
    if SUMMARISE.search(text[:200]) and not about_things:
        return _summed_up(text, talk)
    if WHAT_I_SAID.search(text):
        earlier = [turn.question for turn in talk.earlier]
        said = earlier[0 if "first" in text.lower() else -1] if earlier else ""
        return (
            f"You wrote: “{clipped(' '.join(fit(said).split()), 200)}”"
            if said
            else "This is the first thing you wrote to me in this conversation."
        )
    if DID_YOU.search(text):
        return _done(text, talk)
    return None


def summary(question: str) -> str:
    """Of a transcript, for the product: the person's own lines, for it understands nothing more."""
    said = [line.removeprefix("person: ") for line in question.splitlines() if line.startswith("person: ")]
    return f"(Put together by the {NAME}.) The person said: " + "; ".join(said)[:1_500]


def _summed_up(text: str, talk: Conversation) -> str:
    pasted = text.partition("\n")[2] or text.partition(":")[2]
    if len(pasted.split()) > 12:
        first = re.split(r"(?<=[.!?])\s", " ".join(pasted.split()))[0]
        return (
            f"I cannot sum up a text well by myself: that is for the real model. Yours has about"
            f" {len(pasted.split())} words and begins: “{clipped(first, 200)}”"
        )
    if not talk.earlier:
        return (
            "There is nothing to sum up yet: this is the beginning of our conversation, and I see"
            " only what is said in it."
        )
    if not THIS_TALK.search(text) and len(words(text)) > 3:
        return (
            "I can only sum up this conversation. Paste a text or connect a tool that holds it, and"
            " ask the real model to sum it up."
        )
    return "Here is our conversation so far:\n\n" + "\n".join(
        _line(turn.question, turn.said) for turn in talk.earlier[-MOST:]
    )


def _line(question: str, said: str) -> str:
    plain = re.sub(r"\n\n_.*?_$", "", said.strip(), flags=re.DOTALL)
    lines = [re.sub(r"[*_>#`]", "", line).strip(" -") for line in plain.splitlines() if line.strip()]
    lines = [line for line in lines if line not in (GERMAN.lead, SPANISH.lead)]
    first = f"{lines[0]} {', '.join(lines[1:])}." if lines and lines[0].endswith(":") else "".join(lines[:1])
    asked = clipped(" ".join(fit(question).split()), 100)
    return f"- You: “{asked}” Me: {clipped(first, 140)}" if first else f"- You: “{asked}”"


def _done(text: str, talk: Conversation) -> str:
    """Whether something was done, from what the tools said."""
    deeds = {
        deed
        for word in words(text)[2:]
        for deed, said in DEEDS.items()
        if word in said or word.rstrip("ed") in {w.rstrip("e") for w in said}
    }
    for turn in reversed(talk.earlier):
        for result in reversed(turn.results):
            tool = talk.tool(result.name)
            if tool and (
                tool.deed in deeds or (not deeds and tool.changes) or ("delete" in deeds and tool.deed == "revoke")
            ):
                return f"{'No' if result.failed else 'Yes'}. {told([result], talk)}"
    return "No, I have done nothing of the kind in this conversation."
