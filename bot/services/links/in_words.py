"""What an event of the log says, in the language of the guest who reads it; pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.services.links.hosting.values import SOMEBODY
from bot.services.links.results.filing import TITLE as FILED
from bot.services.links.values import NAMELESS
from bot.words import Words
from storage.tables import Event

Body = Mapping[str, Any]
_LINES = {"host": "host.line_host", "asked": "host.line_asked"}


def in_words(event: Event, words: Words) -> dict[str, str]:
    """The parts of its body that are sentences; the log itself has them in English, as Slack shows them."""
    match event.kind:
        case "message" if event.body.get("author") == "agent":
            return {"name": words("host.line_agent")}
        case "message" if event.body.get("author") == "host":
            return {"name": person(event.body, words), **_changed(event.body, words)}
        case "message" if event.body.get("author") == "guest":
            return {"name": guest(event.body, words)}
        case "changed":
            return {"name": person(event.body, words), **_changed(event.body, words)}
        case "tool":
            return {"title": step(event.body, words)}
        case "status":
            return {"text": standing(event.body, words)}
        case "host":
            return {"text": turned(event.body, words), "line": who_answers(event.body, words)}
        case "end":
            return {"text": why_over(str(event.body.get("reason", "")), words)}
    return {}


def _changed(body: Body, words: Words) -> dict[str, str]:
    """What stands beside a host's new words, or in the place of those that they took back."""
    match body.get("changed"):
        case "edited":
            return {"mark": words("host.edited")}
        case "taken_back":
            return {"text": words("host.taken_back")}
    return {}


def person(body: Body, words: Words) -> str:
    """What the host is called."""
    return str(body["name"]) if _named(body) else words("host.somebody")


def guest(body: Body, words: Words) -> str:
    """What the guest is called."""
    name = str(body["name"])
    return name if name and name != NAMELESS else words("transcript.guest")


def step(body: Body, words: Words) -> str:
    """What a tool is called: a service's own by that service, ours in the reader's language."""
    ours = not body.get("server") and body["title"] == FILED
    return words("status.filed") if ours else str(body["title"])


def standing(body: Body, words: Words) -> str:
    """How the conversation stands; empty when there is nothing to say."""
    values = dict(body.get("values", {}))
    if "seconds" in values:
        values["wait"] = timedelta(seconds=values.pop("seconds"))
    key = f"status.{body.get('code') or body['state']}"
    if body.get("text") and not body.get("code"):
        return str(body["text"])  # older than the codes
    if not words.knows(key):
        key = f"refused.{body.get('code')}"
    return words(key, **values) if words.knows(key) else str(body.get("text", ""))


def turned(body: Body, words: Words) -> str:
    """That somebody else answers from here on."""
    return words(f"host.{body['state']}", named=_named(body), name=str(body["name"]))


def who_answers(body: Body, words: Words) -> str:
    """A line that stands for as long as it is so."""
    return words(_LINES.get(body["state"], "host.line_agent"), named=_named(body), name=str(body["name"]))


def why_over(reason: str, words: Words) -> str:
    return words(f"ended.{reason}" if words.knows(f"ended.{reason}") else "ended.over")


def over_heading(reason: str, words: Words) -> str:
    """Of the page that stands where the chat was."""
    key = f"ended.heading_{reason}"
    return words(key if words.knows(key) else "ended.heading")


def _named(body: Body) -> bool:
    return bool(body.get("name")) and body["name"] != SOMEBODY
