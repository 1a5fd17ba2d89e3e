"""What is sent to Gemini for one answer."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.agent.gemini.history import fit_for
from bot.agent.gemini.known_models import ModelCard
from bot.agent.gemini.well_formed import well_formed
from bot.agent.model import Message

if TYPE_CHECKING:
    from google.genai.types import Content, GenerateContentConfig


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
    """Arguments for the SDK's ``generate_content_stream``."""
    config = _config(card, declarations, instructions, may_call, max_tokens, api_version)
    return {"model": card.name, "contents": _contents(fit_for(card, history)), "config": config}


def _contents(messages: list[Message]) -> list["Content"]:
    from google.genai.types import Content

    # Through JSON, because only there does the SDK read signatures and files as base64.
    return [Content.model_validate_json(json.dumps(well_formed(message))) for message in messages]


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
