"""From a server's bytes to the JSON-RPC messages in them, whatever the envelope is like."""

import json
import math
import re
from itertools import islice
from typing import Any

from mcp import types
from pydantic import ValidationError

from storage.engines.plain_text import plain

RequestId = int | str

BARE = "usher/bare"
"""Holds a result that is no object, until what was asked for tells what it means."""
MAX_TOGETHER = 1000
"""Messages in one batch, or lines, that are looked at."""
MAX_VALUES = 200_000
"""Texts, and signs that begin or part values, in one message: of two letters each, they become a hundred bytes each,
and each costs a third of a microsecond of everybody's time to be read, checked and told."""
MAX_DIGITS = 300
"""Of a number; a longer one is beyond what a double can hold, which is what most of the world reads numbers as."""

# The SDK reads these, but nobody after it can: they are in no JSON. In a text, such as an image in base64, they mean
# nothing.
_UNSPEAKABLE = re.compile(rb"NaN|Infinity|[eE]\+?[0-9]{3}|[0-9]{301}")
_ALIKE = bytes.maketrans(b"E123456789", b"e000000000")
_SUSPECT = (b"e000", b"e+000", b"0" * (MAX_DIGITS + 1))
_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_VALUES = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[,\[{]', re.DOTALL)
_PARTS = (b",", b"[", b"{", b'"')


class TooManyValues(ValueError):
    """A message of a few megabytes would take a gigabyte, and seconds of everybody's time, to be read."""


class Written(bytes):
    """By our own process for what is large: nothing is to be looked for in it that JSON does not know, nor counted."""


def sound(raw: bytes) -> types.JSONRPCMessage | None:
    """The message, when there is nothing to mend about its envelope. Raises `TooManyValues`."""
    if isinstance(raw, Written):
        return as_message(raw)
    if sum(map(raw.count, _PARTS)) > MAX_VALUES and _has_too_many(raw):
        raise TooManyValues
    return None if _is_unspeakable(raw) else as_message(raw)


def _is_unspeakable(raw: bytes) -> bool:
    """A first look that is six times as fast as the search finds nothing in almost all that is sent."""
    alike = raw.translate(_ALIKE)
    if not (b"NaN" in raw or b"Infinity" in raw or any(each in alike for each in _SUSPECT)):
        return False
    return _UNSPEAKABLE.search(_TEXTS.sub(b'""', raw)) is not None


def _has_too_many(raw: bytes) -> bool:
    """Looked at closely: what stands in a text, as the commas of a table, is one value."""
    return next(islice(_VALUES.finditer(raw), MAX_VALUES, None), None) is not None


def messages_in(raw: bytes) -> list[types.JSONRPCMessage]:
    """Those that it holds, mended where they have to be; none when it is something else. Raises `TooManyValues`."""
    if (message := sound(raw)) is not None:
        return [message]
    return [message for each in mended(raw) if (message := as_message(encoded(each))) is not None]


def as_message(raw: bytes) -> types.JSONRPCMessage | None:
    """The message that this is; None when the SDK takes it for none."""
    if not raw.lstrip().startswith(b"{"):
        return None  # of a batch of thousands it would name each fault
    try:
        return types.jsonrpc_message_adapter.validate_json(raw, by_name=False)
    except ValidationError:
        return None


def mended(raw: bytes, asked: RequestId | None = None) -> list[dict[str, Any]]:
    """The messages in it: one, the first of a batch, or none when it is something else, such as a line for a log.

    ``asked``: what an answer without an id answers.
    """
    text = raw.decode("utf-8-sig", "replace")
    whole = _documents(text)
    # One a line, or the warnings of an interpreter before it.
    lines = text.splitlines()[:MAX_TOGETHER] if not whole and "\n" in text.strip() else []
    found = whole or [one for line in lines for one in _documents(line)]
    several = [one for each in found for one in (each if isinstance(each, list) else [each])][:MAX_TOGETHER]
    return [message for each in several if isinstance(each, dict) and (message := _message(each, asked)) is not None]


def _documents(text: str) -> list[Any]:
    """The JSON value that this is, or none."""
    try:
        return [json.loads(text, parse_constant=_nothing, parse_float=_float, parse_int=_int)]
    except (ValueError, RecursionError):
        return []


def encoded(message: dict[str, Any]) -> bytes:
    """Half a surrogate pair, as of an emoji that JavaScript has cut in two, becomes U+FFFD: no UTF-8 can hold it."""
    return plain(json.dumps(message, ensure_ascii=False, separators=(",", ":"))).encode()


def _message(given: dict[str, Any], asked: RequestId | None) -> dict[str, Any] | None:
    number, method = _id(given.get("id")), given.get("method")
    if isinstance(method, str):
        return _request(number, method, given.get("params"))
    if "jsonrpc" not in given and "id" not in given:
        return None  # a heartbeat, a line of a log
    number = asked if number is None else number
    if given.get("error") or ("error" in given and given.get("result") is None):
        return {"jsonrpc": "2.0", "id": number, "error": _error(given["error"])}
    if "result" not in given or number is None:
        return None
    result = given["result"]
    kept = result if isinstance(result, dict) else {} if result is None else {BARE: result}
    return {"jsonrpc": "2.0", "id": number, "result": kept}


def _request(number: RequestId | None, method: str, params: Any) -> dict[str, Any]:
    numbered = {} if number is None else {"id": number}
    return {"jsonrpc": "2.0", **numbered, "method": method, **({"params": params} if isinstance(params, dict) else {})}


def _error(given: Any) -> dict[str, Any]:
    """An error may be a bare text, or lack its code or its message."""
    if not isinstance(given, dict):
        given = {"message": given}
    message = given.get("message")
    said = message if isinstance(message, str) else "no reason given" if message is None else json.dumps(message)
    code = given.get("code")
    try:
        number = int(code) if isinstance(code, (int, float, str)) else types.INTERNAL_ERROR
    except (ValueError, OverflowError):
        number = types.INTERNAL_ERROR
    data = {"data": given["data"]} if given.get("data") is not None else {}
    return {"code": number, "message": said, **data}


def _id(given: Any) -> RequestId | None:
    if isinstance(given, float) and given.is_integer():
        return int(given)
    return given if isinstance(given, (int, str)) and not isinstance(given, bool) else None


def _nothing(word: str) -> None:
    """NaN and the infinities, as JavaScript writes them."""


def _float(digits: str) -> float | str:
    return number if math.isfinite(number := float(digits)) else digits


def _int(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits
