"""What Slack takes as a chart; the SDK's models do not know it yet.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
"""

from collections.abc import Iterator
from typing import Any

from playground.slack.block_kit.specs import many, one_of, shape, string

MOST = 2
"""In one message."""


def number(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        yield f"{path}: must be a number"


POINT = shape({"label": string(20), "value": number})
SERIES = shape({"name": string(20), "data": many(1, 20, POINT)})
AXES = shape({"categories": many(1, 20, string(20)), "x_label?": string(50), "y_label?": string(50)})
PIE = shape({"segments": many(1, 6, POINT)})
PLOT = shape({"series": many(1, 6, SERIES), "axis_config": AXES})
FRAME = shape({"title": string(50), "chart": lambda path, value: _chart(path, value)})


def chart(path: str, value: Any) -> Iterator[str]:
    yield from FRAME(path, value)


def _chart(path: str, value: Any) -> Iterator[str]:
    kind = value.get("type") if isinstance(value, dict) else None
    yield from one_of("bar", "line", "area", "pie")(f"{path}/type", kind)
    complaints = list((PIE if kind == "pie" else PLOT)(path, value))
    yield from complaints
    if not complaints:
        yield from _of_pie(path, value) if kind == "pie" else _of_plot(path, value)


def _of_pie(path: str, value: Any) -> Iterator[str]:
    if any(each["value"] <= 0 for each in value["segments"]):
        yield f"{path}/segments: values must be positive"


def _of_plot(path: str, value: Any) -> Iterator[str]:
    categories, names = value["axis_config"]["categories"], [each["name"] for each in value["series"]]
    if len(set(categories)) < len(categories) or len(set(names)) < len(names):
        yield f"{path}: categories and names of series must each be unique"
    if any([point["label"] for point in each["data"]] != categories for each in value["series"]):
        yield f"{path}/series: each must have exactly the categories, in their order"
