"""Numbers that the model wants to be seen: a fenced ``chart`` with a table in it, drawn by Slack where it fits.

Limits: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block. Segments and series are held to the
fewest that anybody saw refused.
"""

import re
from collections.abc import Sequence
from typing import Any

from bot.slack.screens.blocks.text import unescaped

NAME = "chart"
"""Of the fence."""
MOST_SERIES, MOST_SEGMENTS, MOST_POINTS = 6, 6, 20
LONGEST_TITLE, LONGEST_LABEL = 50, 20
_HEAD = re.compile(r"\s*(bar|line|area|pie)\s*:\s*(\S.*)", re.IGNORECASE)
_NUMBER = re.compile(
    r"([-\u2212+]?)\s*[$€£¥]?\s*(?:(\d{1,3}(?:,\d{3})+(?:\.\d+)?)|(\d{1,15}(?:[.,]\d+)?))\s*[%$€£¥]?",
)
_MARKS = re.compile(r"(\*\*|__|~~|`)(?=\S)((?:(?!\1).)+)(?<=\S)\1")
"""None of its kind stands inside: each is looked for no further than to the next."""


def parts(lines: Sequence[str]) -> tuple[str, str, list[str]]:
    """Kind, title and the lines of the table, of what stands within the fence; a bar chart where it names no kind."""
    told = [line for line in lines if line.strip()]
    head = _HEAD.fullmatch(told[0]) if told else None
    if head:
        return head[1].lower(), head[2].strip(), told[1:]
    named = told[:1] if told and not told[0].lstrip().startswith("|") else []
    return "bar", " ".join(named).strip(), told[len(named) :]


def block(kind: str, title: str, rows: Sequence[Sequence[str]]) -> dict[str, Any] | None:
    """``rows`` are cells: names first, then a label and a number for each series. None for what Slack cannot draw."""
    head, *points = [[plain(cell) for cell in row] for row in rows]
    labels = [row[0] for row in points if row]
    columns = [found for at in range(1, len(head)) if (found := _column(points, at)) is not None]
    if not _fits(head, labels, points) or len(columns) < len(head) - 1:
        return None
    drawn = {"type": "data_visualization", "title": (plain(title) or head[1])[:LONGEST_TITLE]}
    series = [[_point(label, value) for label, value in zip(labels, column, strict=True)] for column in columns]
    whole = len(series) == 1 and len(labels) <= MOST_SEGMENTS and min(columns[0]) > 0
    if kind == "pie" and whole:
        return {**drawn, "chart": {"type": kind, "segments": series[0]}}
    axes: dict[str, Any] = {"categories": labels} | ({"x_label": head[0]} if head[0] else {})
    named = [{"name": name, "data": data} for name, data in zip(head[1:], series, strict=True)]
    return {**drawn, "chart": {"type": "bar" if kind == "pie" else kind, "series": named, "axis_config": axes}}


def plain(cell: str) -> str:
    """Without marks, which are no marks there."""
    return unescaped(_MARKS.sub(r"\2", cell).replace("\\|", "|").replace("<br>", "\n"))


def number(cell: str) -> float | None:
    """«1,234.5», «2,8», «$3», «40 %»; None for what is no number."""
    found = _NUMBER.fullmatch(cell.strip())
    if found is None:
        return None
    value = float(found[2].replace(",", "") if found[2] else found[3].replace(",", "."))
    return -value if found[1] in ("-", "\u2212") else value


def _column(points: Sequence[Sequence[str]], at: int) -> list[float] | None:
    found = [number(row[at]) if at < len(row) else None for row in points]
    values = [each for each in found if each is not None]
    return values if len(values) == len(found) else None


def _point(label: str, value: float) -> dict[str, Any]:
    return {"label": label, "value": int(value) if value == int(value) else value}


def _fits(head: Sequence[str], labels: Sequence[str], points: Sequence[Sequence[str]]) -> bool:
    names = [*labels, *head[1:]]
    return (
        1 <= len(head) - 1 <= MOST_SERIES
        and 1 <= len(points) <= MOST_POINTS
        and all(0 < len(each) <= LONGEST_LABEL for each in names)
        and len(head[0]) <= LONGEST_TITLE
        and len(set(labels)) == len(points) == len(labels)
        and len(set(head[1:])) == len(head) - 1
    )
