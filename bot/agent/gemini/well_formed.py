"""Half a surrogate is no character: it cannot be sent, stored or shown, and becomes U+FFFD."""

import math
import re
from typing import Any

# A whole pair was one character already, wherever JSON was read.
HALF = re.compile("[\ud800-\udfff]")


def well_formed(value: Any) -> Any:
    """Any JSON, with the names in its objects."""
    if isinstance(value, str):
        return HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [well_formed(each) for each in value]
    if isinstance(value, dict):
        return {well_formed(name): well_formed(each) for name, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
