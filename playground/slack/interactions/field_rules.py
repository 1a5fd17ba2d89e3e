"""What Slack's own windows demand of a field before a form is sent."""

import re

from playground.slack.core.changes import Json
from playground.slack.surfaces.state_values import FIELDS

REQUIRED = "Please complete this required field."
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"(https?|ftp|file)://\S+|mailto:\S+", re.IGNORECASE)


def complaints(blocks: list[Json], state: Json) -> Json:
    """Sentences under the fields, by block_id; empty when the form may be sent."""
    found: Json = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            value = state[block["block_id"]][element["action_id"]].get(FIELDS[element["type"]][0])
            if problem := _problem(element, value, bool(block.get("optional"))):
                found[block["block_id"]] = problem
    return found


def _problem(element: Json, value: object, optional: bool) -> str | None:
    if value in (None, "", []):
        return None if optional else REQUIRED
    match element["type"]:
        case "plain_text_input":
            return _length(element, str(value))
        case "number_input":
            return _number(element, str(value))
        case "email_text_input" if not _EMAIL.fullmatch(str(value)):
            return "Enter a valid email address."
        case "url_text_input" if not _URL.fullmatch(str(value)):
            return "Enter a valid URL."
    return None


def _length(element: Json, value: str) -> str | None:
    shortest, longest = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < shortest:
        return f"Enter at least {shortest} characters."
    return f"Enter at most {longest} characters." if len(value) > longest else None


def _number(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Enter a number."
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "Enter a whole number."
    if number < float(element.get("min_value", "-inf")):
        return f"Enter {element['min_value']} or more."
    return f"Enter {element['max_value']} or less." if number > float(element.get("max_value", "inf")) else None
