"""The form that a link is made from. It may begin with a template; what somebody typed is never overwritten by one."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.services.limits import limits
from bot.services.links.admission.values import ANYONE
from bot.services.links.making.creating import COVERED, MOST_COVERED, MOST_STARTERS, STARTER
from bot.services.links.making.templates import BLANK, TEMPLATES, Template
from bot.services.links.values import Candidate, Draft, Terms, lasting
from bot.slack.screens.blocks.elements import Block, View, alert, field, modal, option, select, text_input
from bot.slack.screens.blocks.text import escaped
from bot.slack.screens.links import access
from bot.words import LANGUAGES

FORM, TEMPLATE = "link.form", "link.template"
HOURS = (1.0, 4.0, 24.0, 72.0, 168.0, 720.0)
GUESTS = {"1": "1 guest", "2": "2 guests", "5": "5 guests", "10": "10 guests", "25": "25 guests", "100": "100 guests"}
MESSAGES = {"10": "10 messages", "20": "20 messages", "30": "30 messages"}
TOKENS = (250_000, 100_000, 50_000, 20_000)
SILENCES = {
    "0": "The chat rests, and goes on when they write",
    "30": "It ends after 30 minutes",
    "120": "It ends after 2 hours",
    "1440": "It ends after 24 hours",
    "4320": "It ends after 3 days",
}
MOST_TOOLS = 100
TITLE_LENGTH, PURPOSE_LENGTH, NOTES_LENGTH = 120, 1000, 3000

PURPOSE_HINT = "Your guests read this before the chat starts, and on top of it."
INSTRUCTIONS_HINT = "Only the agent reads this; your guests never see it."
STARTERS_HINT = f"One a line, {MOST_STARTERS} at most. Your guests see them as buttons."
COVERS_HINT = f"One a line, {MOST_COVERED} at most. The agent asks them, one at a time."
ANY_LANGUAGE = "browser"
LANGUAGE_HINT = "Of the page, the invitation and the agent's answers."
TOKENS_HINT = "For all guests together, divided among them. An answer takes about 2,000 tokens."
TOOLS_HINT = "None, unless you choose. Those that may change something ask you each time."


@dataclass(frozen=True)
class Filling:
    """``channel`` is where the link will be shown, to its creator alone; empty: in the modal itself.

    ``title`` was typed after the command; ``typed`` is what stands in the form already.
    """

    channel: str = ""
    title: str = ""
    template: str = BLANK
    typed: Mapping[str, Any] | None = None
    problem: str = ""

    @property
    def begins(self) -> Template:
        return TEMPLATES[self.template]


NEW = Filling()


def create_form(candidates: Sequence[Candidate], terms: Terms, filling: Filling = Filling()) -> View:
    """Slack keeps what is typed in a field for as long as it has the same name, so those of a template have its own."""
    given = _given(filling, terms)
    blocks: list[Block] = [alert(escaped(filling.problem))] if filling.problem else []
    blocks += [
        _beginning(filling),
        *_words(given),
        *access.fields(given, terms),
        field("hours", "Lives for", _one_of(_hours(terms), given["hours"])),
        *_guests(given),
        field("language", "Language", _one_of(_languages(), given["language"]), hint=LANGUAGE_HINT),
        field("messages", "Messages of each guest", _one_of(MESSAGES, given["messages"])),
        field("idle_minutes", "When a guest falls silent", _one_of(SILENCES, given["idle_minutes"])),
        field("tokens", "What the agent may use", _one_of(_tokens(), given["tokens"]), hint=TOKENS_HINT),
    ]
    if candidates:
        blocks.append(field("tools", "Tools it may use", _tools(candidates, given), hint=TOOLS_HINT, optional=True))
    for block in blocks:
        if block.get("block_id") not in (None, "template"):
            block["block_id"] += _mark(filling.template)
    metadata = json.dumps(
        {"channel": filling.channel, "title": filling.title[:TITLE_LENGTH], "template": filling.template}
    )
    return modal("Temporary chat link", blocks, callback_id=FORM, submit="Preview", close="Cancel", metadata=metadata)


def _guests(given: Mapping[str, Any]) -> list[Block]:
    several = access.takes_several(given)
    return [field("max_sessions", "How many guests", _one_of(GUESTS, given["max_sessions"]))] if several else []


def _beginning(filling: Filling) -> Block:
    options = {name: option(each.label, name) for name, each in TEMPLATES.items()}
    chosen = {**select("value", list(options.values()), options[filling.template]), "action_id": TEMPLATE}
    return {**field("template", "Template", chosen), "dispatch_action": True}


def _words(given: Mapping[str, Any]) -> list[Block]:
    def text(name: str, most: int) -> Block:
        return text_input(multiline=True, initial=given[name][:most], most=most)

    title = text_input(initial=given["title"][:TITLE_LENGTH], placeholder="Website support", most=TITLE_LENGTH)
    starters, covers = MOST_STARTERS * (STARTER + 1), MOST_COVERED * (COVERED + 1)
    return [
        field("title", "Title", title),
        field("purpose", "What it is for", text("purpose", PURPOSE_LENGTH), hint=PURPOSE_HINT, optional=True),
        field(
            "instructions",
            "Instructions to the agent",
            text("instructions", NOTES_LENGTH),
            hint=INSTRUCTIONS_HINT,
            optional=True,
        ),
        field("starters", "What guests may begin with", text("starters", starters), hint=STARTERS_HINT, optional=True),
        field("covers", "What you want to know", text("covers", covers), hint=COVERS_HINT, optional=True),
    ]


def filled(template: Template, terms: Terms) -> dict[str, Any]:
    """The fields as a template has them."""
    hours = min(template.hours if template.title else terms.usual_hours, terms.most_hours)
    return {
        "title": template.title,
        "purpose": template.purpose,
        "instructions": template.instructions,
        "starters": "\n".join(template.starters),
        "covers": "\n".join(template.covers),
        "hours": f"{hours:g}",
        "max_sessions": str(template.guests),
        "messages": str(template.messages),
        "tokens": str(limits.LINK_TOKENS),
        "language": ANY_LANGUAGE,
        "idle_minutes": "0",
        "access": ANYONE,
        "passcode": "",
        "member": "",
        "mail": "",
        "tools": [],
    }


def _given(filling: Filling, terms: Terms) -> dict[str, Any]:
    given = filled(filling.begins, terms)
    if filling.title:
        given["title"] = filling.title[:TITLE_LENGTH]
    return given | {name: value for name, value in (filling.typed or {}).items() if value}


def typed(values: Mapping[str, Any], template: str, title: str, terms: Terms) -> dict[str, Any]:
    """What a person put into the form, and not the template that they leave now."""
    before = _given(Filling(title=title, template=template), terms)
    return {name: value for name, value in values.items() if name in before and value != before[name]}


def chosen(values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers by their fields' own names."""
    return {name.partition("@")[0]: value for name, value in values.items()}


def complaints(errors: Mapping[str, str], values: Mapping[str, Any], template: str) -> dict[str, str]:
    """Under the names that the fields have in this form."""
    return {name + _mark(template): told for name, told in access.complaints(errors, values).items()}


def _mark(template: str) -> str:
    return "" if template == BLANK else f"@{template}"


def kept(metadata: str) -> Filling:
    told = json.loads(metadata)
    return Filling(told["channel"], told["title"], told["template"])


def draft(values: Mapping[str, Any], candidates: Sequence[Candidate]) -> Draft:
    """What the form says; a tool that is no longer on offer is left out."""
    keys = values.get("tools")
    tools = [each for each in candidates if isinstance(keys, list) and _key(each) in keys]
    return Draft(
        title=_text(values, "title"),
        purpose=_text(values, "purpose"),
        instructions=_text(values, "instructions"),
        hours=float(values.get("hours") or Draft.hours),
        max_sessions=int(values.get("max_sessions") or Draft.max_sessions),
        tools=tuple((each.connection_id, each.name) for each in tools),
        starters=_lines(values, "starters"),
        covers=_lines(values, "covers"),
        messages=int(values.get("messages") or Draft.messages),
        tokens=int(values.get("tokens") or Draft.tokens),
        language=_text(values, "language").replace(ANY_LANGUAGE, ""),
        idle_minutes=int(values.get("idle_minutes") or Draft.idle_minutes),
        **access.chosen(values),
    )


def _text(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name) or "").strip()


def _lines(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Without what people put before the lines of a list."""
    lines = (line.strip().lstrip("-*•–").strip() for line in _text(values, name).splitlines())
    return tuple(line for line in lines if line)


def _hours(terms: Terms) -> dict[str, str]:
    there = {*HOURS, terms.usual_hours, terms.most_hours}
    return {f"{each:g}": lasting(each) for each in sorted(there) if each <= terms.most_hours}


def _tokens() -> dict[str, str]:
    return {str(each): f"{each:,} tokens" for each in TOKENS}


def _languages() -> dict[str, str]:
    return {ANY_LANGUAGE: "As each guest's browser asks", **{code: each.name for code, each in LANGUAGES.items()}}


def _one_of(words: Mapping[str, str], usual: str) -> Block:
    options = {value: option(word, value) for value, word in words.items()}
    return select("value", list(options.values()), options.get(usual))


def _tools(candidates: Sequence[Candidate], given: Mapping[str, Any]) -> Block:
    options = [
        option(f"{each.server}: {each.title}", _key(each), "reads only" if each.free else "asks you each time")
        for each in candidates[:MOST_TOOLS]
    ]
    there = [each for each in options if each["value"] in given["tools"]]
    several: Block = {"type": "multi_static_select", "action_id": "value", "options": options}
    return several | ({"initial_options": there} if there else {})


def _key(candidate: Candidate) -> str:
    """A connection's id and a tool's name are together too long for an option's value."""
    return hashlib.sha256(f"{candidate.connection_id}\0{candidate.name}".encode()).hexdigest()
