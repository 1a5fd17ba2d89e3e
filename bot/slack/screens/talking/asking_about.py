"""«Ask Usher about this»: a form on a message, and what stands above the answer."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack.screens.blocks.elements import Block, View, context, field, modal, section, text_input
from bot.slack.screens.blocks.text import clipped, escaped, one_line

SHORTCUT, ASKED = "ask_about_message", "message.ask_about"
USUAL = "What is this about, and what should I do?"
NOTHING = "There are no words in that message that I could read."
MOST = 2_000
"""Characters of the message: Slack keeps 3,000 with a form."""
SHOWN, MOST_FILES = 300, 4


def form(about: Mapping[str, Any]) -> View:
    """``about`` is what `kept` gave: it comes back with the answer."""
    question = text_input(placeholder=USUAL, multiline=True, most=2_000)
    return modal(
        "Ask about this",
        [section(quote(str(about["words"]))), field("question", "What do you want to know?", question, optional=True)],
        callback_id=ASKED,
        submit="Ask",
        close="Cancel",
        metadata=json.dumps(about, ensure_ascii=False),
    )


def kept(channel: str, author: str, words: str, files: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Of files what it takes to ask Slack about them."""
    cut = clipped(words, MOST)
    while len(json.dumps(cut, ensure_ascii=False)) > MOST + 200:  # what is escaped takes more
        cut = clipped(cut, len(cut) - 200)
    named = [{"id": str(each["id"])[:20], "name": one_line(str(each["name"]), 30)} for each in files[:MOST_FILES]]
    about = {"channel": channel, "author": one_line(author, 80), "words": cut}
    return about | ({"files": named} if named else {})


def above(about: Mapping[str, Any], question: str) -> list[Block]:
    """In the direct message: the answer comes in its thread."""
    return [
        section(f"*{escaped(clipped(one_line(question, 2_000), SHOWN))}*"),
        context(quote(str(about["words"])), f"From <#{about['channel']}>"),
    ]


def quote(words: str) -> str:
    return f">{escaped(clipped(one_line(words, 2_000), SHOWN))}"
