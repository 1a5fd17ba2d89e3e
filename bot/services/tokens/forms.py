"""Secrets that name themselves, catch typos, and are only ever kept as a hash."""

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
import zlib
from enum import StrEnum

_BODY = 43  # 32 bytes in unpadded base64url
_CHECK = 6
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE = re.compile(rf"(tc|ts|tk)_[A-Za-z0-9_-]{{{_BODY}}}[0-9A-Za-z]{{{_CHECK}}}", re.ASCII)
_COPIED = re.compile(rf"ush[pi]_[0-9A-Za-z]{{{_BODY + _CHECK}}}", re.ASCII)
"""What people and programs copy: one double click takes all of it, and scanners of leaked secrets know it."""


class Kind(StrEnum):
    LINK = "tc"
    SESSION = "ts"
    TICKET = "tk"
    PERSONAL = "ushp"
    """By which a member's own programs act for them."""
    INTERNAL = "ushi"
    """By which Usher's own do."""


COPIED = (Kind.PERSONAL, Kind.INTERNAL)


def mint(kind: Kind) -> str:
    """A new secret of 256 random bits."""
    if kind in COPIED:
        return _written(kind, _base62(int.from_bytes(secrets.token_bytes(32)), _BODY))
    return _written(kind, secrets.token_urlsafe(32))


def derive(kind: Kind, key: bytes, *parts: str) -> str:
    """The same secret for the same parts, so that a request sent twice can be answered twice alike."""
    told = "\0".join((kind, *parts)).encode()
    digest = hmac.new(key, told, hashlib.sha256).digest()
    return _written(kind, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


def parse(text: str, kind: Kind) -> str | None:
    """The token when it is well formed and of this kind; junk never reaches the database."""
    if not (_COPIED if kind in COPIED else _SHAPE).fullmatch(text) or not text.startswith(f"{kind}_"):
        return None
    body, check = text[len(kind) + 1 : -_CHECK], text[-_CHECK:]
    return text if hmac.compare_digest(check, _checksum(kind, body)) else None


def at_rest(token: str) -> bytes:
    """What a table stores; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def matches(token: str, stored: bytes) -> bool:
    return hmac.compare_digest(at_rest(token), stored)


def server_key(master: bytes, use: str) -> bytes:
    """A key for one use, made from the master key, so that none serves two."""
    return hmac.new(master, f"usher:{use}".encode(), hashlib.sha256).digest()


def _written(kind: Kind, body: str) -> str:
    return f"{kind}_{body}{_checksum(kind, body)}"


def _checksum(kind: Kind, body: str) -> str:
    # Bound to the kind: a session's secret pasted as a link fails here already.
    return _base62(zlib.crc32(f"{kind}_{body}".encode()), _CHECK)


def _base62(number: int, width: int) -> str:
    written = ""
    for _ in range(width):
        number, digit = divmod(number, len(_ALPHABET))
        written = _ALPHABET[digit] + written
    return written


def digits(code: str) -> str:
    """Of any script, without what people put between them."""
    return "".join(str(unicodedata.digit(each)) for each in code[:40] if each.isdigit())
