"""What stands in the fields: ``state.values`` as Slack sends it, seeded from the presets of the elements."""

from collections.abc import Iterator
from typing import Any

from playground.slack.core.changes import Json
from playground.slack.core.refusal import Unable

# type of element -> (key of its value, preset attribute)
FIELDS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", ""),
}
MANY = {"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"}


def elements(block: Json) -> Iterator[Json]:
    """The interactive elements of a block, wherever it keeps them."""
    if block["type"] in ("actions", "context_actions"):
        yield from block["elements"]
    for name in ("element", "accessory"):
        if isinstance(block.get(name), dict):
            yield block[name]


def element_of(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json] | None:
    """The block and the element with these ids."""
    for block in blocks:
        if block.get("block_id") == block_id:
            return next(((block, e) for e in elements(block) if e.get("action_id") == action_id), None)
    return None


def seeded(blocks: list[Json]) -> Json:
    found: Json = {}
    for block in blocks:
        for element in elements(block):
            if element["type"] in FIELDS:
                key, preset = FIELDS[element["type"]]
                value = element.get(preset) or ([] if key in MANY else None)
                filled = {"type": element["type"], key: value}
                found.setdefault(block["block_id"], {})[element["action_id"]] = filled
    return found


def filled_in(blocks: list[Json], values: Json) -> Json:
    """``state.values`` after a person has changed what ``values`` names; the rest keeps its preset."""
    state = seeded(blocks)
    for block_id, actions in values.items():
        for action_id, value in actions.items():
            found = element_of(blocks, block_id, action_id)
            if found is None or found[1]["type"] not in FIELDS:
                raise Unable(f"There is no field {block_id} / {action_id} here any more.")
            state[block_id][action_id] = taken(found[1], value)
    return state


def taken(element: Json, value: Any) -> Json:
    """One element's part of the state, from what the page knows: strings, lists of strings, or nothing."""
    key, _ = FIELDS[element["type"]]
    if isinstance(value, dict):  # already in Slack's form
        return {"type": element["type"], **value}
    if key == "selected_option":
        value = option(element, value) if value else None
    elif key == "selected_options":
        value = [option(element, each) for each in value or ()]
    elif key in MANY:
        value = list(value or ())
    elif key == "selected_date_time":
        value = int(value) if str(value or "").isdecimal() else None
    else:
        value = value or None
    return {"type": element["type"], key: value}


def option(element: Json, value: str) -> Json:
    groups = [group["options"] for group in element.get("option_groups") or ()]
    for choice in (choice for options in [element.get("options") or [], *groups] for choice in options):
        if choice["value"] == value:
            return dict(choice)
    raise Unable("That choice is no longer offered.")
