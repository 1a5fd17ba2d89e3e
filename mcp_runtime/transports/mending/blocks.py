"""One block of a result's content: a text, a picture, a file; one of an unknown kind is named and told as JSON."""

import json
from typing import Any

from mcp import types
from mcp_types import methods
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

MAX_TOLD = 2000
"""Characters of a block that nobody knows, told as JSON."""
MAX_KIND = 40
MAX_HEAD = 200
MEMBERS = {
    "text": ("text",),
    "image": ("data", "mimeType"),
    "audio": ("data", "mimeType"),
    "resource": ("resource",),
    "resource_link": ("uri", "name", "title", "description", "mimeType"),
}
"""What is needed of each kind, or told of it."""
UNKNOWN = "It holds a block of the kind “{}”, which is not known here; its JSON is told instead."
TOO_LONG = "It holds a block of the kind “{}”, which is not known here and too long to be told."
BROKEN = "It holds a block of the kind “{}” that cannot be read."


def block(given: Any, version: str, notes: list[str]) -> dict[str, Any] | None:
    """Fit for the SDK, or None when there is nothing in it to tell."""
    if given is None:
        return None
    if not isinstance(given, dict):
        return _text(given)
    if is_text(given):
        return {"type": "text", "text": given["text"]}
    mended = {key: value for key, value in given.items() if value is not None}
    kind = mended["type"] = _kind(mended)
    if kind not in MEMBERS:
        return _told(given, kind, notes)
    _mend(mended, kind)
    for each in (mended, {key: mended[key] for key in ("type", *MEMBERS[kind]) if key in mended}):
        if _fits(each, version):
            return each
    notes.append(BROKEN.format(kind))
    return None


def is_text(given: Any) -> bool:
    """It says so, and is one: what else stands in it is told to nobody."""
    if not isinstance(given, dict):
        return isinstance(given, str)
    return given.get("type") == "text" and isinstance(given.get("text"), str)


def spoken(given: Any) -> str:
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def _text(given: Any) -> dict[str, Any]:
    return {"type": "text", "text": spoken(given)}


def _kind(given: dict[str, Any]) -> str:
    """As it says, or as it looks when it does not say."""
    if (kind := given.get("type")) is not None:
        return kind.casefold() if isinstance(kind, str) and kind.casefold() in MEMBERS else spoken(kind)
    if "text" in given:
        return "text"
    if "data" in given and "mimeType" in given:
        return str(given["mimeType"]).partition("/")[0]
    return "resource" if "resource" in given else "without a name"


def _told(given: dict[str, Any], kind: str, notes: list[str]) -> dict[str, Any] | None:
    name = " ".join(kind.split())[:MAX_KIND]
    text = json.dumps(given, ensure_ascii=False)
    if len(text) > MAX_TOLD:
        notes.append(TOO_LONG.format(name))
        return None
    notes.append(UNKNOWN.format(name))
    return _text(text)


def _mend(given: dict[str, Any], kind: str) -> None:
    if kind == "text":
        given["text"] = spoken(given.get("text", ""))
    elif kind in ("image", "audio"):
        _mend_file(given, kind)
    elif kind == "resource" and isinstance(given.get("resource"), dict):
        resource = {key: value for key, value in given["resource"].items() if value is not None}
        given["resource"] = {"uri": ""} | resource
        if "blob" not in resource and "text" in resource:
            given["resource"]["text"] = spoken(resource["text"])
    elif kind == "resource_link":
        given.setdefault("name", given.get("uri"))


def _mend_file(given: dict[str, Any], kind: str) -> None:
    """Some send a whole data URL, or spell the kind of file in their own language's way."""
    data = given.get("data")
    if isinstance(data, str) and data.startswith("data:") and "," in data[:MAX_HEAD]:
        head, _, given["data"] = data.partition(",")
        given.setdefault("mimeType", head.removeprefix("data:").partition(";")[0])
    given.setdefault("mimeType", given.get("mime_type") or {"image": "image/png", "audio": "audio/wav"}[kind])


def _fits(given: dict[str, Any], version: str) -> bool:
    modern = {"resultType": "complete"} if version in MODERN_PROTOCOL_VERSIONS else {}
    result = {"content": [given], **modern}
    try:
        methods.validate_server_result("tools/call", version, result)
        types.CallToolResult.model_validate(result, by_name=False)
    except ValidationError:
        return False
    return True
