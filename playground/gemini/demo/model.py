"""The demo model's one decision: call what fits, tell what came back, or say what it can do."""

import re
import secrets
from collections.abc import Callable

from playground.gemini.demo.choosing import Choice, choices
from playground.gemini.demo.speech import incomplete, introduced, no_tool, small_talk, summary
from playground.gemini.demo.talk import Talk, read
from playground.gemini.demo.telling import told
from playground.gemini.script import Reply
from playground.gemini.wire import Json, call, text

TOKEN = re.compile(r"\S+\s*|\s+")


def answer(body: Json, signature: Callable[[], bytes]) -> Reply:
    """What it says to a request; ``signature`` makes one for a step with calls."""
    talk = read(body)
    if "Summarise this conversation" in talk.task:
        return _said(summary(talk), talk)
    if talk.results:
        return _said(introduced(talk, told(talk.results)), talk)
    if (words := small_talk(talk)) is not None:
        return _said(introduced(talk, words), talk)
    found = choices(talk.tools, talk.question)
    if not found:
        return _said(introduced(talk, no_tool(talk)), talk)
    if incompletely := next((choice for choice in found if choice.missing), None):
        return _said(introduced(talk, incomplete(incompletely)), talk)
    return _called(found, talk, signature())


def _called(found: list[Choice], talk: Talk, signature: bytes) -> Reply:
    wanted = [(choice.name, arguments) for choice in found for arguments in choice.calls]
    parts = [
        call(name, arguments, id=f"call-{secrets.token_hex(4)}", signature=None if place else signature)
        for place, (name, arguments) in enumerate(wanted)
    ]
    return Reply([parts], usage=_usage(talk, 8 * len(parts)))


def _said(words: str, talk: Talk) -> Reply:
    tokens = TOKEN.findall(words)
    cut = talk.most_tokens is not None and len(tokens) > talk.most_tokens
    kept = tokens[: talk.most_tokens] if cut else tokens
    return Reply([[text(token)] for token in kept], "MAX_TOKENS" if cut else "STOP", usage=_usage(talk, len(kept)))


def _usage(talk: Talk, said: int) -> Json:
    heard = (len(talk.task) + len(talk.question) + 200 * len(talk.known)) // 4 + 1
    return {"promptTokenCount": heard, "candidatesTokenCount": said, "totalTokenCount": heard + said}
