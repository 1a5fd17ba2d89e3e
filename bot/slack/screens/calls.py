"""What the calls in a question would do, to the last argument: what is approved must be what is shown."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.slack.screens.blocks.elements import Block, section
from bot.slack.screens.blocks.text import apart, escaped, safe, when, words_of
from bot.slack.screens.blocks.visible_text import Mark, marked, marks

Call = Mapping[str, Any]

WHOLE, HEAD, TAIL = 3000, 1500, 1000
"""Characters: a text up to ``WHOLE`` is shown whole, of a longer one its head and its tail."""
INLINE, SHORT_NAME = 300, 200
SECTION = 2900
MOST, MOST_SECTIONS = 8000, 40
"""Slack refuses a message whose blocks hold more than about 13,000 characters in all, some already at 11,300."""

# The middle of a long text may stay unseen where the text is kept and read, as in a note or a page. Where it is
# run, any line of it may be the one that does harm: such an argument is shown whole, or there is no yes.
_RUN = re.compile(
    r"(?<![a-z])(command|cmd|script|code|sql|query|shell|bash|exec|execute|eval|run|program|statement|expression)", re.I
)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
COSTS = ":moneybag: A call of it may cost money."
_MORE = "_And more, for which there is no room here._"


@dataclass(frozen=True)
class Told:
    blocks: list[Block]
    whole: bool
    """All that would run is accounted for, so that a yes can be asked for."""


@dataclass(frozen=True)
class _Part:
    text: str
    cut: bool = False
    """The middle of one text is left out, and counted."""
    lost: bool = False
    """Something is left out that nobody could account for."""


def described(calls: Sequence[Call]) -> Told:
    """Every call with all its arguments, or as many as one message takes.

    One text of a question may be cut, with count and hash of what is not shown; a second one, a part of an
    object, a name or a call may not: with more gaps than one, nobody can say what they are agreeing to.
    """
    sections: list[str] = []
    size = cuts = 0
    whole = True
    for call in calls:
        room = 0
        for part in _parts(call):
            size += len(part.text)
            if size > MOST or (room < len(part.text) and len(sections) == MOST_SECTIONS):
                return Told(_blocks([*sections, _MORE]), False)
            cuts, whole = cuts + part.cut, whole and not part.lost
            if room < len(part.text):
                sections, room = [*sections, part.text], SECTION - len(part.text)
            else:
                sections[-1] += f"\n{part.text}"
                room -= len(part.text) + 1
            room = max(room, 0)
    return Told(_blocks(sections), whole and cuts <= 1)


def _blocks(sections: Iterable[str]) -> list[Block]:
    return [section(text, expand=True) for text in sections]


def _parts(call: Call) -> Iterator[_Part]:
    """Paragraphs, each at most a section long; lazily, for arguments may be huge."""
    arguments = dict(call.get("arguments") or {})
    if question := call.get("question"):
        yield from _in_words(question, arguments)
    else:
        yield _heading(call)
    if call.get("costs"):
        yield _Part(COSTS)
    for argument, value in arguments.items():
        name, lost = _name(argument)
        label = name if _PLAIN_NAME.fullmatch(name) else f"`{name or '⟨no name⟩'}`"
        if lost:
            yield _Part(f"{label}:", lost=True)
        elif isinstance(value, str):
            yield from _text(label, value, runs=_runs(str(call.get("tool") or ""), argument))
        else:
            yield from _whole(label, _json(value))


def _heading(call: Call) -> _Part:
    """The title, and the server's own name where it says more than that: a title can flatter."""
    title, tool = str(call.get("title") or "A tool"), str(call.get("tool") or "")
    name, lost = _name(tool)
    told = f":wrench: *{safe(title, 150)}*"
    told_already = re.fullmatch(r"[\w.-]*", tool, re.ASCII) and words_of(tool) <= words_of(title[:150])
    return _Part(told if told_already else f"{told} · `{name}`", lost=lost)


def _in_words(question: Mapping[str, Any], arguments: dict[str, Any]) -> Iterator[_Part]:
    """Our own words; the arguments that they account for are taken out of ``arguments``, the others stay."""
    yield _Part(f":wrench: *{safe(question['title'], 150)}*")
    for fact in question["facts"]:
        value = arguments.pop(fact["argument"], None) if fact["argument"] else None
        label = f"*{escaped(fact['label'])}*"
        if fact["quoted"]:
            yield from _text(label, value if isinstance(value, str) else _json(value), runs=True)
        else:
            until = [when(datetime.fromtimestamp(fact["until"], UTC))] if fact["until"] else []
            yield _Part(f"{label}: {' '.join([*filter(None, [safe(fact['text'], 500)]), *until])}")


def _name(name: str) -> tuple[str, bool]:
    """Fit to stand in code, and whether it had to be cut."""
    fits = name[: _taken(name, SHORT_NAME)]
    return escaped(marked(fits).replace("`", "⟨U+0060⟩")), len(fits) < len(name)


def _text(label: str, text: str, *, runs: bool) -> Iterator[_Part]:
    if not text:
        yield _Part(f"{label}: _empty_")
    elif runs or _taken(text, WHOLE) == len(text):
        yield from _whole(label, text)
    else:
        head = text[: _taken(text, HEAD)]
        tail = _end(text[len(head) :][-TAIL:])
        yield from _fenced(f"{label}:\n", head)
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
        hidden = len(text) - len(head) - len(tail)
        yield _Part(f"_{hidden:,} characters not shown, of {len(text):,} in all (SHA-256 `{digest}`)_", cut=True)
        yield from _fenced("", tail)


def _whole(label: str, text: str) -> Iterator[_Part]:
    if "\n" in text or "`" in text or _taken(text, INLINE) < len(text):
        yield from _fenced(f"{label}:\n", text)
    else:
        yield _Part(f"{label}: `{escaped(marked(text))}`")


def _fenced(label: str, text: str) -> Iterator[_Part]:
    """Code blocks, one after another, each closed."""
    for chunk in _chunks(marks(text), SECTION - len(label) - 6):
        yield _Part(f"{label}```{chunk}```")
        label = ""


def _chunks(found: Iterable[Mark], most: int) -> Iterator[str]:
    """Cut between lines where there are any."""
    chunk = ""
    for mark in found:
        shown = _coded(mark)
        if len(chunk) + len(shown) > most:
            at = chunk.rfind("\n", most // 2) + 1 or len(chunk)
            yield chunk[:at]
            chunk = chunk[at:]
        chunk += shown
    yield chunk


def _coded(mark: Mark) -> str:
    """Blanks of no width keep backticks from ending the code they stand in."""
    return escaped(mark.shown).replace("`", "\u200b`\u200b")


def _taken(text: str, most: int) -> int:
    """How much of the beginning is shown in so many characters."""
    size = length = 0
    for mark in marks(text):
        size += len(_coded(mark))
        if size > most:
            break
        length += mark.length
    return length


def _end(text: str) -> str:
    while _taken(text, TAIL) < len(text):
        text = text[len(text) // 4 + 1 :]
    return text


def _json(value: Any) -> str:
    short = json.dumps(value, ensure_ascii=False)
    nested = isinstance(value, dict) or len(short) > 80
    return json.dumps(value, ensure_ascii=False, indent=2) if nested else short


def _runs(tool: str, argument: str) -> bool:
    return bool(_RUN.search(apart(f"{tool} {argument}").replace("_", " ")))
