"""Thought signatures: opaque bytes that only the model that issued them takes back."""

import binascii
import hashlib
import hmac
import os

from playground.gemini.wire import Json, decoded

PLACEHOLDER = b"skip_thought_signature_validator"
KEY = b"the local Gemini signs so that it knows its own words again after a restart"
NONCE = 12


class Signatures:
    """Those of scripts are remembered; those made here can be told by their own mark, also after a restart."""

    def __init__(self) -> None:
        self.scripted: set[bytes] = set()

    def sign(self, model: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + _mark(model, nonce)

    def remember(self, parts: list[Json]) -> None:
        self.scripted |= {decoded(part["thoughtSignature"]) for part in parts if "thoughtSignature" in part}

    def genuine(self, signature: str, model: str) -> bool:
        try:
            given = decoded(signature)
        except (binascii.Error, ValueError):
            return False
        if given == PLACEHOLDER or given in self.scripted:
            return True
        return hmac.compare_digest(given[NONCE:], _mark(model, given[:NONCE]))


def _mark(model: str, nonce: bytes) -> bytes:
    return hmac.new(KEY, model.encode() + b"\0" + nonce, hashlib.sha256).digest()
