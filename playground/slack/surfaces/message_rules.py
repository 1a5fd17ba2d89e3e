"""What Slack demands of the content of a message, and of the pieces of a stream."""

import math

from playground.slack.block_kit.checking import check
from playground.slack.core.changes import Json
from playground.slack.core.refusal import Refused

LONGEST_MARKDOWN, LONGEST_TASK_FIELD = 12_000, 256
TASK_STATES = ("pending", "in_progress", "complete", "error")


def require_content(args: Json, longest_text: float = math.inf) -> None:
    if args.get("markdown_text") and (args.get("text") or args.get("blocks")):
        raise Refused("markdown_text_conflict")
    if not any(args.get(key) for key in ("text", "blocks", "markdown_text", "attachments")):
        raise Refused("no_text")
    if len(args.get("text") or "") > longest_text or len(args.get("markdown_text") or "") > LONGEST_MARKDOWN:
        raise Refused("msg_too_long")
    require_blocks(args.get("blocks"))


def require_blocks(blocks: object) -> None:
    if not blocks:
        return
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if complaints := check(blocks, "message"):
        raise Refused("invalid_blocks", *complaints)


def require_chunks(chunks: object) -> None:
    if not isinstance(chunks, list) or not all(isinstance(chunk, dict) for chunk in chunks):
        raise Refused("invalid_chunks", "[ERROR] chunks must be an array of objects")
    complaints = [
        f"[ERROR] {problem} [json-pointer:/chunks/{i}]" for i, c in enumerate(chunks) for problem in _wrong(c)
    ]
    if complaints:
        raise Refused("invalid_chunks", *complaints)
    for chunk in chunks:
        if chunk["type"] == "blocks":
            require_blocks(chunk["blocks"])


def _wrong(chunk: Json) -> list[str]:
    match chunk.get("type"):
        case "markdown_text":
            return _text(chunk, "text", LONGEST_MARKDOWN)
        case "plan_update":
            return _text(chunk, "title", LONGEST_TASK_FIELD)
        case "task_update":
            return _wrong_task(chunk)
        case "blocks":
            return [] if chunk.get("blocks") else ["missing required field: blocks"]
        case kind:
            return [f"unsupported type: {kind}"]


def _wrong_task(chunk: Json) -> list[str]:
    found = _text(chunk, "id", 255) + _text(chunk, "title", LONGEST_TASK_FIELD)
    for name in ("details", "output"):
        found += _text(chunk, name, LONGEST_TASK_FIELD) if chunk.get(name) else []
    if chunk.get("status", "pending") not in TASK_STATES:
        found.append(f"status must be one of {', '.join(TASK_STATES)}")
    sources = chunk.get("sources") or []
    if not all(isinstance(s, dict) and s.get("type") == "url" and s.get("url") and s.get("text") for s in sources):
        found.append("sources must be objects of type url with a url and a text")
    return found


def _text(chunk: Json, name: str, longest: int) -> list[str]:
    value = chunk.get(name)
    if not isinstance(value, str) or not value:
        return [f"missing required field: {name}"]
    return [f"{name} is longer than {longest} characters"] if len(value) > longest else []
