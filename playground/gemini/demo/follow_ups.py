"""What only the turns before make whole: «and in Lisbon?», «delete it», «the first one», «again»."""

import re
from dataclasses import replace

from playground.gemini.demo.conversation import Call, Conversation, Result
from playground.gemini.demo.hearing import clocks, places
from playground.gemini.demo.hearing.clauses import Clause, Mood
from playground.gemini.demo.hearing.vocabulary import LEADING, deeds_of, words
from playground.gemini.demo.tools import references
from playground.gemini.demo.tools.arguments import REPOSITORY
from playground.gemini.demo.tools.tool import Tool

AGAIN = re.compile(
    r"^(?:(?:do (?:it|that) |and |try |once |ask |check )?(?:again|once more|one more time)"
    r"|retry|refresh|repeat(?: that)?|and now|same again)[\s?.!]*$",
    re.IGNORECASE,
)
POINTING = re.compile(
    r"\b(?:(first|second|third|fourth|fifth|last|latest|other|\d(?:st|nd|rd|th)) one"
    r"|number (\d+)|it|that one|this one|that|this|them(?: all)?|these|those|both"
    r"|all of (?:them|these))\b",
    re.I,
)
ANOTHER = re.compile(
    r"^(?:and )?(?P<verb>[a-z]+ )?(?:me )?(?:another(?: one)?|one more|a (?:new|second|third) one)(?=\W|$)",
    re.IGNORECASE,
)
SUMMARISE = re.compile(
    r"^(?:summari[sz]e|sum up|recap|(?:give me |make |write )?a summary of)\s+(?:all )?(.+?)[.?!]*$", re.IGNORECASE
)
MOST_READ = 5
WITHIN = re.compile(
    r"^(?:add|make|write|create|save|take) (?:me )?a note:? (?:with |of )?(?:the )?(?:current |local )?time"
    r" (?:in|of|at) (.+)$",
    re.IGNORECASE,
)
SEVERAL = re.compile(r"^(?:them|these|those|both|all)", re.IGNORECASE)


def to_read(clause: Clause, talk: Conversation) -> Clause:
    """«summarise my notes», which only a real model can: reading them, or listing them where they are many."""
    match = SUMMARISE.match(clause.text)
    said = words(match[1]) if match else []
    reads = next((t for t in talk.tools if t.deed == "read" and t.names_a_thing and t.things[-1] in said), None)
    if match is None or reads is None:
        return clause
    if not re.search(rf"\b{reads.many}\b", match[1], re.IGNORECASE):
        return replace(clause, text=f"read {match[1]}")
    few = len(references.names(reads, talk) or ()) <= MOST_READ
    return replace(clause, text=f"read all my {reads.many}" if few else f"list my {reads.many}")


def asked_within(clause: Clause, talk: Conversation) -> Clause | None:
    """«make a note with the time in Tokyo»: what has to be found out first."""
    if ":" in talk.now.question or clause.mood is not Mood.REQUEST or not (match := WITHIN.match(clause.text)):
        return None
    return replace(clause, text=f"what time is it in {match[1]}", asking=True)


def once_more(talk: Conversation) -> tuple[Call, ...]:
    """«again»: the calls of the turn before; what was changed once is not changed again."""
    if not AGAIN.match(talk.now.question):
        return ()
    return tuple(each.call for each in _last_results(talk) if each.failed or not _changes(talk, each))


def unanswered_before(clause: Clause, talk: Conversation) -> str | None:
    """«what about London?» after a question about a place that no tool could answer: that question again."""
    if not talk.earlier or talk.earlier[-1].results or not _only_elsewhere(clause):
        return None
    before = talk.earlier[-1].question
    return before if places.mentions(before) and not _only_elsewhere(replace(clause, text=before)) else None


def at_another_time(clause: Clause, talk: Conversation) -> Clause:
    """«and at 5 pm?» after the time in Tokyo: what it is there when it is 5 pm here."""
    clock = clocks.clock(clause.text)
    if clock is None or places.mentions(clause.text):
        return clause
    if not all(word in LEADING for word in words(clocks.CLOCK.sub(" ", clause.text))):
        return clause
    zones = [str(zone) for each in _last_results(talk) for zone in each.arguments.values() if "/" in str(zone)]
    if not zones:
        return clause
    if len(zones) == 1:
        return replace(clause, text=f"what time is it in {zones[0]} when it is {clock.time} here")
    others = " and ".join(zones[1:])
    return replace(clause, text=f"when it is {clock.time} in {zones[0]} what time is it in {others}")


def pointed(clause: Clause, talk: Conversation) -> Clause:
    """«delete it» as «delete the note», «read the first one» as «read the first note»."""
    tool = _last_tool(talk)
    if tool is None or not tool.things or tool.things[-1] in clause.words:
        return clause
    if any(each.things and each.things[-1] in clause.words for each in talk.tools):
        return clause
    if (more := ANOTHER.match(clause.text)) and (not more["verb"] or "add" in deeds_of(more["verb"].strip().lower())):
        return replace(clause, text=f"{more['verb'] or 'add '}a {tool.thing}{clause.text[more.end() :]}")
    names = references.names(tool, talk) or ()
    if re.search(r"\bhow many\b", clause.text):
        return replace(clause, text=f"how many {tool.many} do I have")
    first = (clause.words or [""])[0]
    verb = first if deeds_of(first) else "read"
    if (match := POINTING.search(clause.head)) and (deeds_of(first) or match.start() <= 4):
        return replace(clause, text=f"{verb} {_thing(match, tool)}{clause.head[match.end() :]}")
    left = clause.text.partition(" ")[2] if deeds_of(first) else clause.text
    if names and (name := references.chosen(left, names)) and not clause.asking:
        return replace(clause, text=f'{verb} the {tool.thing} "{name}"')
    return clause


def _thing(match: re.Match[str], tool: Tool) -> str:
    if place := match[1]:
        return f"the {place} {tool.thing}"
    if number := match[2]:
        return f"{tool.thing} number {number}"
    return f"all {tool.many}" if SEVERAL.match(match.group()) else f"the {tool.thing}"


def elsewhere(clause: Clause, talk: Conversation) -> tuple[Call, ...]:
    """The same question for another place or another time."""
    if not _only_elsewhere(clause):
        return ()
    for turn in reversed(talk.earlier):
        asked = [(tool, each) for each in turn.results if (tool := talk.tool(each.name)) and tool.of_kind("zone")]
        if asked:
            return _asked_anew(asked, places.mentions(clause.text), clocks.clock(clause.text))
    return ()


def naming_a_server(unclear: Clause, talk: Conversation) -> Clause | None:
    """«GitHub», after «with which one?»: the wish with that name in it."""
    said = words(talk.now.question)
    servers = {tool.server for tool in talk.tools if words(tool.server) and all(w in said for w in words(tool.server))}
    if len(servers) != 1 or len(said) > 4:
        return None
    verb, _, rest = unclear.text.partition(" ")
    return replace(unclear, text=f"{verb} {servers.pop()} {rest}")


def other_repository(clause: Clause, talk: Conversation) -> tuple[Call, ...]:
    """«and in acme/api?»"""
    match = REPOSITORY.search(clause.text)
    if not match or not all(word in LEADING for word in words(REPOSITORY.sub(" ", clause.text))):
        return ()
    known = {"owner": match[1], "repo": match[2], "repository": match.group()}
    return tuple(
        Call(each.name, each.arguments | {key: known[key] for key in known.keys() & each.arguments.keys()})
        for each in _last_results(talk)
        if known.keys() & each.arguments.keys() and not _changes(talk, each)
    )


def _only_elsewhere(clause: Clause) -> bool:
    """Nothing in it but a place, a time, and words that lead to them."""
    found, clock = places.mentions(clause.text), clocks.clock(clause.text)
    rest = places.without(clocks.CLOCK.sub(_blank, clause.text), found)
    return bool(found or clock) and all(word in LEADING for word in words(rest))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _asked_anew(
    asked: list[tuple[Tool, Result]], found: tuple[places.Mention, ...], clock: clocks.Clock | None
) -> tuple[Call, ...]:
    tool, last = asked[-1]
    time = {each.name: clock.time for each in tool.of_kind("clock") if clock}
    if clock and not time:
        return ()
    if not found:
        return tuple(Call(each.name, {**each.arguments, **time}) for tool, each in asked if tool.of_kind("clock"))
    zone = next((z.name for z in tool.of_kind("zone") if re.search("target|to_", z.name)), tool.of_kind("zone")[0].name)
    return tuple(Call(last.name, {**last.arguments, **time, zone: place.zone}) for place in found)


def _last_results(talk: Conversation) -> tuple[Result, ...]:
    return next((turn.results for turn in reversed(talk.earlier) if turn.results), ())


def _last_tool(talk: Conversation) -> Tool | None:
    for turn in reversed(talk.earlier):
        for result in reversed(turn.results):
            tool = talk.tool(result.name)
            if tool and tool.things and not tool.of_kind("zone"):
                return tool
    return None


def _changes(talk: Conversation, result: Result) -> bool:
    tool = talk.tool(result.name)
    return tool is None or tool.changes
