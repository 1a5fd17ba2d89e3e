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

from bot.services.approvals.flow.words import led
from bot.services.approvals.phrases import plainly
from bot.slack.screens.blocks.elements import Block
from bot.slack.screens.blocks.paragraphs import Paragraphs, in_code
from bot.slack.screens.blocks.reading import packed, sections
from bot.slack.screens.blocks.sentences import in_a_sentence, told_together, untold
from bot.slack.screens.blocks.text import escaped, safe, when, words_of
from bot.slack.screens.spending.prices import COSTS, price

Call = Mapping[str, Any]

MOST = 8000
"""Slack refuses a message whose blocks hold more than about 13,000 characters in all, some already at 11,300."""
CHANGED = ":pencil2: *Changed by you.* Before it was:"
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
    """Paragraphs of each; lazily, for arguments may be huge. Those that one sentence tells whole are told as one."""
    return (_parts(same, Paragraphs(briefly)) for same in told_together(calls))


def bare(calls: Iterable[Call]) -> list[Call]:
    """Without our words for them: the tool's own name, and every argument as it goes out."""
    left_out = ("phrase", "question", "changed", "before")
    return [{name: value for name, value in call.items() if name not in left_out} for call in calls]


def headlines(calls: Sequence[Call], most: int) -> list[str]:
    """A line for each, as a notification has it; what it does in words, or its tool and what stands out."""
    return [_headline(same) for same in told_together(calls[:most])]


def _headline(calls: Sequence[Call]) -> str:
    call = calls[0]
    if sentence := in_a_sentence(calls):
        return f"{sentence} ({safe(str(call.get('server') or ''), 60)})"
    title = str((call.get("question") or {}).get("title") or call.get("title") or call.get("tool") or "A tool")
    given = {} if call.get("question") else call.get("arguments") or {}
    main = [f"{safe(name, 20)}: {safe(str(value), 40)}" for name, value in given.items() if _stands_out(value)]
    return f"{safe(title, 60)} ({', '.join(main[:2])})" if main else safe(title, 60)


def _stands_out(value: Any) -> bool:
    return bool(plainly(value)) or (isinstance(value, str) and 0 < len(value) <= 40)


def _parts(calls: Sequence[Call], paragraphs: Paragraphs) -> Iterator[str]:
    """Paragraphs, each at most a section long. Several calls differ only in what their sentence tells."""
    call = calls[0]
    arguments = dict(call.get("arguments") or {})
    if question := call.get("question"):
        yield from _in_words(question, arguments, paragraphs)
    elif sentence := in_a_sentence(calls):
        yield f":wrench: *{sentence}* · {safe(str(call.get('server') or ''), 80)}"
        arguments = untold(call)
    else:
        yield from _heading(call, paragraphs)
    if call.get("costs"):
        yield price(call["price"]) if call.get("price") else COSTS
    if flow := call.get("flow"):
        yield f":rotating_light: *{safe(led(flow, str(call.get('server') or '')), 500)}*"
    for argument, value in arguments.items():
        yield from paragraphs.named(argument, value)
    if call.get("changed"):
        yield from _before(call["before"], dict(call["arguments"]), paragraphs)


def _before(before: Mapping[str, Any], now: Mapping[str, Any], paragraphs: Paragraphs) -> Iterator[str]:
    """What the agent had wanted, where it is something else by now."""
    yield CHANGED
    for argument in dict.fromkeys([*before, *now]):
        if argument not in before:
            yield f"_{safe(argument, 60)} was not given_"
        elif before[argument] != now.get(argument, ...):
            yield from paragraphs.named(argument, before[argument])


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
