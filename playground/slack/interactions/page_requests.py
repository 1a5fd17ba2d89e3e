"""One JSON object in, one out: what a page asks on behalf of a person, as `changes` describes it."""

from base64 import b64decode
from collections.abc import Sequence
from typing import Any, Protocol

from playground.slack.core.changes import Json
from playground.slack.core.people import PEOPLE
from playground.slack.core.refusal import Unable
from playground.slack.surfaces.sent_files import Sending

NEEDS = {
    "say": ("channel", "text"),
    "command": ("channel", "line"),
    "press": ("block_id", "action_id"),
    "submit": ("view_id",),
    "close": ("view_id",),
    "shortcut": ("callback_id",),
    "stop": ("channel", "ts"),
    "edit": ("channel", "ts", "text"),
    "delete": ("channel", "ts"),
}
CONTAINERS = {"message": ("channel", "ts"), "view": ("view_id",)}


class People(Protocol):
    """What `LocalSlack` lets people do."""

    async def person_says(
        self, person: str, channel: str, text: str, thread_ts: str | None = None, *, files: Sequence[Sending] = ()
    ) -> str: ...
    async def person_edits(self, person: str, channel: str, ts: str, text: str) -> None: ...
    async def person_deletes(self, person: str, channel: str, ts: str) -> None: ...
    async def command(self, person: str, channel: str, line: str, thread_ts: str | None = None) -> Json: ...
    async def press(self, person: str, pressed: Json) -> Json: ...
    async def submit_view(self, person: str, view_id: str, values: Json | None = None) -> Json: ...
    async def close_view(self, person: str, view_id: str, everything: bool = False) -> Json: ...
    async def shortcut(
        self, person: str, callback_id: str, channel: str | None = None, ts: str | None = None
    ) -> Json: ...
    async def open_home(self, person: str) -> None: ...
    async def open_dm(self, person: str) -> None: ...
    async def stop_stream(self, person: str, channel: str, ts: str) -> None: ...


async def act(slack: People, body: Any) -> Json:
    """Do what is asked; a misunderstanding is answered in words, never raised."""
    if not isinstance(body, dict) or body.get("as") not in PEOPLE:
        return {"ok": False, "error": "Nobody of that name works here."}
    try:
        _require(body)
        return {"ok": True, **(await _done(slack, body["as"], body) or {})}
    except Unable as reason:
        return {"ok": False, "error": str(reason)}


def _require(body: Json) -> None:
    """Whole enough to be done: all fields there, and of the right kind."""
    wanted, values = str(body.get("do")), body.get("values") or {}
    missing = _missing(body, NEEDS.get(wanted, ()))
    if wanted == "press":
        container = body.get("container")
        kind = container.get("type") if isinstance(container, dict) else None
        missing += _missing(container or {}, CONTAINERS[kind]) if kind in CONTAINERS else ["container"]
    if not isinstance(values, dict) or not all(isinstance(value, dict) for value in values.values()):
        missing.append("values")
    if missing:
        raise Unable(f"The page left something out: {', '.join(missing)}.")


def _missing(given: Json, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if not isinstance(given.get(name), str)]


def _files(given: Any) -> list[Sending]:
    """Each by its name, with its content in base64."""
    try:
        return [Sending(str(each["name"])[:255], b64decode(each["data"], validate=True)) for each in given or ()]
    except (TypeError, KeyError, ValueError):
        raise Unable("The page left something out: files.") from None


async def _done(slack: People, person: str, body: Json) -> Json | None:
    match body.get("do"):
        case "say":
            here, files = (body["channel"], body["text"], body.get("thread_ts")), _files(body.get("files"))
            return {"ts": await slack.person_says(person, *here, files=files)}
        case "command":
            return await slack.command(person, body["channel"], body["line"], body.get("thread_ts"))
        case "press":
            return await slack.press(person, body)
        case "submit":
            return await slack.submit_view(person, body["view_id"], body.get("values"))
        case "close":
            return await slack.close_view(person, body["view_id"], bool(body.get("all")))
        case "shortcut":
            return await slack.shortcut(person, body["callback_id"], body.get("channel"), body.get("ts"))
        case "open_home":
            await slack.open_home(person)
        case "open_dm":
            await slack.open_dm(person)
        case "edit":
            await slack.person_edits(person, body["channel"], body["ts"], body["text"])
        case "delete":
            await slack.person_deletes(person, body["channel"], body["ts"])
        case "stop":
            await slack.stop_stream(person, body["channel"], body["ts"])
        case unknown:
            raise Unable(f"There is nothing called {unknown}.")
    return None
