"""A connection changed in place: its form, what would become of its tools, and how it went."""

import json
from collections.abc import Mapping, Sequence

from bot.services.connections.editing.editing import Form
from bot.services.connections.editing.values import Changes, Draft
from bot.services.tickets import Entry
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    alert,
    button,
    context,
    field,
    modal,
    section,
    text_input,
)
from bot.slack.screens.blocks.text import safe, unmarked
from bot.slack.screens.connections import listing
from bot.slack.screens.connections.connecting import ABOUT_THE_TOKEN
from bot.slack.screens.connections.questions import question
from run_cards.card import ANOTHER

FORM, SAVE = "connection.edit_form", "connection.edit_save"
TITLE = "Edit"
NAMED = "Its tools are shown under this name from now on."
SHOWN_FIRST = "When it leads to another server, I show you first what changes."
ASKED_ANEW = "When it leads to another server, I show you first what changes, and its token is asked for once more."
KEEP = "Leave it empty to keep the one there is."
MOST_NAMES = 15
SHOWN_BEFORE = "Its server offers something else than a moment ago. Nothing is saved yet: look once more."


def form(
    what: Form, entry: Entry, typed: Mapping[str, str] | None = None, problems: Mapping[str, str] | None = None
) -> View:
    """``typed`` is what was in it before; a secret is never put back, and asked for in `Entry.SLACK` alone."""
    connection, values = what.connection, {**what.answers, **(typed or {})}
    named = text_input(initial=values.get(ANOTHER.name) or connection.title, most=40)
    blocks: list[Block] = [alert(unmarked(text)) for text in dict.fromkeys((problems or {}).values())]
    blocks.append(field(ANOTHER.name, "Name", named, hint=NAMED))
    blocks += [question(each, values.get(each.name, each.default)) for each in what.fields]
    if what.secrets and entry is Entry.SLACK:
        blocks += [question(each) | {"optional": True} for each in what.secrets if not each.fold]
        blocks += [context(f"{KEEP} {unmarked(ABOUT_THE_TOKEN[Entry.SLACK])}")]
    elif what.secrets or what.signs_in:
        act = _anew(what)
        blocks.append(actions(button(act, listing.SIGN_IN, connection.id, label=f"{act}: {connection.title}")))
    if what.fields:
        blocks.append(context(ASKED_ANEW if what.has_secret else SHOWN_FIRST))
    metadata = json.dumps({"connection": connection.id})
    return modal(TITLE, blocks, callback_id=FORM, submit="Continue" if what.fields else "Save", metadata=metadata)


def _anew(what: Form) -> str:
    if not what.signs_in:
        return "Enter a new token" if what.has_secret else "Enter a token"
    return "Sign in or enter a token" if what.secrets else "Sign in again"


def preview(draft: Draft) -> View:
    """What is not said here stays as it is."""
    where = f" at {safe(draft.host, 100)}" if draft.host else ""
    blocks: list[Block] = [alert(SHOWN_BEFORE, "warning")] if draft.shown_before else []
    blocks.append(section(f"*{safe(draft.title, 80)}*{where} answers. Of its tools: *{draft.changes}*."))
    blocks += [section(told) for told in _lines(draft.changes)]
    blocks.append(context("Nothing is saved yet."))
    return modal(TITLE, blocks, callback_id=SAVE, submit="Save", metadata=draft.token)


def saved(sentence: str, connection_id: str) -> View:
    tools = actions(button("What may run without asking", listing.TOOLS, connection_id))
    return modal(TITLE, [section(told(sentence)), tools], close="Done")


def told(sentence: str) -> str:
    return f":white_check_mark: {unmarked(sentence)}."


def not_saved(sentence: str) -> str:
    return f":warning: Nothing was changed. {unmarked(sentence)}"


def waits(draft: Draft) -> str:
    """By a message, where the window was closed before it could be shown."""
    return f":pencil2: {safe(draft.title, 80)} was not changed: the window was closed. Open Edit again to go on."


def _lines(changes: Changes) -> list[str]:
    said = {
        "Stay as they are, with what may run": changes.stay,
        "Changed: left out until you have looked": changes.changed,
        "New: ask before each call": changes.new,
        "Gone": changes.gone,
    }
    return [f"*{word}:* {_names(names)}" for word, names in said.items() if names]


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(safe(name, 60) for name in names[:MOST_NAMES])
    left = len(names) - MOST_NAMES
    return f"{shown} and {left} more" if left > 0 else shown
