"""A call's arguments in a form made of its tool's schema, filled in as the model wanted them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.services.approvals.changing import changeable
from bot.services.approvals.refusing import call_at
from bot.slack.screens import schema_forms
from bot.slack.screens.approvals.buttons import Shown
from bot.slack.screens.approvals.calls import Call, headlines
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, modal, section
from bot.slack.screens.blocks.text import safe
from storage.tables import Approval

FORM = "approval_change"
ONE = "approval.change_call"
TITLE = "Change the call"
WHICH = "Which of these do you want to change?"
AFTERWARDS = "Nothing is run yet: you see the whole call once more, and say yes or no to it."
KEPT = "Stays as it is, since no field here can hold it: {}."
ABSENT = object()
INITIAL = {
    "initial_value": "value",
    "initial_option": "selected_option",
    "initial_options": "selected_options",
    "initial_date": "selected_date",
    "initial_date_time": "selected_date_time",
}


@dataclass(frozen=True)
class Fields:
    """``kept`` are the arguments that no field can hold just as they are: they stay, and are named."""

    schema: dict[str, Any]
    asked: dict[str, Any]
    kept: dict[str, Any]


def fields_for(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> Fields:
    """A form that is sent as it was opened gives the very same arguments."""
    plain = _without_defaults(schema, arguments)
    back = schema_forms.read(plain, _untouched(schema_forms.blocks(plain, arguments).blocks)).arguments
    kept = {name: value for name, value in arguments.items() if not _alike(back.get(name, ABSENT), value)}
    properties = {name: each for name, each in (plain.get("properties") or {}).items() if name not in kept}
    needed = [name for name in plain.get("required") or () if name not in kept]
    asked = {name: value for name, value in arguments.items() if name not in kept}
    return Fields({**plain, "properties": properties, "required": needed}, asked, kept)


def form(approval: Approval, position: int, schema: Mapping[str, Any]) -> View:
    call = call_at(approval, position)
    fields = fields_for(schema, call["arguments"])
    made = schema_forms.blocks(fields.schema, fields.asked)
    names = ", ".join(f"`{safe(name, 60)}`" for name in fields.kept)
    told = [context(KEPT.format(names)[:2000])] if fields.kept else []
    heading = section(f":wrench: *{safe(str(call.get('title') or call['tool']), 150)}*")
    metadata = json.dumps({"shown": Shown(approval.id, approval.revision).value, "position": position})
    blocks = [heading, *made.blocks, *told, context(AFTERWARDS)]
    return modal(TITLE, blocks, callback_id=FORM, submit="Go on", close="Back", metadata=metadata)


def filled(call: Call, schema: Mapping[str, Any], view: Mapping[str, Any]) -> schema_forms.Filled:
    """As the form says, with what it could not hold."""
    before = dict(call["arguments"])
    fields = fields_for(schema, before)
    found = schema_forms.read(fields.schema, view.get("state", {}).get("values", {}))
    merged = {**fields.kept, **found.arguments}
    found.arguments = {name: merged[name] for name in dict.fromkeys([*before, *merged]) if name in merged}
    return found


def which(approval: Approval) -> View:
    """One of several calls."""
    blocks: list[Block] = [section(WHICH)]
    for call in approval.calls:
        blocks.append(section(headlines([call], 1)[0]))
        if changeable(call):
            value = Shown(approval.id, approval.revision, str(call["position"])).value
            blocks.append(actions(button("Change…", ONE, value, label=f"Change… {call.get('title', '')}")))
    return modal(TITLE, blocks, close="Back")


def first_field(view: Mapping[str, Any]) -> str:
    """Where a complaint about the whole is shown."""
    return next((str(block["block_id"]) for block in view["blocks"] if block["type"] == "input"), "")


def _without_defaults(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What the model left out is left out in the form as well."""
    properties = schema.get("properties")
    told = properties if isinstance(properties, Mapping) else {}
    plain = {
        name: {key: each for key, each in one.items() if key != "default"}
        if isinstance(one, Mapping) and name not in arguments
        else one
        for name, one in told.items()
    }
    return {**schema, **({"properties": plain} if plain else {})}


def _untouched(blocks: list[Block]) -> dict[str, dict[str, Any]]:
    """What Slack sends of a form in which nothing was changed."""
    inputs = [block for block in blocks if block["type"] == "input"]
    return {block["block_id"]: {block["element"]["action_id"]: _preset(block["element"])} for block in inputs}


def _preset(element: Mapping[str, Any]) -> dict[str, Any]:
    return {sent: element[preset] for preset, sent in INITIAL.items() if preset in element}


def _alike(one: Any, other: Any) -> bool:
    return one is not ABSENT and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
