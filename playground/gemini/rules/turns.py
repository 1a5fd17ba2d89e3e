"""Rules that differ from model to model: signatures, files in responses, thinking."""

from collections.abc import Iterator

from playground.gemini.models import LocalModel
from playground.gemini.signatures import Signatures
from playground.gemini.wire import Json, each, value


def files(body: Json, model: LocalModel) -> Iterator[str]:
    responses = [response for content in body["contents"] for response in each(content, "functionResponse")]
    if not model.files_in_responses and any(response.get("parts") for response in responses):
        yield f"function_response.parts is not supported by {model.name}"


def signatures(body: Json, model: LocalModel, issued: Signatures) -> Iterator[str]:
    """Each step of the current turn needs one on its first call; earlier turns need none."""
    told = body["contents"]
    asked = [i for i, content in enumerate(told) if content.get("role", "user") == "user" and _spoken(content)]
    current = max(asked, default=-1)
    for i, content in enumerate(told):
        for signature in (found for part in content["parts"] if (found := value(part, "thoughtSignature"))):
            if not issued.genuine(signature, model.name):
                yield "Corrupted thought signature."
        first = next((part for part in content["parts"] if value(part, "functionCall")), None)
        if first and i > current and not value(first, "thoughtSignature"):
            yield f"Function call is missing a thought_signature: {value(first, 'functionCall')['name']}"


def _spoken(content: Json) -> bool:
    return any("text" in part for part in content["parts"])


def thinking(body: Json, model: LocalModel) -> Iterator[str]:
    config = value(value(body, "generationConfig") or {}, "thinkingConfig") or {}
    level = value(config, "thinkingLevel")
    if level and str(level).upper() not in model.levels:
        yield f"Thinking level {level} is not supported for this model."
    if value(config, "thinkingBudget") is not None and model.levels:
        yield "Thinking budget is not supported for this model; use thinking_level."
