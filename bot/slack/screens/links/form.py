"""The form that makes a link."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from bot.services.links.values import Candidate, Draft
from bot.slack.screens.blocks.elements import Block, View, alert, field, modal, option, select, text_input
from bot.slack.screens.blocks.text import escaped

FORM = "link.form"
HOURS = {"1": "1 hour", "4": "4 hours", "24": "1 day", "72": "3 days", "168": "7 days"}
GUESTS = {"1": "1 guest", "2": "2 guests", "5": "5 guests", "10": "10 guests", "25": "25 guests"}
USUAL_HOURS, USUAL_GUESTS = "24", "1"
MOST_TOOLS = 100
PURPOSE_HINT = "The guest reads this before the chat starts."
INSTRUCTIONS_HINT = "Only the agent reads this; the guest never sees it."
TOOLS_HINT = "None, unless you choose. Those that may change something ask you each time."


def create_form(candidates: Sequence[Candidate], title: str = "", channel: str = "", problem: str = "") -> View:
    """``channel`` is where the link will be shown, to its creator alone; empty: in the modal itself."""
    blocks: list[Block] = [alert(escaped(problem))] if problem else []
    blocks += [
        field("title", "Title", text_input(initial=title[:120], placeholder="Website support", most=120)),
        field("purpose", "What it is for", text_input(multiline=True, most=1000), hint=PURPOSE_HINT, optional=True),
        field(
            "instructions",
            "Instructions to the agent",
            text_input(multiline=True, most=3000),
            hint=INSTRUCTIONS_HINT,
            optional=True,
        ),
        field("hours", "Lives for", _one_of(HOURS, USUAL_HOURS)),
        field("max_sessions", "How many guests", _one_of(GUESTS, USUAL_GUESTS)),
    ]
    if candidates:
        blocks.append(field("tools", "Tools it may use", _tools(candidates), hint=TOOLS_HINT, optional=True))
    metadata = json.dumps({"channel": channel})
    return modal("Temporary chat link", blocks, callback_id=FORM, submit="Create", close="Cancel", metadata=metadata)


def _one_of(words: Mapping[str, str], usual: str) -> Block:
    options = {value: option(word, value) for value, word in words.items()}
    return select("value", list(options.values()), options[usual])


def _tools(candidates: Sequence[Candidate]) -> Block:
    options = [
        option(f"{each.server}: {each.title}", _key(each), "reads only" if each.free else "asks you each time")
        for each in candidates[:MOST_TOOLS]
    ]
    return {"type": "multi_static_select", "action_id": "value", "options": options}


def _key(candidate: Candidate) -> str:
    """A connection's id and a tool's name are together too long for an option's value."""
    return hashlib.sha256(f"{candidate.connection_id}\0{candidate.name}".encode()).hexdigest()


def draft(values: Mapping[str, object], candidates: Sequence[Candidate]) -> Draft:
    """What the form says; a tool that is no longer on offer is left out."""
    keys = values.get("tools")
    chosen = [each for each in candidates if isinstance(keys, list) and _key(each) in keys]
    return Draft(
        title=str(values.get("title") or "").strip(),
        purpose=str(values.get("purpose") or "").strip(),
        instructions=str(values.get("instructions") or "").strip(),
        hours=float(str(values.get("hours") or USUAL_HOURS)),
        max_sessions=int(str(values.get("max_sessions") or USUAL_GUESTS)),
        tools=tuple((each.connection_id, each.name) for each in chosen),
    )
