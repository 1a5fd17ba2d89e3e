"""Text that both databases can keep: PostgreSQL knows no NUL, and UTF-8 no lone surrogate."""

import json
import math
import re
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# An escaped NUL, but not the letters u0000 after an escaped backslash.
_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def plain(text: str) -> str:
    """The text with what cannot be stored replaced."""
    if "\0" in text:
        text = text.replace("\0", REPLACEMENT)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        # By way of UTF-16, so that two surrogates that belong together become their character.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def as_json(value: Any) -> str:
    """JSON for a column; guests, tools and models send what they like, so it is made plain here."""
    try:
        text = _json(value)
    except ValueError:
        text = _json(_sayable(value))
    return _ESCAPED_NUL.sub(rf"\1{REPLACEMENT}", text) if r"\u0000" in text else text


def as_kept(value: Any) -> Any:
    """What is read again of JSON that was stored."""
    return json.loads(plain(as_json(value)))


def _sayable(value: Any) -> Any:
    """JSON has no NaN and no infinity: null, as JavaScript writes them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key) if isinstance(key, float) else key: _sayable(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_sayable(each) for each in value]
    return value


def without_nul(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> tuple[str, Any]:
    """SQLAlchemy's hook before each statement: a NUL in a message must not become an error of ours."""
    # Not by ``many``: rows inserted together by one statement come as one flat row.
    if isinstance(parameters, list):
        return statement, [_plain_row(row) for row in parameters]
    return statement, _plain_row(parameters)


def _plain_row(row: Any) -> Any:
    if isinstance(row, dict):
        return {name: plain(value) if isinstance(value, str) else value for name, value in row.items()}
    return tuple([plain(value) if isinstance(value, str) else value for value in row])
