"""The part of a wish that is in a person's own words: a note's text, a title, what to search for."""

import re

from playground.gemini.demo.hearing.clauses import Clause, quoted
from playground.gemini.demo.hearing.vocabulary import words
from playground.gemini.demo.tools.tool import Tool

NAMED = re.compile(
    r"\b(?:called|named|titled|title|with the (?:title|name)"
    r"|under the name)\s*:?\s+(.+?)(?=\s*(?:[:,;]|\bwith (?:the )?text\b|\bfor\b|\bvalid\b"
    r"|\babout\b)|[.?!]*$)",
    re.IGNORECASE,
)
CONNECTORS = frozenset(
    [
        "for",
        "with",
        "that",
        "says",
        "saying",
        "text",
        "of",
        "to",
        "on",
        "named",
        "called",
        "titled",
        "about",
        "containing",
        "in",
    ]
)
COUNT = "(?:\\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)"
PEOPLE = r"(?:guests?|people|persons?|participants?|visitors?|candidates|customers|users)"
GUESTS = rf",?\s*\b(?:for|with)?\s*(?:up to|at most|maximum|max)?\s*{COUNT}\s+{PEOPLE}\b"
UNIT = r"(?:minutes?|min|hours?|hrs?|h|days?|weeks?|months?)"
LASTING = (
    r",?\s*\b(?:and |it |should |which |that |is |be |valid|lasting|lasts?|expiring|expires?|living|lives?|open|good|"
    rf"it's|\s){{0,8}}(?:for|in|after|within)?\s*(?:{COUNT}|an?|half an|a couple of|the|this)[\s-]*{UNIT}\b"
)
ABOUT = re.compile(
    r"\b(?:about|to (?:talk|chat|speak|discuss)(?: about)?|so (?:that )?(?:we|they) can"
    r"|regarding|concerning|on the topic of)\s+(.+)$",
    re.I,
)
ARTICLE = re.compile(r"^(?:an?|the|my|our|one|some)\s+", re.IGNORECASE)
EDGE = " .,;:?!"


def named(clause: Clause) -> str | None:
    """The name in «a note called Shopping: milk»."""
    match = NAMED.search(clause.text)
    return match[1].strip(f"{EDGE}«»“”\"'") or None if match else None


def topic(tool: Tool, clause: Clause) -> str | None:
    """What «about …» says, where something else is the title."""
    match = ABOUT.search(_bare(clause))
    return match[1].strip(EDGE) if match and _title(tool, clause) else None


def payload(tool: Tool, clause: Clause) -> str | None:
    if tool.deed == "add" and tool.of_kind("name") and not [p for p in tool.needed if p.kind in ("free", "text")]:
        return _title(tool, clause) or _about(clause)
    if clause.free:
        return clause.free
    if said := quoted(clause.text):
        return said
    after = rest(tool, clause)
    return after or None


def rest(tool: Tool, clause: Clause) -> str:
    """What follows the thing itself, «the note …»; for a tool without a thing, what follows the verb."""
    said = clause.text.split()
    things = tool.things or tuple(words(tool.own))
    ends = [i for i, word in enumerate(said) if (words(word) or [""])[-1] == things[-1]]
    if not ends:
        ends = [i for i, word in enumerate(said) if (words(word) or [""])[-1] in things][:1] or (
            [0] if not tool.things else []
        )
    after = said[ends[0] + 1 :] if ends else []
    while after and (words(after[0]) or [""])[-1] in {*things, *CONNECTORS}:
        after = after[1:]
    return " ".join(after).strip(EDGE)


def _about(clause: Clause) -> str | None:
    match = ABOUT.search(_bare(clause))
    return _capital(ARTICLE.sub("", match[1].strip(EDGE)))[:60] if match else None


def _title(tool: Tool, clause: Clause) -> str | None:
    """Of something new: named, quoted, or what it is for."""
    if said := quoted(clause.text) or named(clause) or clause.free:
        return said[:100]
    bare = re.sub(r"[\s,]*\b(?:by|until|till) (?:tomorrow|tonight|next|the|\w+day).*$", "", _bare(clause), flags=re.I)
    without = ABOUT.sub("", bare)
    said = ARTICLE.sub("", _after_thing(tool, without)).strip(EDGE)
    return _capital(said[:60].strip()) or None


def _bare(clause: Clause) -> str:
    """Without how long, and for how many."""
    return re.sub(LASTING, " ", re.sub(GUESTS, " ", clause.text, flags=re.I), flags=re.I)


def _after_thing(tool: Tool, text: str) -> str:
    match = re.search(rf"\b{tool.things[-1] if tool.things else tool.own}s?\b", text, re.IGNORECASE)
    after = text[match.end() :] if match else ""
    after = re.sub(
        r"^[\s,]*(?:(?:for|to give to|with|to (?=an?\b|my\b|the\b|our\b)|to send to"
        r"|that i can (?:send|give) (?:to)?|i can (?:send|give) (?:to)?|where|with which|please|so"
        r"|which|and|to|,)\b\s*)+",
        " ",
        f" {after}".strip(),
        flags=re.I,
    )
    return re.sub(r"[\s,]*\b(?:can|could|may) (?:chat|talk|ask|use).*$", "", after, flags=re.I).strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
