"""Results of calls: whatever shape the answer has, what can be read of it is read, and the rest is named."""

from collections.abc import Iterable, Iterator
from typing import Any

from mcp import types
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcp_runtime.left_out import MARK
from mcp_runtime.transports.mending.blocks import block, is_text
from mcp_runtime.transports.mending.messages import BARE

NOTES = "usher/notes"
"""In a result's ``_meta``: sentences for the model about what was left out or taken another way."""
MAX_BLOCKS = 2000
MAX_APART = 200
"""Blocks, beyond which texts that follow one another are one: each block costs the event loop its time twice."""
MAX_OTHERS = 300
"""Blocks that are no text: of pictures and links a few are told."""
FEWER = "It has more than {} files, links and blocks of other kinds, and those beyond that are left out."
BEYOND = "It has {} blocks, and only the first {} are told."
OURS = ("content", "structuredContent", "isError", "_meta", "resultType", "toolResult")
KNOWN, ASKS = (None, "complete"), "input_required"
"""What is a result, and a question. Any other kind is none, says the protocol: it may be a receipt for what goes on."""
UNREADABLE = "a result of a kind that Usher does not know"
NO = ("", "0", "false", "no", "null", "none")


def mended_result(result: dict[str, Any], version: str) -> None:
    """In place. A question stays as it is; of a kind that nobody knows nothing can be read."""
    modern = version in MODERN_PROTOCOL_VERSIONS
    if modern and (kind := result.get("resultType")) not in KNOWN:
        if kind != ASKS:
            result["content"] = UNREADABLE  # the SDK reads it as an answer all the same, and believes what it finds
        return
    meta = result["_meta"] if isinstance(result.get("_meta"), dict) else {}
    meta.pop(NOTES, None)  # nobody else's
    cut = result.pop(MARK, None) or {}
    if BARE in result:
        _unwrap(result)
    if result.get("content") is None and result.get("structuredContent") is None:
        _look_elsewhere(result)
    notes: list[str] = []
    content = _list(result.get("content"))
    result["content"] = _joined(_bounded(content[:MAX_BLOCKS], version, notes))
    if (blocks := max(len(content), cut.get("blocks", 0))) > MAX_BLOCKS:
        notes.append(BEYOND.format(blocks, MAX_BLOCKS))
    if cut.get("unread"):
        meta[MARK] = cut["unread"]
    _mend_flags(result)
    result.pop("resultType", None)
    if modern:
        result["resultType"] = "complete"
    if notes:
        meta[NOTES] = notes[:10]
    if meta:
        result["_meta"] = meta
    else:
        result.pop("_meta", None)


def _bounded(content: list[Any], version: str, notes: list[str]) -> Iterator[dict[str, Any]]:
    others = 0
    for given in content:
        others += not is_text(given)
        if (others <= MAX_OTHERS or is_text(given)) and (each := block(given, version, notes)) is not None:
            yield each
    if others > MAX_OTHERS:
        notes.insert(0, FEWER.format(MAX_OTHERS))


def _joined(blocks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """As a model is told them: each text on lines of its own."""
    kept: list[dict[str, Any]] = []
    texts: list[str] = []
    for each in blocks:
        if len(kept) >= MAX_APART and each["type"] == "text":
            texts.append(each["text"])
            continue
        if texts:
            kept.append({"type": "text", "text": "\n".join(texts)})
            texts.clear()
        kept.append(each)
    return [*kept, {"type": "text", "text": "\n".join(texts)}] if texts else kept


def notes_of(result: types.CallToolResult) -> list[str]:
    """What was noted when it came in."""
    return list((result.meta or {}).get(NOTES, ()))


def _unwrap(result: dict[str, Any]) -> None:
    """A result that is a bare text, number or list."""
    bare = result.pop(BARE)
    blocks = isinstance(bare, list) and all(isinstance(each, dict) and "type" in each for each in bare)
    if isinstance(bare, str) or (blocks and bare):
        result["content"] = bare
    else:
        result["structuredContent"] = bare


def _look_elsewhere(result: dict[str, Any]) -> None:
    """Neither content nor structured content: then what it is instead, under names of its own, is the answer."""
    if result.get("toolResult") is not None:  # as the first version of the protocol had it
        result["structuredContent"] = result["toolResult"]
    elif others := {key: result[key] for key in result if key not in OURS}:
        result["structuredContent"] = others


def _list(content: Any) -> list[Any]:
    if content is None:
        return []
    return content if isinstance(content, list) else [content]


def _mend_flags(result: dict[str, Any]) -> None:
    structured = result.get("structuredContent")
    if structured is None:
        result.pop("structuredContent", None)
    elif not isinstance(structured, dict):
        result["structuredContent"] = {"result": structured}
    failed = result.get("isError")
    if failed is None:
        result.pop("isError", None)
    elif isinstance(failed, str) and failed.strip().casefold() not in NO:
        result["isError"] = True
        if failed.strip().casefold() not in ("true", "yes", "1") and not result["content"]:
            result["content"] = [{"type": "text", "text": failed}]
    else:
        result["isError"] = not isinstance(failed, str) and bool(failed)
