"""What the calls in a question would do, to the last argument: what is approved must be what is shown.

Whatever an argument is called, any line of it may be the one that does harm: a file that is written is run by the
next build. So nothing is left out by its name. What a message has no room for is read in a window, page by page.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bot.slack.screens.blocks.elements import Block
from bot.slack.screens.blocks.paragraphs import Paragraphs, in_code
from bot.slack.screens.blocks.reading import packed, sections
from bot.slack.screens.blocks.text import escaped, safe, when, words_of

Call = Mapping[str, Any]

MOST = 8000
"""Slack refuses a message whose blocks hold more than about 13,000 characters in all, some already at 11,300."""
COSTS = ":moneybag: A call of it may cost money."
_MORE = "_And more, for which there is no room here._"


@dataclass(frozen=True)
class Told:
    blocks: list[Block]
    whole: bool
    """All that would run is there, so that a yes can be asked for beside it."""


def described(calls: Sequence[Call]) -> Told:
    """Every call with all its arguments where one message takes them, else the ends of what is long."""
    pages = list(islice(packed(in_paragraphs(calls), MOST), 2))
    if len(pages) == 1:
        return Told(sections(pages[0]), True)
    brief = list(islice(packed(in_paragraphs(calls, briefly=True), MOST), 2))
    return Told(sections([*brief[0], *([_MORE] if len(brief) > 1 else [])]), False)


def in_paragraphs(calls: Iterable[Call], *, briefly: bool = False) -> Iterator[Iterator[str]]:
    """Paragraphs of each; lazily, for arguments may be huge."""
    return (_parts(call, Paragraphs(briefly)) for call in calls)


def _parts(call: Call, paragraphs: Paragraphs) -> Iterator[str]:
    """Paragraphs, each at most a section long."""
    arguments = dict(call.get("arguments") or {})
    if question := call.get("question"):
        yield from _in_words(question, arguments, paragraphs)
    else:
        yield from _heading(call, paragraphs)
    if call.get("costs"):
        yield COSTS
    for argument, value in arguments.items():
        yield from paragraphs.named(argument, value)


def _heading(call: Call, paragraphs: Paragraphs) -> Iterator[str]:
    """The title, and the server's own name where it says more than that: a title can flatter."""
    title, tool = str(call.get("title") or "A tool"), str(call.get("tool") or "")
    told = f":wrench: *{safe(title, 150)}*"
    if re.fullmatch(r"[\w.-]*", tool, re.ASCII) and words_of(tool) <= words_of(title[:150]):
        yield told
        return
    label, before = paragraphs.label(tool, "The tool's own name")
    yield told if before else f"{told} · {label if label.startswith('`') else f'`{in_code(tool)}`'}"
    yield from before


def _in_words(question: Mapping[str, Any], arguments: dict[str, Any], paragraphs: Paragraphs) -> Iterator[str]:
    """Our own words; the arguments that they account for are taken out of ``arguments``, the others stay."""
    yield f":wrench: *{safe(question['title'], 150)}*"
    for fact in question["facts"]:
        value = arguments.pop(fact["argument"], None) if fact["argument"] else None
        label = f"*{escaped(fact['label'])}*"
        if fact["quoted"]:
            yield from paragraphs.quoted(label, value)
        else:
            until = [when(datetime.fromtimestamp(fact["until"], UTC))] if fact["until"] else []
            yield f"{label}: {' '.join([*filter(None, [safe(fact['text'], 500)]), *until])}"
