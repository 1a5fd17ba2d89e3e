"""Check a Block Kit payload: published limits, rules across blocks, and the SDK's own models."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from playground.slack.block_kit.charts import MOST
from playground.slack.block_kit.limits import (
    BLOCKS,
    FRAMES,
    LARGEST_VIEW,
    LONGEST_BLOCKS,
    LONGEST_MARKDOWN,
    MOST_BLOCKS,
    NOT_ON,
    Surface,
)
from playground.slack.block_kit.specs import anything
from playground.slack.core.changes import Json


def check(payload: Json | list[Json], surface: Surface) -> list[str]:
    """All complaints about a message, modal or home view; a bare list of blocks is checked without its frame."""
    frame = payload if isinstance(payload, dict) else None
    blocks = payload if isinstance(payload, list) else payload.get("blocks") or []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return ["/blocks: must be objects"]
    found = [] if frame is None else list(FRAMES[surface]("", frame))
    found += _of_the_whole(payload, frame, blocks, surface)
    found += [f"/blocks: block_id {name!r} appears twice" for name in _repeated(blocks, "block_id")]
    for index, block in enumerate(blocks):
        found += _of_block(f"/blocks/{index}", block, surface)
    return found + _of_the_sdk(frame, blocks, surface)


def _of_the_whole(payload: Any, frame: Json | None, blocks: list[Json], surface: Surface) -> Iterator[str]:
    kinds = [block.get("type") for block in blocks]
    markdown = sum(len(block.get("text") or "") for block in blocks if block.get("type") == "markdown")
    rules = {
        "/text: required, screen readers read it": surface == "message" and frame is not None and not frame.get("text"),
        f"/blocks: a message holds at most {MOST_BLOCKS}": surface == "message" and len(blocks) > MOST_BLOCKS,
        "/blocks: a message holds at most 1 table": kinds.count("table") > 1,
        f"/blocks: a message holds at most {MOST} charts": kinds.count("data_visualization") > MOST,
        "/submit: required with inputs": surface == "modal" and "input" in kinds and frame and not frame.get("submit"),
        "/blocks: markdown exceeds 12,000 characters in sum": markdown > LONGEST_MARKDOWN,
        "/blocks: texts exceed 12,000 characters in sum": surface == "message" and _texts(blocks) > LONGEST_BLOCKS,
        "/: larger than 250 KB": len(json.dumps(payload)) > LARGEST_VIEW,
    }
    yield from (complaint for complaint, broken in rules.items() if broken)


def _texts(part: Any) -> int:
    if isinstance(part, list):
        return sum(map(_texts, part))
    if not isinstance(part, dict):
        return 0
    own = part.get("text")
    return (len(own) if isinstance(own, str) else 0) + sum(map(_texts, part.values()))


def _of_block(path: str, block: Json, surface: Surface) -> Iterator[str]:
    kind = block.get("type") or ""
    if kind not in BLOCKS or kind in NOT_ON[surface]:
        yield f"{path}: {kind!r} is not available on a {surface}"
    if "block_id" in block and not (isinstance(block["block_id"], str) and 0 < len(block["block_id"]) <= 255):
        yield f"{path}/block_id: must be a string of 1..255 characters"
    yield from BLOCKS.get(kind, anything)(path, block)
    parts = [*(block.get("elements") or []), block.get("element"), block.get("accessory")]
    parts = [part for part in parts if isinstance(part, dict)]
    yield from (f"{path}: action_id {name!r} appears twice" for name in _repeated(parts, "action_id"))
    if sum(part.get("style") == "primary" for part in parts) > 1:
        yield f"{path}: more than one primary button"
    for part in parts:
        yield from _of_presets(path, part)


def _of_presets(path: str, part: Json) -> Iterator[str]:
    preset = part.get("initial_options") or [option for option in [part.get("initial_option")] if option]
    if part.get("options") and any(option not in part["options"] for option in preset):
        yield f"{path}: an initial option is not among the options"
    if len(part.get("initial_value") or "") > part.get("max_length", 3000):
        yield f"{path}: initial_value is longer than max_length"


def _repeated(items: list[Json], key: str) -> list[str]:
    return [name for name, count in Counter(item.get(key) for item in items).items() if name and count > 1]


def _of_the_sdk(frame: Json | None, blocks: list[Json], surface: Surface) -> list[str]:
    try:
        if frame and surface != "message":
            View(**frame).to_dict()
        else:
            known = [block for block in blocks if block.get("type") != "data_visualization"]
            for block in Block.parse_all(known):
                block.to_dict()
    except Exception as problem:  # the models fail in many ways, all of them complaints
        return [f"/: slack_sdk: {problem}"]
    return []
