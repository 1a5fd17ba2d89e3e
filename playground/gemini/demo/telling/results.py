"""Results of tools in sentences, by the shape of what came and by what the tool's name says that it does."""

import re
from collections.abc import Sequence
from typing import Any

from playground.gemini.demo.conversation import Conversation, Result
from playground.gemini.demo.telling.entries import enumerated, headline_said, nothing, record
from playground.gemini.demo.telling.failures import failed
from playground.gemini.demo.telling.links import made
from playground.gemini.demo.telling.members import to_the_member
from playground.gemini.demo.telling.memories import SEARCH, remembered
from playground.gemini.demo.telling.moments import difference, moment
from playground.gemini.demo.telling.strangers import LEFT_OUT, NOT_FOLLOWED, clipped, fit, orders, sentence
from playground.gemini.demo.tools.tool import Tool
from playground.gemini.demo.wrapping import bullets, listed, unwrapped

MOST_LINES, MOST_CHARACTERS = 15, 600
PAST = {
    "add": "added",
    "delete": "deleted",
    "send": "sent",
    "run": "run",
    "put": "put",
    "write": "written",
    "make": "made",
    "set": "set",
    "take": "taken",
}
SAYS_LITTLE = re.compile(r"(?:done|ok|okay|success(?:ful(?:ly)?)?|true|null|none|\W*)[.!]?", re.IGNORECASE)


def told(results: Sequence[Result], talk: Conversation) -> str:
    said = list(dict.fromkeys(_told(result, talk) for result in results))
    short = len(said) > 1 and all("\n" not in line for line in said)
    if short and all(moment(unwrapped(each.response.get("output")), "") for each in results):
        lines = "\n".join(f"- {line}" for line in said)
        apart = difference([unwrapped(each.response.get("output")) for each in results], talk.now.question)
        return f"Here is the time in each place:\n\n{lines}{apart}"
    return "\n\n".join(said)


def _told(result: Result, talk: Conversation) -> str:
    tool = talk.tool(result.name) or Tool(result.name, "", ())
    if result.failed:
        return failed(tool, str(result.response["error"]), talk)
    output = unwrapped(result.response.get("output"))
    if tool.name == SEARCH and isinstance(output, str) and (quoted := remembered(output)):
        return quoted
    if tool.server == "usher" and isinstance(output, str):
        output = to_the_member(output)
    if at := moment(output, _recently(talk)):
        return at
    if tool.deed == "add" and tool.things[-2:] == ("chat", "link"):
        return made(result, output)
    said = _changed(tool, result, output) if tool.changes else _looked_up(tool, result, output)
    hostile = not tool.changes and tool.server != "usher" and orders(str(output)) and NOT_FOLLOWED not in said
    return f"{said}\n\n{LEFT_OUT}" if hostile else said


def _recently(talk: Conversation) -> str:
    """What was asked now and just before: in it stands how a person writes places and hours."""
    return "; ".join(turn.question for turn in reversed(talk.turns[-2:]))


def _looked_up(tool: Tool, result: Result, output: Any) -> str:
    written = bullets(output) if tool.deed in ("list", "search") else None
    if (entries := written if written is not None else listed(output)) is not None:
        return enumerated(tool, entries)
    if isinstance(output, dict):
        name = headline_said(output)
        return (
            record(f"Here is {f'**{name}**' if name else f'what {_from(tool)} says'}", output)
            if output
            else nothing(tool)
        )
    text = fit(str(output if output is not None else ""))
    if not text and orders(str(output)):
        return f"It holds only words addressed to AI models. {NOT_FOLLOWED}"
    if SAYS_LITTLE.fullmatch(text):
        return nothing(tool) if tool.things else f"{_from(tool)} had nothing to say about that."
    if "\n" not in text and len(text) <= 200 and tool.deed != "read":
        return sentence(text)
    return _quoted(_lead(tool, result), text)


def _lead(tool: Tool, result: Result) -> str:
    name = next((str(result.arguments[p.name]) for p in tool.of_kind("name") if p.name in result.arguments), "")
    if name and not orders(name):
        return f"The {tool.thing} **{name}** says:"
    return f"Here is what {_from(tool)} gave me:"


def _quoted(lead: str, text: str) -> str:
    lines = text.splitlines()
    shown = clipped("\n".join(lines[:MOST_LINES]), MOST_CHARACTERS).splitlines()
    whole = len(lines) <= MOST_LINES and len(text) <= MOST_CHARACTERS
    more = "" if whole else f"\n\nThat is the beginning; the whole has {len(text.split()):,} words or more."
    return f"{lead}\n\n" + "\n".join(f"> {line}".rstrip() for line in shown) + more


def _changed(tool: Tool, result: Result, output: Any) -> str:
    """What exactly was changed."""
    if isinstance(output, str) and not SAYS_LITTLE.fullmatch(fit(output)):
        text = fit(output)
        return sentence(text) if "\n" not in text and len(text) <= 300 else _quoted(f"{_done(tool, result, '')}.", text)
    name = headline_said(output) if isinstance(output, dict) else ""
    done = _done(tool, result, name)
    return record(done, output) if isinstance(output, dict) and len(output) > 1 else f"{done}."


def _done(tool: Tool, result: Result, name: str) -> str:
    known = next((str(result.arguments[p.name]) for p in tool.of_kind("name") if p.name in result.arguments), name)
    past = PAST.get(tool.verb, f"{tool.verb}d" if tool.verb.endswith("e") else f"{tool.verb}ed")
    return f"Done: the {tool.thing} {f'**{known}** ' if known else ''}was {past}"


def _from(tool: Tool) -> str:
    return tool.title or "the tool"
