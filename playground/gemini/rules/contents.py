"""Rules for the conversation: roles, parts, and each call with its one response."""

from collections.abc import Iterator

from playground.gemini.wire import Json, each

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
    for content in body["contents"]:
        calls, responses = each(content, "functionCall"), each(content, "functionResponse")
        if len(responses) != len(pending):
            yield "the number of function response parts must equal the number of function call parts"
        elif sorted(map(_identity, responses)) != sorted(map(_identity, pending)):
            yield "function response does not match its function call in id and name"
        if responses and len(responses) != len(content["parts"]):
            yield "function responses share their content with other parts"
        if responses and content.get("role") != "user":
            yield "function responses come from the user"
        if any(not isinstance(response.get("response"), dict) for response in responses):
            yield "function_response.response must be an object"
        pending = calls
    if pending:
        yield "the last function calls have no function response parts"


def _identity(item: Json) -> tuple[str, str]:
    return item.get("id") or "", item.get("name") or ""
