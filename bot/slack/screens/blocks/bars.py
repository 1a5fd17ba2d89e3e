"""Bars made of signs, since Slack draws no charts in windows and in Home."""

from collections.abc import Sequence

WIDE = 12
_HEIGHTS = "▁▂▃▄▅▆▇█"


def bar(part: int, whole: int) -> str:
    """As much of its width as ``part`` is of ``whole``; a part that is there is always seen."""
    if whole <= 0:
        return "░" * WIDE
    filled = min(WIDE, max(round(WIDE * part / whole), 1 if part > 0 else 0))
    return "█" * filled + "░" * (WIDE - filled)


def columns(numbers: Sequence[int]) -> str:
    """One sign a number, all of one width in any type: the lowest for nothing, the highest for the largest."""
    most = max(numbers, default=0)
    above = len(_HEIGHTS) - 1
    return "".join(_HEIGHTS[0 if number <= 0 else -(-number * above // most)] for number in numbers)
