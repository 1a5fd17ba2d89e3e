"""What a server offers beside tools: resources to ask about, and prompts to run."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import UserError
from bot.slack.screens import schema_forms
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    button,
    context,
    field,
    header,
    modal,
    section,
    text_input,
)
from bot.slack.screens.blocks.paging import page_of
from bot.slack.screens.blocks.text import clipped, count, safe
from mcp_runtime.offerings.values import Offerings, Prompt, Resource, Template, schema_of
from storage.tables import Connection

OPEN = "offerings.open"
PAGE = "offerings.page"
ASK = "offerings.ask"
FILL = "offerings.fill"
RUN = "offerings.run"
ASK_FORM = "offerings_ask"
RUN_FORM = "offerings_run"
SEND_FORM = "offerings_send"

PAGE_SIZE = 20
QUESTION = "question"
PART = "part:"
LONGEST_PART, MOST_PARTS = 3000, 4
LONGEST_METADATA = 3000
TOO_MUCH = "It asks for more than a form of Slack's can hold, so it cannot be filled in here. Ask me for it in words."
NOTHING = "This server offers no resources and no prompts: only tools."
CUT = "The server has more than I can list."
FIRST_PART_ONLY = ":scissors: It is longer than can be sent; only this much is."
SENT = ":white_check_mark: Sent. The answer comes in our direct message."

Entry = Resource | Template | Prompt


def offerings_button(connection: Connection) -> Block:
    name = clipped(connection.title, 30)
    return button("Resources and prompts", OPEN, connection.id, label=f"Resources and prompts of {name}")


def listed(connection: Connection, offers: Offerings, page: int = 0) -> View:
    entries: list[Entry] = [*offers.prompts, *offers.templates, *offers.resources]
    here = page_of(entries, page, PAGE_SIZE)
    blocks = [header(clipped(connection.title, 150)), context(_counted(offers))]
    blocks += [_entry(connection, each) for each in here.items]
    blocks += here.turned("item", PAGE, lambda at: _value(connection, at))
    return modal("Resources and prompts", blocks)


def question(connection: Connection, entry: Resource | Template, choices: Mapping[str, Sequence[str]]) -> View:
    """What the member wants to know about a resource; of a template its variables are asked as well."""
    uri = entry.uri
    kept, choices = _kept(connection, entry, choices)
    more = schema_forms.blocks(schema_of(entry.arguments, choices)).blocks if isinstance(entry, Template) else []
    box = text_input(multiline=True, placeholder="What does it say about …?", most=2500)
    blocks = [section(f"*{safe(entry.title, 200)}*\n{safe(uri, 500)}"), *more]
    blocks += [field(QUESTION, "Your question", box)]
    return modal("Ask about it", blocks, callback_id=ASK_FORM, submit="Ask", close="Cancel", metadata=kept)


def run(connection: Connection, prompt: Prompt, choices: Mapping[str, Sequence[str]]) -> View:
    kept, choices = _kept(connection, prompt, choices)
    fields = schema_forms.blocks(schema_of(prompt.arguments, choices)).blocks
    blocks = [section(_told(prompt.title, prompt.about)), *fields]
    return modal("Run a prompt", blocks, callback_id=RUN_FORM, submit="Show it", close="Cancel", metadata=kept)


def shown(connection: Connection, title: str, text: str, *, cut: bool) -> View:
    """What a prompt says, before it is sent as the member's own words: they may change it."""
    parts = [text[at : at + LONGEST_PART] for at in range(0, len(text), LONGEST_PART)][:MOST_PARTS]
    blocks = [context(f"From {safe(connection.title, 80)}. It is sent as your own words: read it, and change it.")]
    for number, part in enumerate(parts):
        box = text_input(initial=part, multiline=True, most=LONGEST_PART)
        name = "What I send" if len(parts) == 1 else f"What I send, part {number + 1}"
        blocks.append(field(f"{PART}{number}", name, box, optional=number > 0))
    if cut or len(text) > LONGEST_PART * MOST_PARTS:
        blocks.append(context(FIRST_PART_ONLY))
    metadata = json.dumps({"title": clipped(title, 100), "server": clipped(connection.title, 80)})
    return modal("Run a prompt", blocks, callback_id=SEND_FORM, submit="Send", close="Cancel", metadata=metadata)


def asked(title: str, server: str, words: str) -> str:
    """The message in whose thread the answer comes."""
    return f"*{safe(title, 120)}* of {safe(server, 80)}\n>{safe(words, 1500)}"


def _counted(offers: Offerings) -> str:
    told = [
        count(len(offers.prompts), "prompt"),
        count(len(offers.resources) + len(offers.templates), "resource"),
    ]
    if not (offers.prompts or offers.resources or offers.templates):
        return NOTHING
    return f"{' and '.join(told)}. {CUT}" if offers.cut else f"{' and '.join(told)}."


def _entry(connection: Connection, entry: Entry) -> Block:
    if isinstance(entry, Prompt):
        act = button("Run…", RUN, _value(connection, entry.name), label=f"Run… {entry.title}")
        return section(f":speech_balloon: {_told(entry.title, entry.about)}", act)
    name = FILL if isinstance(entry, Template) else ASK
    act = button("Ask about it…", name, _value(connection, entry.uri), label=f"Ask about it… {entry.title}")
    about = entry.about or entry.uri
    return section(f":page_facing_up: {_told(entry.title, about)}", act)


def _told(title: str, about: str) -> str:
    return f"*{safe(title, 200)}*" + (f"\n{safe(about, 500)}" if about else "")


def _value(connection: Connection, what: str | int) -> str:
    return json.dumps([connection.id, what], ensure_ascii=False)


def _kept(
    connection: Connection, entry: Entry, choices: Mapping[str, Sequence[str]]
) -> tuple[str, Mapping[str, Sequence[str]]]:
    """What the form is made of, for its own metadata, and the choices that fit in: what is not kept is not offered.

    Else what comes back of the form could not be read. Raises `UserError` when even the names are too many.
    """
    kept: dict[str, Any] = {"connection": connection.id, "title": clipped(entry.title, 100)}
    kept |= {"prompt": entry.name} if isinstance(entry, Prompt) else {"uri": entry.uri}
    if not isinstance(entry, Resource):
        kept["arguments"] = [[each.name, each.required] for each in entry.arguments]
    shown = {name: list(known) for name, known in choices.items() if known}
    while shown and _written({**kept, "choices": shown}) is None:
        del shown[max(shown, key=lambda name: len(json.dumps(shown[name])))]
    if (told := _written({**kept, "choices": shown})) is None:
        raise UserError(TOO_MUCH)
    return told, shown


def _written(kept: dict[str, Any]) -> str | None:
    told = json.dumps(kept, ensure_ascii=False)
    return told if len(told) <= LONGEST_METADATA else None
