"""A guest's conversation as JSON, for programs; pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from storage.tables import Event, Link, Result, Session


def structured(link: Link, session: Session, events: Sequence[Event], result: Result | None = None) -> str:
    """``result`` is for the link's creator alone."""
    told: dict[str, Any] = {
        "title": link.title,
        "guest": session.guest_name,
        "started_at": session.started_at.isoformat(),
        "ended_at": session.ended_at.isoformat() if session.ended_at else None,
        "end_reason": session.end_reason or None,
        "messages": [_message(event) for event in events if event.kind == "message"],
    }
    if result is not None:
        told |= {"answers": _answers(link.covers, result.answers), "summary": result.summary or None}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _message(event: Event) -> dict[str, Any]:
    body = event.body
    said = {"at": event.at.isoformat(), "author": body["author"], "name": body["name"], "text": body["text"]}
    how = {body["changed"]: True} if body.get("changed") else {}  # edited, or taken_back
    sent = [{name: file[name] for name in ("name", "mime", "size")} for file in body.get("files", ())]
    return said | ({"stopped": True} if body.get("partial") else {}) | how | ({"files": sent} if sent else {})


def _answers(covers: Sequence[str], answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"question": cover, "answer": answers.get(str(number))} for number, cover in enumerate(covers, 1)]
