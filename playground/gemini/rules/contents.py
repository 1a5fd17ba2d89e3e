"""Rules for the conversation: roles, parts, and each call with its one response."""

from collections.abc import Iterator
from typing import Any

from playground.gemini.wire import Json, each

UNEVEN = (
    "Please ensure that the number of function response parts is equal to the number of function call parts"
    " of the function call turn."
)
LATE = "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
DATA = ("text", "inlineData", "fileData", "functionCall", "functionResponse", "thoughtSignature")


def contents(body: Json) -> Iterator[str]:
    told = body.get("contents") or []
    if not told:
        yield "contents is not specified"
    for i, content in enumerate(told):
        if content.get("role", "user") not in ("user", "model"):
            yield f"contents[{i}].role: Please use a valid role: user, model."
        if not content.get("parts"):
            yield f"contents[{i}].parts must not be empty"
        for j, part in enumerate(content.get("parts") or []):
            if not any(name in part for name in DATA):
                yield f"contents[{i}].parts[{j}].data: required oneof field 'data' must have one initialized field"
    if told and told[0].get("role", "user") != "user":
        yield "Please ensure that the first content comes from the user"


def pairs(body: Json) -> Iterator[str]:
    pending: list[Json] = []
    before = ""
    for content in body["contents"]:
        calls, responses = each(content, "functionCall"), each(content, "functionResponse")
        if len(responses) != len(pending):
            yield UNEVEN
        elif sorted(map(_identity, responses)) != sorted(map(_identity, pending)):
            yield "Please ensure that each function response has the id and the name of its function call."
        if responses and len(responses) != len(content["parts"]):
            yield "function responses share their content with other parts"
        if responses and content.get("role") != "user":
            yield "function responses come from the user"
        if any(not isinstance(response.get("response"), dict) for response in responses):
            yield "function_response.response must be an object"
        if any(_refers(response.get("response")) for response in responses):
            yield "function_response.response: a $ref does not match the display_name of any part"
        if calls and before != "user":
            yield LATE
        pending, before = calls, content.get("role", "user")
    if pending:
        yield UNEVEN


def _refers(node: Any) -> bool:
    """Google takes it for a file among the response's own parts."""
    if isinstance(node, dict):
        return "$ref" in node or any(map(_refers, node.values()))
    return isinstance(node, list) and any(map(_refers, node))


def _identity(item: Json) -> tuple[str, str]:
    return item.get("id") or "", item.get("name") or ""
