"""What may be chosen in the form of a link: each choice's value, and its words."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from bot.services.links.values import Candidate, Terms, lasting
from bot.slack.screens.blocks.elements import Block, option, select
from bot.slack.screens.links.words import dollars
from bot.words import LANGUAGES
from storage.tables import Agent

HOURS = (1.0, 4.0, 24.0, 72.0, 168.0, 720.0)
GUESTS = {"1": "1 guest", "2": "2 guests", "5": "5 guests", "10": "10 guests", "25": "25 guests", "100": "100 guests"}
MESSAGES = {"10": "10 messages", "20": "20 messages", "30": "30 messages"}
CENTS = (500, 200, 100, 50, 25, 10, 5)
KEPT = (1, 24, 168)
TOKENS = (250_000, 100_000, 50_000, 20_000)
SILENCES = {
    "0": "The chat rests, and goes on when they write",
    "30": "It ends after 30 minutes",
    "120": "It ends after 2 hours",
    "1440": "It ends after 24 hours",
    "4320": "It ends after 3 days",
}
SUMMARIES = {"yes": "You get it in two lines", "no": "You get no summary"}
MOST_TOOLS = 100
AS_USUAL = "0"
ANY_LANGUAGE = "browser"


def hours(terms: Terms) -> dict[str, str]:
    there = {*HOURS, terms.usual_hours, terms.most_hours}
    return {f"{each:g}": lasting(each) for each in sorted(there) if each <= terms.most_hours}


def kept(terms: Terms) -> dict[str, str]:
    usual = {AS_USUAL: f"{lasting(terms.keep_hours)}, as usual here"}
    return usual | {str(each): lasting(each) for each in KEPT if each < terms.keep_hours}


def tokens() -> dict[str, str]:
    return {str(each): f"{each:,} tokens" for each in TOKENS}


def cents(terms: Terms) -> dict[str, str]:
    """The first, which is none of its own, is the most that there is."""
    less = [each for each in CENTS if each < terms.link_cents]
    return {"0": f"About {dollars(terms.link_cents)} at most"} | {str(each): f"About {dollars(each)}" for each in less}


def languages() -> dict[str, str]:
    return {ANY_LANGUAGE: "As each guest's browser asks", **{code: each.name for code, each in LANGUAGES.items()}}


def agents(there: Sequence[Agent]) -> dict[str, str]:
    """Those that answer guests; the default, as it is at each moment, is the first."""
    usual = next((f"{each.name}, as usual" for each in there if each.is_default), "As usual")
    return {AS_USUAL: usual} | {each.id: each.name for each in there if each.used == "everyone" and not each.is_default}


def one_of(words: Mapping[str, str], usual: str) -> Block:
    options = {value: option(word, value) for value, word in words.items()}
    return select("value", list(options.values()), options.get(usual))


def tools(candidates: Sequence[Candidate], given: Mapping[str, Any]) -> Block:
    options = [
        option(f"{each.server}: {each.title}", key(each), "reads only" if each.free else "asks you each time")
        for each in candidates[:MOST_TOOLS]
    ]
    there = [each for each in options if each["value"] in given["tools"]]
    several: Block = {"type": "multi_static_select", "action_id": "value", "options": options}
    return several | ({"initial_options": there} if there else {})


def key(candidate: Candidate) -> str:
    """A connection's id and a tool's name are together too long for an option's value."""
    return hashlib.sha256(f"{candidate.connection_id}\0{candidate.name}".encode()).hexdigest()
