"""Which of the things that are there is meant: «the note about milk», «the first one», «it», «all of them»."""

import re
from dataclasses import dataclass

from playground.gemini.demo.conversation import Conversation, Result
from playground.gemini.demo.hearing.clauses import Clause, quoted
from playground.gemini.demo.hearing.vocabulary import FILLERS, deeds_of, words
from playground.gemini.demo.tools.free_words import rest
from playground.gemini.demo.tools.tool import Tool
from playground.gemini.demo.wrapping import headlines, unwrapped

PLACES = {
    "first": 0,
    "1st": 0,
    "top": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "last": -1,
    "latest": -1,
    "newest": -1,
    "oldest": 0,
    "other": 1,
}
PRONOUNS = frozenset({"it", "that", "this", "one"})
EVERY = frozenset({"all", "every", "everything", "both", "them", "those", "these"})
ABOUT = re.compile(r"^(?:about|with|on|regarding|containing|that (?:says|mentions)|where)\s+(?:the\s+)?", re.IGNORECASE)
NAME_GIVEN = re.compile(r"“([^”]{1,200})”")


@dataclass(frozen=True)
class Found:
    """``names``: the things that are meant. None of them: ``choices`` to ask about, or first look at ``unseen``."""

    names: tuple[str, ...] = ()
    choices: tuple[str, ...] | None = None
    unseen: bool = False
    """What there is has to be looked up first."""
    described: str = ""
    """How the person put it, when nothing is like that."""


def found(tool: Tool, clause: Clause, talk: Conversation) -> Found:
    there = names(tool, talk)
    if (exact := _exactly(tool, clause)) is not None:
        several = _several(exact, tool, clause)
        if several and there is None:
            return Found(unseen=True)
        if several and {name.casefold() for name in several} <= {name.casefold() for name in there or ()}:
            return Found(several)
        return Found((_as_written(exact, there),))
    if there is not None and tool.deed != "add":
        return _among(there, tool, clause, talk)
    if (last := last_thing(tool, talk)) and _vaguely(tool, clause):
        return Found((last,))
    return Found(unseen=True)


def names(tool: Tool, talk: Conversation) -> tuple[str, ...] | None:
    """All things of this kind that were seen, without those deleted since; None when nobody has looked."""
    seen: list[str] | None = None
    for kind, result in _results(tool, talk):
        if kind.deed in ("list", "search") and (entries := headlines(result.response.get("output"))) is not None:
            seen = entries
        elif kind.deed in ("delete", "revoke") and seen:
            seen = [name for name in seen if name.casefold() != _argument(kind, result).casefold()]
        elif kind.deed == "add" and seen is not None:
            seen.append(_argument(kind, result))
    return None if seen is None else tuple(seen)


def last_thing(tool: Tool, talk: Conversation) -> str | None:
    """What was spoken of last, unless it is gone."""
    last: str | None = None
    for kind, result in _results(tool, talk):
        if kind.deed in ("delete", "revoke"):
            last = None
        elif kind.deed in ("list", "search"):
            entries = headlines(result.response.get("output")) or []
            last = entries[0] if len(entries) == 1 else None
        else:
            last = _argument(kind, result) or last
    return last


def _results(tool: Tool, talk: Conversation) -> list[tuple[Tool, Result]]:
    """Those about such things that went well; of this turn only what was seen before anything was changed."""
    before = [result for turn in talk.earlier for result in turn.results]
    for result in talk.now.results:
        if (kind := talk.tool(result.name)) and kind.changes:
            break
        before.append(result)
    kinds = ((talk.tool(result.name), result) for result in before if not result.failed)
    return [
        (kind, result) for kind, result in kinds if kind and (kind.server, kind.things) == (tool.server, tool.things)
    ]


def _argument(kind: Tool, result: Result) -> str:
    output = unwrapped(result.response.get("output"))
    if kind.deed == "add" and (said := NAME_GIVEN.search(str(output))):
        return said[1]
    return next((str(result.arguments[p.name]) for p in kind.of_kind("name") if p.name in result.arguments), "")


def _exactly(tool: Tool, clause: Clause) -> str | None:
    """Quoted, after a colon, or after the thing itself."""
    if said := clause.free or quoted(clause.text):
        return said
    after = rest(tool, clause)
    if (
        not after
        or ABOUT.match(_behind(tool, clause))
        or set(words(after)) <= FILLERS | EVERY | PRONOUNS | PLACES.keys()
    ):
        return None
    return None if re.match(r"(?:i|we|you|which|who|from|before|older)\b", after, re.IGNORECASE) else after


def _several(exact: str, tool: Tool, clause: Clause) -> tuple[str, ...]:
    """Of «the notes milk and bread» both names; empty when there is no plural to say so."""
    if not re.search(rf"\b(?:{tool.many}|both)\b", clause.text, re.IGNORECASE):
        return ()
    names = tuple(each.strip() for each in re.split(r",|\band\b", exact) if each.strip())
    return names if len(names) > 1 else ()


def _behind(tool: Tool, clause: Clause) -> str:
    match = re.search(rf"\b{tool.things[-1]}s?\b\s*(.*)$", clause.text, re.IGNORECASE) if tool.things else None
    return match[1] if match else ""


def _described(tool: Tool, clause: Clause) -> list[str]:
    """«the shopping note», «the note about milk»: the words that tell it from others."""
    said = [word for word in clause.words if word not in tool.things and word not in FILLERS | PRONOUNS | EVERY]
    return [
        word
        for word in said
        if not deeds_of(word) and word not in PLACES and word not in ("about", "one", "only", "just")
    ]


def _vaguely(tool: Tool, clause: Clause) -> bool:
    return not _described(tool, clause) and _place(clause) is None and not set(clause.words) & EVERY


def _place(clause: Clause) -> int | None:
    place = next((PLACES[word] for word in clause.words if word in PLACES), None)
    if place is None and (
        match := re.search(r"(?:#|\bnumber\s+|\bno\.\s*)(\d{1,2})\b|^\s*(\d{1,2})[.)]?\s*$", clause.text)
    ):
        return int(match[1] or match[2]) - 1
    return place


def _among(there: tuple[str, ...], tool: Tool, clause: Clause, talk: Conversation) -> Found:
    if (place := _place(clause)) is not None:
        return Found((there[place],)) if -len(there) <= place < len(there) else Found(choices=there)
    if set(clause.words) & EVERY:
        return Found(there) if there else Found(choices=())
    if described := _described(tool, clause):
        like = tuple(name for name in there if all(word in words(name) for word in described))
        return (
            Found(like)
            if len(like) == 1
            else Found(choices=like or there, described="" if like else " ".join(described))
        )
    if (last := last_thing(tool, talk)) and last in there:
        return Found((last,))
    return Found(there) if len(there) == 1 else Found(choices=there)


def _as_written(name: str, there: tuple[str, ...] | None) -> str:
    same = [each for each in there or () if each.casefold() == name.casefold()]
    near = same or [each for each in there or () if name.casefold() in each.casefold()]
    return near[0] if len(near) == 1 or same else name


def chosen(words_said: str, choices: tuple[str, ...]) -> str | None:
    """An answer to «which one?»: its name, a part of it, or its place in the list."""
    clause_words = words(words_said)
    place = next((PLACES[word] for word in clause_words if word in PLACES), None)
    if place is None and (
        match := re.fullmatch(r"\s*(?:number|no\.?|#)?\s*(\d{1,2})[.)]?\s*", words_said, re.IGNORECASE)
    ):
        place = int(match[1]) - 1
    if place is not None and -len(choices) <= place < len(choices):
        return choices[place]
    content = [word for word in clause_words if word not in FILLERS | PRONOUNS]
    like = [name for name in choices if content and all(word in words(name) for word in content)]
    return (
        like[0]
        if len(like) == 1
        else next((n for n in choices if n.casefold() == words_said.strip(" .!").casefold()), None)
    )
