"""A tool has just been connected: how many tools it brought, and what to ask it first."""

from collections.abc import Sequence

from bot.slack.screens.blocks.elements import Block, View, actions, button, context, modal, section
from bot.slack.screens.blocks.text import clipped, safe, unmarked
from bot.slack.screens.connections import listing as connections
from bot.slack.screens.connections import picker

TITLE = picker.TITLE
ASK = "connect.ask"
MOST_QUESTIONS = 3
_EACH = "each asks first, until you say “always” to it"
_OTHERS = ("; the others ask first", "; the other asks first")
ANSWERED_THERE = ":speech_balloon: I am on it: the answer comes in our direct message."


def sentence_of(sentence: str, *, tools: int, reading: int, free: int | None, left_out: str = "") -> str:
    """Of the ``tools``, ``reading`` say that they only read, and ``free`` run without asking (None: not told)."""
    text = f"{':white_check_mark:' if tools else ':warning:'} {unmarked(sentence)}."
    if free:
        does = "only reads and runs" if free == 1 else "only read and run"
        text += f" {_of(free, tools)} {does} without asking{'' if free == tools else _OTHERS[tools - free == 1]}."
    elif reading:
        says = "says that it only reads" if reading == 1 else "say that they only read"
        text += f" {_of(reading, tools)} {says}{'' if free is None else f'; {_EACH}'}."
    elif tools and free is not None:
        text += f" {_EACH.capitalize()}."
    return f"{text}\n{safe(left_out, 1500)}" if left_out else text


def _of(some: int, tools: int) -> str:
    return f"{'All' if some == tools > 1 else some} of them"


def done(text: str, connection_id: str = "", questions: Sequence[str] = ()) -> View:
    """``questions`` are what to begin with."""
    begin = " To begin with:" if questions else ""
    hint = context(f"Ask me in our direct message, or mention me in a channel.{begin}")
    tools = [button("What may run without asking", connections.TOOLS, connection_id)] if connection_id else []
    ask = [actions(_ask(each, first=not place)) for place, each in enumerate(questions[:MOST_QUESTIONS])]
    return modal(TITLE, [section(text), hint, *ask, *([actions(*tools)] if tools else [])], close="Done")


def _ask(question: str, *, first: bool) -> Block:
    return button(f"Ask: “{clipped(question, 60)}”", ASK, clipped(question, 2000), style="primary" if first else "")


def asked(question: str) -> str:
    """In the direct message, as the first of its thread: the answer comes below it."""
    return f":speech_balloon: You asked: {safe(question, 1000)}"
