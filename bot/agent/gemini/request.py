"""What is sent to Gemini for one answer: its REST JSON, as the history is kept, so that nothing makes it anew."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.agent.gemini.history import fit_for
from bot.agent.gemini.known_models import ModelCard
from bot.agent.gemini.well_formed import well_formed
from bot.agent.model import Message

LARGE = 1 << 16
"""Characters of a file in base64; what is smaller goes the usual way."""
LENGTH = 24
"""Bytes of a word that stands for a file, which nobody can guess: a whole number of letters of base64."""


@dataclass(frozen=True)
class Request:
    """``files`` are the large ones, apart: in ``body`` a word stands for each."""

    model: str
    body: dict[str, Any]
    api_version: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)


def request(
    card: ModelCard,
    history: Sequence[Message],
    declarations: list[dict[str, Any]],
    *,
    instructions: str,
    may_call: bool,
    max_tokens: int | None,
    api_version: str | None,
) -> Request:
    files = dict[str, str]()
    body: dict[str, Any] = {"contents": [well_formed(_apart(each, files)) for each in fit_for(card, history)]}
    if told := well_formed(instructions):
        body["systemInstruction"] = {"parts": [{"text": told}], "role": "user"}
    if declarations:
        body["tools"] = [{"functionDeclarations": declarations}]
        # Declared even when they may not be called: the history mentions them, and the prompt stays cacheable.
        body["toolConfig"] = {"functionCallingConfig": {"mode": "AUTO" if may_call else "NONE"}}
    body["generationConfig"] = _generation(card, max_tokens)
    return Request(card.name, body, api_version, files)


def _generation(card: ModelCard, max_tokens: int | None) -> dict[str, Any]:
    limit = {"maxOutputTokens": max_tokens} if max_tokens is not None else {}
    return limit | ({"thinkingConfig": card.thinking} if card.thinking else {})


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
