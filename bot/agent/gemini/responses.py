"""A tool's result as the function response that answers its call."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from bot.agent.gemini.history import Part, response_part
from mcp_runtime.tools.tools import File, ToolCall, ToolResult

READABLE = frozenset({"image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"})
MOST_CHARACTERS = 40_000
MOST_BYTES = 4_000_000


def answered(call: ToolCall, result: ToolResult) -> Part:
    """Files stand inside; `history.fit_for` moves them for a model that cannot read them there."""
    shown = [file for file in result.files if _admitted(file)]
    left_out = [f"{file.mime}, {len(file.content)} bytes" for file in result.files if file not in shown]
    response: dict[str, Any] = {"error": clipped(result.error)} if result.failed else {"output": _output(result.output)}
    if left_out:
        response["left_out"] = left_out
    part = response_part(call.id, call.name, response)
    if shown:
        part["functionResponse"]["parts"] = _inlined(shown)
    return part


def _admitted(file: File) -> bool:
    return file.mime in READABLE and len(file.content) <= MOST_BYTES


def _inlined(files: Sequence[File]) -> list[Part]:
    return [
        {"inlineData": {"mimeType": file.mime, "data": base64.urlsafe_b64encode(file.content).decode()}}
        for file in files
    ]


def _output(output: Any) -> Any:
    if isinstance(output, str):
        return clipped(output)
    dumped = json.dumps(output, ensure_ascii=False)
    return output if len(dumped) <= MOST_CHARACTERS else clipped(dumped)


def clipped(text: str) -> str:
    over = len(text) - MOST_CHARACTERS
    return text if over <= 0 else f"{text[:MOST_CHARACTERS]}\n[{over} characters left out]"
