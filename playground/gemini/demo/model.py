"""From a request to the demo model's reply: its calls, or its words in small pieces to stream."""

import re
import secrets
from collections.abc import Callable

from playground.gemini.demo.conversation import Call, Conversation, Turn, read
from playground.gemini.demo.deciding import decide
from playground.gemini.demo.talking.honesty import in_their_language, introduced
from playground.gemini.demo.talking.looking_back import summary
from playground.gemini.script import Reply
from playground.gemini.wire import Json, call, text

TOKEN = re.compile(r"\S+\s*|\s+")


def answer(body: Json, signature: Callable[[], bytes]) -> Reply:
    """What it says to a request; ``signature`` makes one for a step with calls."""
    talk = read(body)
    if "Summarise this conversation" in talk.task:
        return _said(summary(talk.now.question), talk)
    outcome = decide(talk)
    if outcome.calls:
        return _called(outcome.calls, talk, signature())
    words = f"{_seen(talk.now)}\n\n{outcome.words}" if talk.now.files else outcome.words
    return _said(introduced(talk, in_their_language(talk, words)), talk)


def _seen(turn: Turn) -> str:
    """It cannot look at pictures, and says so."""
    names = ", ".join(turn.files)
    return f"Your file has arrived: {names}. I cannot look into files; with a key of Gemini's I can."


def _called(calls: tuple[Call, ...], talk: Conversation, signature: bytes) -> Reply:
    parts = [
        call(each.name, each.arguments, id=f"call-{secrets.token_hex(4)}", signature=None if place else signature)
        for place, each in enumerate(calls)
    ]
    return Reply([parts], usage=_usage(talk, 8 * len(parts)))


def _said(words: str, talk: Conversation) -> Reply:
    tokens = TOKEN.findall(words)
    cut = talk.most_tokens is not None and len(tokens) > talk.most_tokens
    kept = tokens[: talk.most_tokens] if cut else tokens
    return Reply([[text(token)] for token in kept], "MAX_TOKENS" if cut else "STOP", usage=_usage(talk, len(kept)))


def _usage(talk: Conversation, said: int) -> Json:
    heard = (len(talk.task) + len(talk.now.question) + 200 * len(talk.tools)) // 4 + 1
    return {"promptTokenCount": heard, "candidatesTokenCount": said, "totalTokenCount": heard + said}
