"""What a text says once it is decoded: percent signs, entities, escapes, base64 and hexadecimal; pure."""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote_plus

DEEP, LEAST = 3, 6
"""So often one within another; and letters that are no chance."""
_GAPS = re.compile(r"[\W_]+")
_BASE64 = (re.compile(r"[A-Za-z0-9+/]{12,}={0,2}"), re.compile(r"[A-Za-z0-9_-]{12,}={0,2}"))
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){6,}")
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})")


def normal(text: str) -> str:
    """Letters and digits alone, in one case and one shape."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _GAPS.sub("", plain.casefold())


def readings(text: str, deep: int = DEEP) -> Iterator[str]:
    """It, and what it says once it is decoded; the first is the text as it stands."""
    yield text
    if deep:
        for found in dict.fromkeys(_decoded(text)):
            yield from readings(found, deep - 1)


def _decoded(text: str) -> Iterator[str]:
    for told in (unquote_plus(text) if "%" in text else text, html.unescape(text) if "&" in text else text):
        if told != text:
            yield told
    if "\\" in text and (told := _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)) != text:
        yield told
    joined = "".join(text.split())  # as mail wraps it
    for told in dict.fromkeys([text, joined]):
        for pattern in _BASE64:
            for token in pattern.findall(told):
                yield from _readable(_from_base64(token))
        for token in _HEX.findall(told):
            yield from _readable(bytes.fromhex(token))


def _from_base64(token: str) -> bytes:
    body = token.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return b""


def _readable(content: bytes) -> Iterator[str]:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return
    if len(normal(text)) >= LEAST and all(each.isprintable() or each.isspace() for each in text):
        yield text
