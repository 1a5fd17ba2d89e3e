"""Makes of a large message a small one that says the same to a model; in a process of its own, by `reader.py`.

It knows nothing of the rest, so that it starts in a moment and holds little: with it are read strangers' megabytes.
"""

import json
import math
import re
import zlib
from base64 import b64encode
from typing import Any

MOST_VALUES, MOST_DIGITS, MOST_TOGETHER = 200_000, 300, 1000
MOST_TEXT = 56_000
"""Characters of a structure: what a model is shown, and so much more that no secret is cut in two before that."""
MOST_TEXTS = 176_000
"""Of all texts beside it."""
MOST_BLOCKS, MOST_ENCODED = 2000, (4 << 20) * 4 // 3 + 4
MOST_OBJECTS, MOST_MEMBERS = 3_000, 30_000
"""In what is handed on as it is."""
TOO_MANY = f"Failed to parse JSON response: the answer is longer than {MOST_OBJECTS} objects"
MOST_TOOLS = 1001
"""One more than are taken, so that it shows."""
UNREAD = 2000
"""Bytes that are shown of what is no JSON."""
_VALUES = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[,\[{]', re.DOTALL)


def shrunk(raw: bytes, methods: dict[str, str], mark: str) -> bytes | None:
    """None: it has too many values to be read."""
    for number, _ in enumerate(_VALUES.finditer(raw)):
        if number >= MOST_VALUES:
            return None
    text = raw.decode("utf-8-sig", "replace")
    found = _documents(text) or [one for line in text.splitlines()[:MOST_TOGETHER] for one in _documents(line)]
    several = [one for each in found for one in (each if isinstance(each, list) else [each])][:MOST_TOGETHER]
    for message in several:
        if isinstance(message, dict):
            _lessen(message, methods, mark)
    if not several:
        return raw[:UNREAD]
    return b"\n".join(_dumped(each).encode() for each in several)


def _lessen(message: dict[str, Any], methods: dict[str, str], mark: str) -> None:
    """In place."""
    method = methods.get(str(message.get("id")), "")
    if method in ("resources/read", "prompts/get") and isinstance(message.get("result"), dict):
        _lessen_offered(message["result"], mark)
    if method == "tools/list" and isinstance(message.get("result"), dict):
        _pack(message["result"], mark)
    elif method == "tools/call" and "result" in message and not _asks(message["result"]):
        message["result"] = _cut(message["result"], mark)
    elif "result" in message and _too_much(message["result"]):
        del message["result"]
        message["error"] = {"code": -32700, "message": TOO_MANY}
    elif _too_much(message.get("params")):
        message["params"] = {}
    if isinstance(error := message.get("error"), dict):
        small = {key: value for key, value in error.items() if not _too_much(value)}
        message["error"] = {key: each[:MOST_TEXT] if isinstance(each, str) else each for key, each in small.items()}


def _too_much(value: Any) -> bool:
    objects = members = 0
    ahead = [value]
    while ahead:
        inside = ahead.pop()
        if isinstance(inside, (dict, list)):
            objects, members = objects + 1, members + len(inside)
            ahead += inside.values() if isinstance(inside, dict) else inside
    return objects > MOST_OBJECTS or members > MOST_MEMBERS


def _documents(text: str) -> list[Any]:
    try:
        return [json.loads(text, parse_constant=lambda word: None, parse_float=_float, parse_int=_int)]
    except (ValueError, RecursionError):
        return []


def _float(digits: str) -> float | str:
    return number if math.isfinite(number := float(digits)) else digits


def _int(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def _dumped(value: Any) -> str:
    """Half a surrogate pair becomes U+FFFD, as everywhere."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _asks(result: Any) -> bool:
    return isinstance(result, dict) and result.get("resultType") == "input_required"


def _pack(page: dict[str, Any], mark: str) -> None:
    """Each tool becomes a text, which is read when its turn comes."""

    def packed(tool: Any) -> Any:
        if not isinstance(tool, dict):
            return None
        name = tool["name"] if isinstance(tool.get("name"), str) else ""
        whole = _dumped({key: value for key, value in tool.items() if key not in ("_meta", "icons")}).encode()
        return {"name": name[:1000], mark: b64encode(zlib.compress(whole, 1)).decode(), "size": len(whole)}

    tools = page.get("tools")
    if isinstance(tools, list):
        page["tools"] = [packed(each) for each in tools[:MOST_TOOLS]]
    elif isinstance(tools, dict):
        page["tools"] = {key: packed(each) for key, each in list(tools.items())[:MOST_TOOLS]}
    for key in [key for key in page if key != "tools" and len(_dumped(page[key])) > UNREAD]:
        del page[key]


OURS = ("content", "structuredContent", "isError", "_meta", "resultType", "toolResult")


def _cut(result: Any, mark: str) -> dict[str, Any]:
    """Blocks, and beside them a structure, where there is one, as the beginning of its text."""
    whole = result if isinstance(result, dict) else _of_bare(result)
    structure = next((whole[key] for key in ("structuredContent", "toolResult") if whole.get(key) is not None), None)
    if structure is None and whole.get("content") is None:
        structure = {key: whole[key] for key in whole if key not in OURS} or None
    if isinstance(structure, dict) and structure.keys() == {"result"}:
        structure = structure["result"]
    cutter = _Cutter(structure)
    cut = {key: whole[key] for key in ("isError", "resultType") if not isinstance(whole.get(key, {}), (dict, list))}
    content = whole.get("content")
    blocks = content if isinstance(content, list) else [] if content is None else [content]
    cut["content"] = [block for each in blocks[:MOST_BLOCKS] if (block := cutter.block(each)) is not None]
    cut[mark] = {"unread": cutter.unread, "blocks": len(blocks)}
    if structure is not None:
        text = _dumped(structure)
        short = len(text) <= MOST_TEXT // 8
        cut["structuredContent"] = {"result": structure} if short else {mark: [text[:MOST_TEXT], len(text)]}
    return cut


def _lessen_offered(result: dict[str, Any], mark: str) -> None:
    """In place, what a resource holds or the messages of a prompt; anything else in it is of no use to a model."""
    cutter, contents, messages = _Cutter(None), result.get("contents"), result.get("messages")
    if isinstance(contents, list):
        beyond = sum(len(_text_of(each)) for each in contents[MOST_BLOCKS:])
        result["contents"] = [cutter.contents(each) for each in contents[:MOST_BLOCKS]]
        result["_meta"] = {mark: cutter.unread + beyond}
    if isinstance(messages, list):
        result["messages"] = [cutter.message(each) for each in messages]


def _text_of(contents: Any) -> str:
    text = contents.get("text") if isinstance(contents, dict) else None
    return text if isinstance(text, str) else ""


def _of_bare(result: Any) -> dict[str, Any]:
    blocks = isinstance(result, list) and all(isinstance(each, dict) and "type" in each for each in result)
    return {"content": result} if isinstance(result, str) or blocks else {"structuredContent": result}


class _Cutter:
    def __init__(self, structure: Any) -> None:
        self._structure = structure
        self._room = MOST_TEXTS
        self.unread = 0

    def block(self, given: Any) -> Any:
        """None where the structure says it already."""
        if isinstance(given, str):
            return self._text(given)
        if not isinstance(given, dict):
            return given if given is None or len(_dumped(given)) < UNREAD else _dumped(given)[:UNREAD]
        if isinstance(given.get("text"), str):
            if self._structure is not None and self._structure in _documents(given["text"]):
                return None
            return {**_small(given), "text": self._text(given["text"])}
        if isinstance(given.get("data"), str):
            return {**_small(given), "data": given["data"] if len(given["data"]) <= MOST_ENCODED else ""}
        if isinstance(inner := given.get("resource"), dict):
            return {**_small(given), "resource": self._resource(inner)}
        # Longer than what is told of a kind that nobody knows, so that it is named as that.
        return given if len(_dumped(given)) <= UNREAD else {**_small(given), "more": "." * UNREAD}

    def contents(self, given: Any) -> Any:
        return self._resource(given) if isinstance(given, dict) else self.block(given)

    def message(self, given: Any) -> Any:
        """A picture in it is named, and never looked at."""
        content = given.get("content") if isinstance(given, dict) else None
        if not isinstance(content, dict):
            return self.block(given)
        block = self.block(content)
        return {**_small(given), "content": {**block, "data": ""} if "data" in block else block}

    def _text(self, text: str) -> str:
        kept = text[: self._room]
        self._room, self.unread = self._room - len(kept), self.unread + len(text) - len(kept)
        return kept

    def _resource(self, inner: dict[str, Any]) -> dict[str, Any]:
        kept = _small(inner)
        if isinstance(inner.get("text"), str):
            kept["text"] = self._text(inner["text"])
        if isinstance(inner.get("blob"), str):
            kept["blob"] = inner["blob"] if len(inner["blob"]) <= MOST_ENCODED else ""
        return kept


def _small(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if len(_dumped(value)) <= UNREAD}
