"""A tool's result as the function response that answers its call."""

import base64
import json
import re
from typing import Any

from bot.agent.gemini.history import Part, response_part
from mcp_runtime.tools.tools import File, ToolCall, ToolResult
from mcp_runtime.tools.untrusted_text import one_line

BEGINNINGS = (
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("application/pdf", re.compile(rb"%PDF-")),
)
"""What the model reads, by how it begins: a server may call it anything, and one wrong name ends the turn."""
TEXT = "text/plain"
MOST_CHARACTERS = 40_000
MOST_BYTES = 4_000_000


def answered(call: ToolCall, result: ToolResult) -> Part:
    """Files stand inside; `history.fit_for` moves them for a model that cannot read them there."""
    kinds = [(file, _kind(file)) for file in result.files]
    shown = [_inlined(kind, file.content) for file, kind in kinds if kind]
    left_out = [f"{one_line(file.mime, 80)}, {len(file.content)} bytes" for file, kind in kinds if not kind]
    response: dict[str, Any] = {"error": clipped(result.error)} if result.failed else {"output": _output(result.output)}
    if left_out:
        response["left_out"] = left_out
    part = response_part(call.id, call.name, response)
    if shown:
        part["functionResponse"]["parts"] = shown
    return part


def _kind(file: File) -> str:
    """What the model may be told that it is; empty where it cannot be read."""
    if len(file.content) > MOST_BYTES:
        return ""
    if found := next((kind for kind, begins in BEGINNINGS if begins.match(file.content)), ""):
        return found
    return TEXT if file.mime.partition(";")[0].strip().lower() == TEXT and _is_text(file.content) else ""


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def _inlined(kind: str, content: bytes) -> Part:
    return {"inlineData": {"mimeType": kind, "data": base64.urlsafe_b64encode(content).decode()}}


def _output(output: Any) -> Any:
    if isinstance(output, str):
        return clipped(output)
    dumped = json.dumps(output, ensure_ascii=False)
    return output if len(dumped) <= MOST_CHARACTERS else clipped(dumped)


def clipped(text: str) -> str:
    over = len(text) - MOST_CHARACTERS
    return text if over <= 0 else f"{text[:MOST_CHARACTERS]}\n[{over} characters left out]"
