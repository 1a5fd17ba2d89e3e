"""A stored message in plain words: calls and results lose their form, so no rule of pairing applies to them."""

import json

from bot.agent.gemini.history import Part, responses_in
from bot.agent.model import Message

CLIP = 1_500
NOTED = "noted"
"""In a stored message: its first part is Usher's note, not the words of whoever wrote it."""


def said(text: str, note: str) -> Message:
    """Their words, after Usher's note; a note may come alone."""
    if not note:
        return {"role": "user", "parts": [{"text": text}]}
    return {"role": "user", "parts": [{"text": each} for each in (note, text) if each], NOTED: True}


def speaks(message: Message) -> bool:
    return message.get("role") == "user" and not responses_in(message) and bool(_own_parts(message))


def in_words(message: Message) -> str:
    who = "person" if speaks(message) else "agent" if message.get("role") == "model" else "tool"
    lines = (line for part in _own_parts(message) for line in _lines(part))
    return "\n".join(f"{who}: {line}" for line in lines)


def _own_parts(message: Message) -> list[Part]:
    parts: list[Part] = message.get("parts", [])
    return parts[1:] if message.get(NOTED) else parts


def _lines(part: Part) -> list[str]:
    if "functionCall" in part:
        call = part["functionCall"]
        return [f"called {call.get('name')} with {json.dumps(call.get('args', {}), ensure_ascii=False)}"[:CLIP]]
    if "functionResponse" in part:
        response = part["functionResponse"]
        said = f"{response['name']} gave {json.dumps(response['response'], ensure_ascii=False)}"[:CLIP]
        return [said, *(f"[a file, {file['inlineData']['mimeType']}]" for file in response.get("parts", []))]
    return [part["text"][:CLIP]] if part.get("text") and not part.get("thought") else []
