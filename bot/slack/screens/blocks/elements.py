"""The few Block Kit parts that Usher's screens are made of. Text given as mrkdwn is already escaped."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.slack.screens.blocks.text import clipped

Block = dict[str, Any]
View = dict[str, Any]

MAX_SECTION = 3000
MAX_BUTTON = 75


def plain(text: str, limit: int = 3000) -> Block:
    return {"type": "plain_text", "text": clipped(text, limit), "emoji": True}


def mrkdwn(text: str, limit: int = MAX_SECTION) -> Block:
    return {"type": "mrkdwn", "text": clipped(text, limit)}


def section(text: str, accessory: Block | None = None, *, block_id: str = "", expand: bool = False) -> Block:
    """``expand``: shown whole at once, not behind «See more»."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if expand:
        block["expand"] = True
    if accessory:
        block["accessory"] = accessory
    return _named(block, block_id)


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, 150)}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def divider() -> Block:
    return {"type": "divider"}


def alert(text: str, level: str = "error") -> Block:
    """A problem with a whole form; only modals have it."""
    return {"type": "alert", "level": level, "text": mrkdwn(text)}


def actions(*elements: Block, block_id: str = "") -> Block:
    return _named({"type": "actions", "elements": list(elements)}, block_id)


def button(
    text: str,
    action_id: str,
    value: str = "",
    *,
    style: str = "",
    confirm: Block | None = None,
    url: str = "",
    label: str = "",
) -> Block:
    """``label`` is what a screen reader says when the text alone is too short to understand.

    It holds the text itself, or who speaks to the machine could not press what they see.
    """
    if label and text not in label:
        label = f"{text}: {label}"
    block: Block = {"type": "button", "text": plain(text, MAX_BUTTON), "action_id": action_id}
    extras = {
        "value": value,
        "style": style,
        "confirm": confirm,
        "url": url,
        "accessibility_label": clipped(label, MAX_BUTTON),
    }
    return block | {key: extra for key, extra in extras.items() if extra}


def sure(title: str, text: str, yes: str, no: str = "Keep it") -> Block:
    """The dialog in front of an act that cannot be undone."""
    return {
        "title": plain(title, 100),
        "text": mrkdwn(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
        "style": "danger",
    }


def option(text: str, value: str, description: str = "") -> Block:
    chosen: Block = {"text": plain(text, 75), "value": value}
    return chosen | ({"description": plain(description, 75)} if description else {})


def overflow(action_id: str, options: Sequence[Block], confirm: Block | None = None) -> Block:
    """A menu of at most five acts."""
    block: Block = {"type": "overflow", "action_id": action_id, "options": list(options)}
    return block | ({"confirm": confirm} if confirm else {})


def select(action_id: str, options: Sequence[Block], initial: Block | None = None) -> Block:
    block: Block = {"type": "static_select", "action_id": action_id, "options": list(options)}
    return block | ({"initial_option": initial} if initial else {})


def select_several(action_id: str, options: Sequence[Block], initial: Sequence[Block] = ()) -> Block:
    block: Block = {"type": "multi_static_select", "action_id": action_id, "options": list(options)}
    return block | ({"initial_options": list(initial)} if initial else {})


def checkbox(action_id: str, one: Block, *, ticked: bool) -> Block:
    block: Block = {"type": "checkboxes", "action_id": action_id, "options": [one]}
    return block | ({"initial_options": [one]} if ticked else {})


def member(action_id: str, initial: str = "") -> Block:
    """One person of the workspace."""
    block: Block = {"type": "users_select", "action_id": action_id}
    return block | ({"initial_user": initial} if initial else {})


def channel(action_id: str, initial: str = "") -> Block:
    """One channel of the workspace, public or private, and none that another organisation is in."""
    only = {"include": ["public", "private"], "exclude_external_shared_channels": True, "exclude_bot_users": True}
    block: Block = {"type": "conversations_select", "action_id": action_id, "filter": only}
    return block | ({"initial_conversation": initial} if initial else {})


def channels(action_id: str, initial: Sequence[str] = ()) -> Block:
    """Several channels of the workspace, public or private."""
    only = {"include": ["public", "private"], "exclude_bot_users": True}
    block: Block = {"type": "multi_conversations_select", "action_id": action_id, "filter": only}
    return block | ({"initial_conversations": list(initial)} if initial else {})


def day(action_id: str, initial: str = "") -> Block:
    block: Block = {"type": "datepicker", "action_id": action_id}
    return block | ({"initial_date": initial} if initial else {})


def members(action_id: str, initial: Sequence[str] = ()) -> Block:
    """Several people of the workspace."""
    block: Block = {"type": "multi_users_select", "action_id": action_id}
    return block | ({"initial_users": list(initial)} if initial else {})


def text_input(*, initial: str = "", placeholder: str = "", multiline: bool = False, most: int = 0) -> Block:
    block: Block = {"type": "plain_text_input", "action_id": "value", "multiline": multiline}
    extras: Mapping[str, Any] = {
        "initial_value": initial,
        "placeholder": plain(placeholder, 150) if placeholder else None,
        "max_length": most,
    }
    return block | {key: extra for key, extra in extras.items() if extra}


def number_input(initial: float | None = None, *, least: int = 1, most: float) -> Block:
    """A whole number; ``initial`` None: empty."""
    block: Block = {"type": "number_input", "action_id": "value", "is_decimal_allowed": False}
    block |= {"min_value": str(least), "max_value": f"{most:g}" if most < 1e5 else str(int(most))}
    return block | ({"initial_value": f"{initial:g}"} if initial else {})


def field(block_id: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    block: Block = {"type": "input", "block_id": block_id, "label": plain(label, 2000), "element": element}
    if hint:
        block["hint"] = plain(hint, 2000)
    return block | ({"optional": True} if optional else {})


def modal(
    title: str,
    blocks: Iterable[Block],
    *,
    callback_id: str = "",
    submit: str = "",
    close: str = "Close",
    metadata: str = "",
) -> View:
    view: View = {"type": "modal", "title": plain(title, 24), "close": plain(close, 24), "blocks": list(blocks)[:100]}
    extras = {
        "callback_id": callback_id,
        "submit": plain(submit, 24) if submit else None,
        "private_metadata": metadata,
    }
    return view | {key: extra for key, extra in extras.items() if extra}


def _named(block: Block, block_id: str) -> Block:
    return block | {"block_id": block_id} if block_id else block
