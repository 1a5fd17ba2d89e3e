"""Gemini's JSON: the parts of an answer, and reading what clients send."""

import base64
import re
from typing import Any

Json = dict[str, Any]


def text(words: str, signature: bytes | None = None) -> Json:
    return {"text": words} | _signed(signature)


def thought(words: str) -> Json:
    return {"text": words, "thought": True}


def call(name: str, arguments: Json, *, id: str = "", signature: bytes | None = None) -> Json:
    function = {"name": name, "args": arguments} | ({"id": id} if id else {})
    return {"functionCall": function} | _signed(signature)


def _signed(signature: bytes | None) -> Json:
    return {"thoughtSignature": base64.b64encode(signature).decode()} if signature else {}


def value(node: Json, name: str) -> Any:
    """Clients send some keys in camelCase and some in snake_case; Google takes both."""
    return node.get(name, node.get(snake(name)))


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def decoded(signature: str) -> bytes:
    """Clients send url-safe base64, Google sends the standard one: compare bytes, never strings."""
    plain = signature.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def declarations(body: Json) -> list[Json]:
    return [each for tool in body.get("tools") or [] for each in value(tool, "functionDeclarations") or []]


def each(content: Json, kind: str) -> list[Json]:
    """All of one kind among the parts: ``functionCall``, ``functionResponse``."""
    return [found for part in content.get("parts") or [] if (found := value(part, kind)) is not None]


def calling_mode(body: Json) -> str:
    config = value(value(body, "toolConfig") or {}, "functionCallingConfig") or {}
    return str(config.get("mode", "AUTO"))
