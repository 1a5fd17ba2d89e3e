"""What a call is going to cost, in the question before it."""

from collections.abc import Mapping
from typing import Any

from bot.services.limits.prices import in_words
from bot.slack.screens.blocks.text import safe
from bot.slack.screens.spending.amounts import dollars

COSTS = ":moneybag: A call of it may cost money."
UNKNOWN = ":moneybag: *What it costs is not known*, and so I ask before each call of it."
SOURCES = {
    "card": "by what is known of this tool",
    "argument": "at most, by what is asked for",
    "dry_run": "by a trial run, which the service made for nothing",
}
_BYTES = ("bytes", "kB", "MB", "GB", "TB", "PB")


def price(estimate: Mapping[str, Any]) -> str:
    """«About $0.40, 3 GB»; where nobody knows it says so, and never nothing."""
    money, limit = estimate["money"], estimate["asks_from"]
    if money is None:
        return UNKNOWN
    cost = in_words(money)
    parts = [cost[0].upper() + cost[1:]]
    if estimate["units"] is not None and estimate["unit"]:
        parts.append(_amount(estimate["units"], estimate["unit"]))
    told = f":moneybag: *{', '.join(parts)}*"
    if source := SOURCES.get(estimate["source"], ""):
        told += f", {source}"
    told += f". I ask before each call that costs {dollars(limit)} or more." if money >= limit else "."
    today = estimate.get("today", 0)
    return f"{told} Calls have cost you {in_words(today)} today (UTC)." if today else told


def _amount(units: int, unit: str) -> str:
    if unit != "bytes":
        return f"{units:,} {safe(unit, 20)}"
    size, name = float(units), 0
    while size >= 999.5 and name < len(_BYTES) - 1:
        size, name = size / 1000, name + 1
    return f"{size:.0f} {_BYTES[name]}" if size >= 10 or not name else f"{size:.1f} {_BYTES[name]}".replace(".0 ", " ")
