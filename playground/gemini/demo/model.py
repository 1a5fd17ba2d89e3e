"""From a request to the demo model's reply: its calls, or its words in small pieces to stream."""

import re
import secrets
from collections.abc import Callable

from playground.gemini.demo.conversation import Call, Conversation, SentFile, Turn, read
from playground.gemini.demo.deciding import decide
from playground.gemini.demo.talking.honesty import in_their_language, introduced
from playground.gemini.demo.talking.looking_back import summary
from playground.gemini.script import Reply
from playground.gemini.wire import Json, call, text

FEW_LINES, LONGEST_LINE = 3, 100
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
    """What is written it has read; it cannot look at pictures and papers, and says so."""
    told = [_read(each) for each in turn.files if each.text]
    if names := ", ".join(each.name for each in turn.files if not each.text):
        told.append(f"Your file has arrived: {names}. I cannot look into it; with a key of Gemini's I can.")
    return "\n\n".join(told)


def _read(file: SentFile) -> str:
    lines = [line for line in file.text.splitlines() if line.strip()]
    shown = "\n".join(line[:LONGEST_LINE].replace("`", "'") for line in lines[:FEW_LINES])
    size = f"{len(lines)} line" + ("s" if len(lines) != 1 else "")
    return f"I have read {file.name}, {size}. It begins like this:\n\n```\n{shown}\n```"


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
