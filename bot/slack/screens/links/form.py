"""The form that a link is made from. It may begin with a template; what somebody typed is never overwritten by one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.services.limits import limits
from bot.services.links.admission.values import ANYONE
from bot.services.links.making.creating import COVERED, MOST_COVERED, MOST_STARTERS, STARTER
from bot.services.links.making.templates import BLANK, TEMPLATES, Template
from bot.services.links.values import Candidate, Terms
from bot.slack.screens.blocks.elements import Block, View, alert, channel, field, modal, option, select, text_input
from bot.slack.screens.blocks.text import escaped
from bot.slack.screens.links import access, choices, files
from bot.slack.screens.links.choices import one_of
from storage.tables import Agent

FORM, TEMPLATE = "link.form", "link.template"
TITLE_LENGTH, PURPOSE_LENGTH, NOTES_LENGTH = 120, 1000, 3000

PURPOSE_HINT = "Your guests read this before the chat starts, and on top of it."
INSTRUCTIONS_HINT = "Only the agent reads this; your guests never see it."
STARTERS_HINT = f"One a line, {MOST_STARTERS} at most. Your guests see them as buttons."
COVERS_HINT = f"One a line, {MOST_COVERED} at most. The agent asks them, one at a time."
LANGUAGE_HINT = "Of the page, the invitation and the agent's answers."
TOKENS_HINT = "For all guests together, divided among them. An answer takes about 2,000 tokens."
CENTS_HINT = "For all guests together, by the model's list prices. Your guests never read it."
SUMMARY_HINT = "The agent's model writes it. It counts among the tokens of the link."
KEPT_HINT = "What was said is deleted so long after a chat's end; your guests read so before they start."
FOLLOW_HINT = (
    "Our direct message, unless you choose a channel that I am in. Whoever is in it can read along, which your guests"
    " read before they start; only you speak to them there."
)
AGENT_HINT = "It answers your guests, by its instructions as they are now. What it may not do, it may not here either."
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


def create_form(
    candidates: Sequence[Candidate], terms: Terms, filling: Filling = Filling(), agents: Sequence[Agent] = ()
) -> View:
    """Slack keeps what is typed in a field for as long as it has the same name, so those of a template have its own."""
    given = _given(filling, terms)
    blocks: list[Block] = [alert(escaped(filling.problem))] if filling.problem else []
    blocks += [
        _beginning(filling),
        *_words(given),
        *_agent(agents, given),
        *access.fields(given, terms),
        field("hours", "Lives for", one_of(choices.hours(terms), given["hours"])),
        *_guests(given),
        field("language", "Language", one_of(choices.languages(), given["language"]), hint=LANGUAGE_HINT),
        field("messages", "Messages of each guest", one_of(choices.MESSAGES, given["messages"])),
        *files.fields(given, terms),
        field("idle_minutes", "When a guest falls silent", one_of(choices.SILENCES, given["idle_minutes"])),
        field("tokens", "What the agent may use", one_of(choices.tokens(), given["tokens"]), hint=TOKENS_HINT),
        field("cents", "What it may cost", one_of(choices.cents(terms), given["cents"]), hint=CENTS_HINT),
        field(
            "follow_channel",
            "Follow the chats in",
            channel("value", given["follow_channel"]),
            hint=FOLLOW_HINT,
            optional=True,
        ),
        field("summary", "When a chat ends", one_of(choices.SUMMARIES, given["summary"]), hint=SUMMARY_HINT),
        field(
            "keep_hours",
            "Keep what is said for",
            one_of(choices.kept(terms), given["keep_hours"]),
            hint=KEPT_HINT,
        ),
    ]
    if candidates:
        blocks.append(
            field("tools", "Tools it may use", choices.tools(candidates, given), hint=TOOLS_HINT, optional=True)
        )
    for block in blocks:
        if block.get("block_id") not in (None, "template"):
            block["block_id"] += _mark(filling.template)
    metadata = json.dumps(
        {"channel": filling.channel, "title": filling.title[:TITLE_LENGTH], "template": filling.template}
    )
    return modal("Temporary chat link", blocks, callback_id=FORM, submit="Preview", close="Cancel", metadata=metadata)


def _agent(agents: Sequence[Agent], given: Mapping[str, Any]) -> list[Block]:
    """Where there is a choice."""
    others = choices.agents(agents)
    if len(others) < 2:
        return []
    chosen = given["agent"] if given["agent"] in others else choices.AS_USUAL
    return [field("agent", "Agent", one_of(others, chosen), hint=AGENT_HINT)]


def _guests(given: Mapping[str, Any]) -> list[Block]:
    several = access.takes_several(given)
    return [field("max_sessions", "How many guests", one_of(choices.GUESTS, given["max_sessions"]))] if several else []


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
        "language": choices.ANY_LANGUAGE,
        "keep_hours": choices.AS_USUAL,
        "idle_minutes": "0",
        "cents": "0",
        "summary": "yes",
        "follow_channel": "",
        "access": ANYONE,
        "passcode": "",
        "member": "",
        "mail": "",
        "agent": choices.AS_USUAL,
        "tools": [],
        **files.filled(terms),
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
