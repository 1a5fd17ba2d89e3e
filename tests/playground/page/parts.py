"""Block Kit in few words, for the shapes that the scripted app shows."""

from typing import Any

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def marks(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(text: str, about: str | None = None) -> Json:
    shape = {"text": words(text), "value": text.lower().replace(" ", "-")}
    return {**shape, "description": words(about)} if about else shape


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": marks(text), **more}


def context(text: str) -> Json:
    return {"type": "context", "elements": [marks(text)]}


def header(text: str) -> Json:
    return {"type": "header", "text": words(text)}


def actions(block_id: str, *elements: Json) -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(text: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": words(text), "action_id": action_id, "value": action_id, **more}


def field(name: str, label: str, kind: str, *, element: Json | None = None, **more: Any) -> Json:
    inside = {"type": kind, "action_id": name, **(element or {})}
    return {"type": "input", "block_id": name, "label": words(label), "element": inside, **more}


def task(number: int, title: str, status: str, **more: str) -> Json:
    return {"type": "task_update", "id": f"t{number}", "title": title, "status": status, **more}


def text_chunk(text: str) -> Json:
    return {"type": "markdown_text", "text": text}
