"""What is sent to Gemini for one answer."""

import base64
import json
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.agent.gemini.client import FILES
from bot.agent.gemini.history import fit_for
from bot.agent.gemini.known_models import ModelCard
from bot.agent.gemini.well_formed import well_formed
from bot.agent.model import Message

if TYPE_CHECKING:
    from google.genai.types import Content, GenerateContentConfig


LARGE = 1 << 16
"""Characters of a file in base64; what is smaller goes the usual way."""
LENGTH = 24
"""Bytes of a word that stands for a file, which nobody can guess: a whole number of letters of base64."""


def request(
    card: ModelCard,
    history: Sequence[Message],
    declarations: list[dict[str, Any]],
    *,
    instructions: str,
    may_call: bool,
    max_tokens: int | None,
    api_version: str | None,
) -> dict[str, Any]:
    """Arguments for the SDK's ``generate_content_stream``, and the large files apart."""
    config, files = _config(card, declarations, instructions, may_call, max_tokens, api_version), dict[str, str]()
    messages = [_apart(message, files) for message in fit_for(card, history)]
    return {"model": card.name, "contents": _contents(messages), "config": config, FILES: files}


def _contents(messages: list[Message]) -> list["Content"]:
    from google.genai.types import Content

    # Through JSON, because only there does the SDK read signatures and files as base64.
    return [Content.model_validate_json(json.dumps(well_formed(message))) for message in messages]


def _apart(given: dict[str, Any], files: dict[str, str]) -> dict[str, Any]:
    """A message or part of one in which a word stands for each large file: the SDK would read, copy and write
    megabytes of base64 again and again, while everybody waits; `client` puts them in as they are."""
    given = {key: [_apart(each, files) for each in value] if key == "parts" else value for key, value in given.items()}
    if "functionResponse" in given:
        given["functionResponse"] = _apart(given["functionResponse"], files)
    inline = given.get("inlineData") or {}
    if len(inline.get("data", "")) > LARGE:
        word = base64.urlsafe_b64encode(secrets.token_bytes(LENGTH)).decode()
        files[word] = inline["data"]
        given["inlineData"] = {**inline, "data": word}
    return given


def _config(
    card: ModelCard,
    declarations: list[dict[str, Any]],
    instructions: str,
    may_call: bool,
    max_tokens: int | None,
    api_version: str | None,
) -> "GenerateContentConfig":
    from google.genai import types

    functions = [types.FunctionDeclaration(**declaration) for declaration in declarations]
    # Declared even when they may not be called: the history mentions them, and the prompt stays cacheable.
    mode = types.FunctionCallingConfigMode.AUTO if may_call else types.FunctionCallingConfigMode.NONE
    calling = types.ToolConfig(function_calling_config=types.FunctionCallingConfig(mode=mode))
    return types.GenerateContentConfig(
        system_instruction=well_formed(instructions) or None,
        tools=[types.Tool(function_declarations=functions)] if functions else None,
        tool_config=calling if functions else None,
        thinking_config=types.ThinkingConfig(**card.thinking) if card.thinking else None,
        max_output_tokens=max_tokens,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        http_options=types.HttpOptions(api_version=api_version) if api_version else None,
    )
