"""Slack's published limits of blocks, elements and views."""

from collections.abc import Iterator
from typing import Any, Literal

from playground.slack.block_kit.charts import chart
from playground.slack.block_kit.specs import (
    ANY_TEXT,
    PLAIN,
    Spec,
    anything,
    element,
    length,
    many,
    one_of,
    shape,
    string,
    text,
)

Surface = Literal["message", "modal", "home"]
MOST_BLOCKS = 50
"""Of a message."""
LARGEST_VIEW, LONGEST_MARKDOWN = 250_000, 12_000
LONGEST_BLOCKS = 12_000
"""Characters of all texts in a message's blocks: Slack refuses some with 11,300, and all with 13,300."""
ID, LINK, EITHER = string(255), string(3000), ("options", "option_groups")
OPTION = shape({"text": text(75, PLAIN), "value": string(150), "description?": text(75, PLAIN), "url?": LINK})
RICH_OPTION = shape({"text": text(75), "value": string(150), "description?": text(75)})
OPTION_GROUP = shape({"label": text(75, PLAIN), "options": many(1, 100, OPTION)})
CONFIRM = shape(
    {
        "title": text(100, PLAIN),
        "text": text(300),
        "confirm": text(30, PLAIN),
        "deny": text(30, PLAIN),
        "style?": one_of("primary", "danger"),
    }
)
IMAGE = {"alt_text": string(2000), "image_url?": LINK, "slack_file?": anything}
CHOSEN = {"action_id?": ID, "focus_on_load?": anything, "confirm?": CONFIRM}
FILLED = {**CHOSEN, "placeholder?": text(150, PLAIN)}
TYPED = {**FILLED, "initial_value?": string(3000, 0), "dispatch_action_config?": anything}
CHOICES = {**FILLED, "options?": many(1, 100, OPTION), "option_groups?": many(1, 100, OPTION_GROUP)}
SEVERAL = {"initial_options?": anything, "max_selected_items?": anything}
FEEDBACK = shape({"text": text(75, PLAIN), "value": string(2000), "accessibility_label?": string(75)})
CLICKED = {
    "action_id?": ID,
    "text": text(75, PLAIN),
    "value?": string(2000),
    "confirm?": CONFIRM,
    "accessibility_label?": string(75),
    "visible_to_user_ids?": anything,
}

# Elements that are not listed are left to the SDK's models.
ELEMENTS: dict[str, Spec] = {
    "button": shape({**CLICKED, "url?": LINK, "style?": one_of("primary", "danger")}),
    "icon_button": shape({**CLICKED, "icon": anything}),
    "plain_text_input": shape({**TYPED, "multiline?": anything, "min_length?": length, "max_length?": length}),
    "url_text_input": shape(TYPED),
    "email_text_input": shape(TYPED),
    "number_input": shape({**TYPED, "is_decimal_allowed": anything, "min_value?": anything, "max_value?": anything}),
    "static_select": shape({**CHOICES, "initial_option?": OPTION}, EITHER),
    "multi_static_select": shape({**CHOICES, **SEVERAL}, EITHER),
    "checkboxes": shape({**CHOSEN, "options": many(1, 10, RICH_OPTION), "initial_options?": anything}),
    "radio_buttons": shape({**CHOSEN, "options": many(1, 10, RICH_OPTION), "initial_option?": anything}),
    "overflow": shape({"action_id?": ID, "options": many(1, 5, OPTION), "confirm?": CONFIRM}),
    "image": shape(IMAGE, ("image_url", "slack_file")),
    "feedback_buttons": shape({"action_id?": ID, "positive_button": FEEDBACK, "negative_button": FEEDBACK}),
}
SELECTS = {
    f"{prefix}{kind}_select"
    for prefix in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
}
CHOOSERS = SELECTS | {"checkboxes", "radio_buttons", "datepicker", "timepicker"}
BUTTONS, FREE = {"button", "overflow", "workflow_button"}, {"datetimepicker", "rich_text_input"}
TYPED_INPUTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input"}


def _context_item(path: str, value: Any) -> Iterator[str]:
    is_text = isinstance(value, dict) and value.get("type") in ANY_TEXT
    yield from (text(3000) if is_text else element({"image"}, ELEMENTS))(path, value)


SECTION = {
    "text?": text(3000),
    "fields?": many(1, 10, text(2000)),
    "expand?": anything,
    "accessory?": element(CHOOSERS | BUTTONS | {"image"}, ELEMENTS),
}
INPUT = {
    "label": text(2000, PLAIN),
    "element": element(CHOOSERS | TYPED_INPUTS | FREE, ELEMENTS),
    "hint?": text(2000, PLAIN),
    "optional?": anything,
    "dispatch_action?": anything,
}
ALERT_LEVELS = one_of("default", "info", "warning", "error", "success")
RICH = ("rich_text", "table", "data_table", "video", "card", "carousel")
LEFT_TO_THE_SDK = (*RICH, "container", "auth_provider", "task_card", "plan")

BLOCKS: dict[str, Spec] = {
    "section": shape(SECTION, ("text", "fields")),
    "divider": shape({}),
    "header": shape({"text": text(150, PLAIN)}),
    "markdown": shape({"text": string(12_000)}),
    "context": shape({"elements": many(1, 10, _context_item)}),
    "actions": shape({"elements": many(1, 25, element(CHOOSERS | BUTTONS | FREE, ELEMENTS))}),
    "context_actions": shape({"elements": many(1, 5, element({"feedback_buttons", "icon_button"}, ELEMENTS))}),
    "input": shape(INPUT),
    "image": shape({**IMAGE, "title?": text(2000, PLAIN)}, ("image_url", "slack_file")),
    "alert": shape({"text": text(3000), "level?": ALERT_LEVELS}),
    "data_visualization": chart,
    **dict.fromkeys(LEFT_TO_THE_SDK, anything),
}
MESSAGE_ONLY = {"container", "context_actions", "data_visualization", "markdown", "plan", "task_card"}
NOT_ON: dict[Surface, set[str]] = {
    "message": {"alert"},
    "home": MESSAGE_ONLY | {"alert"},
    "modal": MESSAGE_ONLY | {"card", "carousel", "table", "data_table"},
}
VIEW = {
    "type": one_of("modal", "home"),
    "blocks": many(1, 100, anything),
    "private_metadata?": string(3000, 0),
    "callback_id?": string(255, 0),
    "external_id?": string(255, 0),
}
MODAL = {"title": text(24, PLAIN), "submit?": text(24, PLAIN), "close?": text(24, PLAIN)}
FRAMES: dict[Surface, Spec] = {
    "message": anything,
    "home": shape(VIEW),
    "modal": shape({**VIEW, **MODAL, "clear_on_close?": anything, "notify_on_close?": anything}),
}
