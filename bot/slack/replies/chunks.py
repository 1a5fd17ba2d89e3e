"""Pieces of a streamed message: weighed, clipped, joined and shared out over messages; pure."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from bot.slack.screens.blocks.cut_places import Place, Rank, closes, closing, open_fence, opening, places
from bot.slack.screens.blocks.graphemes import cut_before

Chunk = dict[str, Any]

FIELD = 250
"""Characters; the published limit of a task's title, details and output is 256."""
FULL_ENOUGH = 0.75
"""Of a message: from here on it ends where a paragraph does, and grows by whole lines."""
WITHIN_MARKS = 400
"""Characters that wait for the end of their bold or code; more is shown, and its marks are closed where it is cut."""
TOLD = "told"
"""In a chunk of blocks: the same in Markdown, which is never sent."""
_ITEM = re.compile(r" {0,3}\d{1,9}[.)][ \t]")
_COUNTED = ("text", "title", "details", "details", "output", "output", TOLD, TOLD)


def markdown(text: str) -> Chunk:
    return {"type": "markdown_text", "text": text}


def drawn(block: dict[str, Any], told: str) -> Chunk:
    """A block within the text; ``told`` says the same in Markdown."""
    return {"type": "blocks", "blocks": [block], TOLD: told}


def words_in(chunk: Chunk) -> str:
    return str(chunk.get("text") or chunk.get(TOLD) or "")


def in_words(chunks: Sequence[Chunk]) -> list[Chunk]:
    """With nothing drawn in them: for when Slack does not take what would be."""
    return [markdown(chunk[TOLD]) if TOLD in chunk else chunk for chunk in chunks]


def as_sent(chunks: Sequence[Chunk]) -> list[Chunk]:
    return [{name: value for name, value in chunk.items() if name != TOLD} for chunk in chunks]


def task(
    task_id: str, title: str, status: str, output: str = "", details: str = "", sources: Sequence[Chunk] = ()
) -> Chunk:
    """``status``: pending, in_progress, complete or error. Output and details add up, so each is told once."""
    chunk = {"type": "task_update", "id": task_id, "title": _clipped(title) or "A tool", "status": status}
    beside = {"output": output, "details": details}
    chunk |= {name: _clipped(words) for name, words in beside.items() if words}
    return chunk | ({"sources": list(sources)} if sources else {})


def plan(title: str) -> Chunk:
    """What stands above all tasks of a message; a later one takes its place."""
    return {"type": "plan_update", "title": _clipped(title)}


def _clipped(text: str) -> str:
    return text[: cut_before(text, FIELD)]


def weight(chunk: Chunk) -> int:
    """UTF-8 bytes, a task's words twice: the count that fits what Slack was seen to refuse."""
    linked = sum(_bytes(each["url"] + each["text"]) for each in chunk.get("sources", ()))
    return linked + sum(_bytes(str(chunk.get(name) or "")) for name in _COUNTED)


def joined(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Neighbouring texts as one."""
    result: list[Chunk] = []
    for chunk in chunks:
        if result and chunk["type"] == result[-1]["type"] == "markdown_text":
            result[-1] = markdown(result[-1]["text"] + chunk["text"])
        else:
            result.append(chunk)
    return result


class Share(NamedTuple):
    """``now`` goes into this message; ``full``: what is ``later`` goes into the next, else it waits for more words."""

    now: list[Chunk]
    later: list[Chunk]
    full: bool


def fitting(chunks: Sequence[Chunk], room: int, whole: int, before: str = "", *, more: bool = False) -> Share:
    """What of the chunks goes into a message that shows ``before`` and has ``room`` bytes left of ``whole``.

    With ``more`` to come, a text waits at its end until a word, and near the end of a message a line, is complete:
    wherever the message has to end then, it ends there.
    """
    for index, chunk in enumerate(chunks):
        if chunk["type"] != "markdown_text":
            if weight(chunk) > room and (before or index or room < whole):
                return Share(list(chunks[:index]), list(chunks[index:]), True)
            room -= weight(chunk)
            continue
        text = chunk["text"]
        at, full = _share(before, text, room, whole, more and index == len(chunks) - 1)
        if at < len(text) or full:
            now, rest = text[:at], text[at:]
            head = [*chunks[:index], *([markdown(now)] if now else [])]
            return Share(head, [*([markdown(rest)] if rest else []), *chunks[index + 1 :]], full)
        before, room = before + text, room - weight(chunk)
    return Share(list(chunks), [], False)


def _share(before: str, text: str, room: int, whole: int, more: bool) -> tuple[int, bool]:
    """How many characters go into the message, and whether it is full with them."""
    size = _bytes(text)
    if size <= room and not more:
        return len(text), False
    found = places(before, text)
    if size > room:
        return _last_that_fits(found, text, room, whole), True
    used = whole - room
    if used + size < FULL_ENOUGH * whole:
        return _settled(found, text, Rank.WORD), False
    late = FULL_ENOUGH * whole - used
    for place in found:
        if place.rank is Rank.PARAGRAPH and place.at < len(text) and _bytes(text[: place.at]) >= late:
            return place.at, True
    return _settled(found, text, Rank.INDENTED), False


def _settled(found: Sequence[Place], text: str, least: Rank) -> int:
    """The end of what need not wait for more."""
    end = max((place.at for place in found if place.rank >= least), default=0)
    if least is Rank.WORD and len(text) - end > WITHIN_MARKS:
        return max((place.at for place in found), default=end)
    return end


def _last_that_fits(found: Sequence[Place], text: str, room: int, whole: int) -> int:
    """The best place in the second half of the message, else the last one; a word is cut only where it fills it."""
    most = len(text.encode()[: max(room, 0)].decode(errors="ignore"))
    fit = [place for place in found if place.at <= most]
    half = whole / 2 - (whole - room)
    for rank in (Rank.PARAGRAPH, Rank.LINE, Rank.INDENTED, Rank.WORD):
        there = [place.at for place in fit if place.rank >= rank and _bytes(text[: place.at]) >= half]
        if there:
            return max(there)
    ends = [place.at for place in fit if place.at]
    if ends or room < whole:
        return max(ends, default=0)
    return cut_before(text, most) or most or len(text)


def carried_over(before: str, pending: str) -> str:
    """The beginning of the message after one that shows ``before``: its code block, table or marks go on."""
    lead, first = opening(before), pending.partition("\n")[0]
    if fence := open_fence(before):
        if closes(fence, first):  # the block was closed at the end of the message before
            return pending[len(first) :].lstrip("\n")
        return lead + pending
    bare = pending.lstrip("\n")
    if not bare.strip():
        return ""
    blanks = len(bare) - len(bare.lstrip(" "))
    if lead or blanks > 3:  # four would make it code
        bare = bare.lstrip(" ")
    return lead + bare


def item_apart(shown: str, pending: str) -> str:
    """In a message that begins within an item of a list: a number does not go on from a paragraph without a gap."""
    line = shown + pending
    begins = line.find("\n") + 1
    if not begins or begins < len(shown) or not _ITEM.match(line, begins):
        return pending
    return f"{line[len(shown) : begins]}\n{line[begins:]}"


def undecided(before: str, pending: str) -> bool:
    """It is not clear yet what the next message begins with: the block that is open may end with the very next line."""
    first = pending.lstrip("\n") if not open_fence(before) else pending
    return not first.strip() or ("\n" not in first and not first.strip("`~ \t"))


def posts(text: str, most: int = 9_000) -> list[str]:
    """A whole answer as messages of its own, for when it cannot be streamed."""
    parts: list[str] = []
    while text.strip():
        now, later, _ = fitting([markdown(text)], most, most)
        part, rest = now[0]["text"], "".join(chunk["text"] for chunk in later)
        parts.append(part + (closing(part) if rest else ""))
        text = carried_over(part, rest) if rest else ""
        text = text if part.endswith("\n") else item_apart("", text)
    return parts


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))
