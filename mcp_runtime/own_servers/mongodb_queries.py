"""What a member's agent may ask of MongoDB: extended JSON without code, and pipelines that only read.

Stages are named one by one. $out and $merge write; $where, $function and $accumulator run code.
"""

from collections.abc import Iterator
from typing import Any

from bson import json_util
from mcp.server.mcpserver.exceptions import ToolError

STAGES = frozenset(
    """
    $addFields $bucket $bucketAuto $count $densify $facet $fill $geoNear $graphLookup $group $limit $lookup
    $match $project $redact $replaceRoot $replaceWith $sample $search $searchMeta $set $setWindowFields $skip
    $sort $sortByCount $unionWith $unset $unwind $vectorSearch
    """.split()  # noqa: SIM905  as lines to read
)
CODE = ("$where", "$function", "$accumulator", "$out", "$merge")
NOT_ALLOWED = "{} is not allowed here: it runs code or writes."


def parsed(text: str, kind: type) -> Any:
    """Extended JSON, in which {"$oid": "…"} and {"$date": "…"} stand for what JSON has no form for."""
    try:
        value = json_util.loads(text)
    except (ValueError, TypeError) as error:
        raise ToolError(f"This is no JSON: {error}") from error
    if not isinstance(value, kind):
        raise ToolError(f"This has to be {'a list' if kind is list else 'an object'} in JSON.")
    if found := next((key for key in _keys(value) if key in CODE), None):
        raise ToolError(NOT_ALLOWED.format(found))
    return value


def stages(pipeline: list[Any]) -> None:
    """Raises `ToolError` for a stage that may do more than read, in whatever pipeline inside it stands."""
    for stage in pipeline:
        if not isinstance(stage, dict) or len(stage) != 1:
            raise ToolError('Each stage is an object with one key, such as {"$match": {}}.')
        [(name, inner)] = stage.items()
        if name not in STAGES:
            raise ToolError(NOT_ALLOWED.format(name))
        nested = inner.values() if name == "$facet" and isinstance(inner, dict) else []
        within = [inner.get("pipeline")] if name in ("$lookup", "$unionWith") and isinstance(inner, dict) else []
        for each in (*nested, *within):
            if each is not None:
                stages(each if isinstance(each, list) else [each])


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for each in value:
            yield from _keys(each)
